//! The states of a recharge, and the only ways between them.

use crate::order::Transition;
use crate::order::machine::{states, triggers};

states! {
    /// Where a recharge stands.
    State {
        Created = 0, "created", "order.created", true, "written down; the channel may or may not have it";
        Submitted = 1, "submitted", "order.submitted", true, "the payment content is handed to the payer";
        Waiting = 2, "waiting", "order.waiting", true, "the channel confirms that it waits for the payer";
        Paid = 3, "paid", "order.paid", false, "paid and credited";
        Completed = 4, "completed", "order.completed", false, "the merchant acknowledged the callback that says so";
        Closed = 5, "closed", "order.closed", false, "closed without a credit; `closed_reason` says why";
    }
}

triggers! {
    /// What moves a recharge.
    Trigger {
        Accepted = "channel accepted", "The channel took it, or the payer's browser brings it.";
        Refused = "channel refused", "The channel definitely refused it.";
        Waits = "channel waits for the payer", "The channel says that it waits for the payer.";
        Paid = "paid", "The right amount was paid.";
        ClosedByChannel = "closed by channel", "The channel says that it is closed.";
        Expired = "expired", "The time is over, and the channel has nothing.";
        ClosedByMerchant = "closed by merchant", "The merchant asked, and the channel has nothing.";
        LatePaid = "paid late", "The right amount was paid after it was closed, or a person applied it.";
        Resolved = "money decided on", "A person decided on its money in suspense, which is not the order's.";
        Acknowledged = "callback acknowledged", "The merchant acknowledged that it was paid.";
    }
}

/// Every step that there is. What is not here is refused.
pub const TRANSITIONS: &[Transition<State, Trigger>] = {
    use State::*;
    use Trigger as T;
    &[
        Transition(Created, T::Accepted, Submitted),
        Transition(Created, T::Refused, Closed),
        Transition(Created, T::Waits, Waiting),
        Transition(Created, T::Paid, Paid),
        Transition(Created, T::ClosedByChannel, Closed),
        Transition(Created, T::Expired, Closed),
        Transition(Created, T::ClosedByMerchant, Closed),
        Transition(Submitted, T::Waits, Waiting),
        Transition(Submitted, T::Paid, Paid),
        Transition(Submitted, T::ClosedByChannel, Closed),
        Transition(Submitted, T::Expired, Closed),
        Transition(Submitted, T::ClosedByMerchant, Closed),
        Transition(Waiting, T::Paid, Paid),
        Transition(Waiting, T::ClosedByChannel, Closed),
        Transition(Waiting, T::Expired, Closed),
        Transition(Waiting, T::ClosedByMerchant, Closed),
        Transition(Created, T::Resolved, Closed),
        Transition(Submitted, T::Resolved, Closed),
        Transition(Waiting, T::Resolved, Closed),
        Transition(Closed, T::LatePaid, Paid),
        Transition(Paid, T::Acknowledged, Completed),
    ]
};
