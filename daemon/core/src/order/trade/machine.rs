//! The states of a trade, and the only ways between them.

use crate::order::Transition;
use crate::order::machine::{states, triggers};

states! {
    /// Where a trade stands.
    State {
        Created = 0, "created", "order.created", true, "authorised: the payer's money is held, and waits to be captured";
        Settled = 3, "settled", "order.settled", false, "the payee has the money";
        Completed = 4, "completed", "order.completed", false, "the merchant acknowledged the callback that says so";
        Closed = 5, "closed", "order.closed", false, "voided or expired, the hold is released; `closed_reason` says why";
    }
}

triggers! {
    /// What moves a trade.
    Trigger {
        Settled = "paid at once", "A direct trade moved its money.";
        Captured = "captured", "The merchant captured it, partly or whole.";
        Voided = "voided", "The merchant gave it up.";
        Expired = "expired", "Nobody captured it in time.";
        Acknowledged = "callback acknowledged", "The merchant acknowledged that it is settled.";
    }
}

/// Every step that there is. What is not here is refused.
pub const TRANSITIONS: &[Transition<State, Trigger>] = {
    use State::*;
    use Trigger as T;
    &[
        Transition(Created, T::Settled, Settled),
        Transition(Created, T::Captured, Settled),
        Transition(Created, T::Voided, Closed),
        Transition(Created, T::Expired, Closed),
        Transition(Settled, T::Acknowledged, Completed),
    ]
};
