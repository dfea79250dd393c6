//! Where a trade stands.

use super::{CallbackFacts, Diagnosis, named, refunds, undelivered};
use crate::order::trade::State;
use crate::order::{ClosedReason, Trade};

/// Names where a trade stands.
pub(super) fn diagnose(order: &Trade, callback: &CallbackFacts) -> Diagnosis {
    let since = order.paid_at.unwrap_or(order.created_at);
    let unheard = undelivered(order.callbacks.last(), callback, since).filter(|u| u.code != "c3");
    if let Some(unheard) = unheard.filter(|_| order.state == State::Settled) {
        return unheard;
    }
    if let Some(refunded) = refunds(&order.refunds, since) {
        return refunded;
    }
    match order.state {
        State::Created => named("held", "authorised; captured, voided or expired next", since),
        State::Settled => undelivered(order.callbacks.last(), callback, since)
            .unwrap_or_else(|| named("paid", "settled", since)),
        State::Completed => named("paid", "settled, and acknowledged by the merchant", since),
        State::Closed if order.closed_reason == Some(ClosedReason::Expired) => {
            named("e1", "nobody captured it in time; the hold is released", since)
        }
        State::Closed => named("e3", "the merchant voided it; the hold is released", since),
    }
}
