//! The states of a withdrawal, and the only ways between them.

use crate::order::Transition;
use crate::order::machine::{states, triggers};

states! {
    /// Where a withdrawal stands.
    State {
        Created = 0, "created", "order.created", true, "the funds are held; the channel may or may not have it";
        Submitted = 1, "submitted", "order.submitted", true, "the channel took it";
        Working = 2, "working", "order.working", true, "the channel works on it";
        Paid = 3, "paid", "order.paid", false, "paid out";
        Completed = 4, "completed", "order.completed", false, "the merchant acknowledged the callback that says so";
        Closed = 5, "closed", "order.closed", false, "not paid out, the hold is released; `closed_reason` says why";
        Returned = 6, "returned", "order.returned", false, "the bank returned it after it was paid (退票); credited back";
    }
}

triggers! {
    /// What moves a withdrawal.
    Trigger {
        Accepted = "channel accepted", "The channel took it.";
        Works = "channel works on it", "The channel says that it works on it.";
        Paid = "paid out", "The channel says that it paid out.";
        Rejected = "definitely not paid out", "The channel definitely did not pay it out.";
        Cancelled = "cancelled", "The merchant cancelled it, and nothing had been sent.";
        Returned = "returned by the bank", "The bank returned it.";
        Acknowledged = "callback acknowledged", "The merchant acknowledged that it was paid out.";
    }
}

/// Every step that there is. What is not here is refused.
pub const TRANSITIONS: &[Transition<State, Trigger>] = {
    use State::*;
    use Trigger as T;
    &[
        Transition(Created, T::Accepted, Submitted),
        Transition(Created, T::Works, Working),
        Transition(Created, T::Paid, Paid),
        Transition(Created, T::Rejected, Closed),
        Transition(Created, T::Cancelled, Closed),
        Transition(Submitted, T::Works, Working),
        Transition(Submitted, T::Paid, Paid),
        Transition(Submitted, T::Rejected, Closed),
        Transition(Working, T::Paid, Paid),
        Transition(Working, T::Rejected, Closed),
        Transition(Paid, T::Acknowledged, Completed),
        Transition(Paid, T::Returned, Returned),
        Transition(Completed, T::Returned, Returned),
    ]
};
