//! The states of a refund, and the only ways between them.

use crate::order::Transition;
use crate::order::machine::{states, triggers};

states! {
    /// Where a refund stands.
    State {
        Requested = 0, "requested", "order.created", true, "the money is held; the channel may or may not have it";
        Submitted = 1, "submitted", "order.submitted", true, "the channel took it";
        Working = 2, "working", "order.working", true, "the channel works on it (d2)";
        Refunded = 3, "refunded", "order.refunded", false, "the payer has it back (d1)";
        Completed = 4, "completed", "order.completed", false, "the merchant acknowledged the callback that says so";
        Failed = 5, "failed", "order.failed", false, "definitely not given back, the hold is released (d3)";
    }
}

triggers! {
    /// What moves a refund.
    Trigger {
        Accepted = "channel accepted", "The channel took it.";
        Works = "channel works on it", "The channel says that it works on it.";
        Refunded = "refunded", "The payer has it back.";
        Failed = "definitely failed", "The channel definitely did not give it back.";
        Acknowledged = "callback acknowledged", "The merchant acknowledged that it is refunded.";
    }
}

/// Every step that there is. What is not here is refused.
pub const TRANSITIONS: &[Transition<State, Trigger>] = {
    use State::*;
    use Trigger as T;
    &[
        Transition(Requested, T::Accepted, Submitted),
        Transition(Requested, T::Works, Working),
        Transition(Requested, T::Refunded, Refunded),
        Transition(Requested, T::Failed, Failed),
        Transition(Submitted, T::Works, Working),
        Transition(Submitted, T::Refunded, Refunded),
        Transition(Submitted, T::Failed, Failed),
        Transition(Working, T::Refunded, Refunded),
        Transition(Working, T::Failed, Failed),
        Transition(Refunded, T::Acknowledged, Completed),
    ]
};
