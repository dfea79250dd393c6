//! Where a recharge stands.

use super::{CallbackFacts, Diagnosis, named, refunds, undelivered};
use crate::observation::Presence;
use crate::order::recharge::State;
use crate::order::{AttemptState, ClosedReason, Recharge};
use crate::time::Timestamp;

/// Names where a recharge stands.
pub(super) fn diagnose(order: &Recharge, callback: &CallbackFacts) -> Diagnosis {
    let flagged = |flag: &str| order.flags.contains(flag);
    let paid_at = order.paid_at.unwrap_or(order.created_at);
    let waits = order.undecided > 0;
    if waits && flagged("paid_twice") {
        return named("twice", "another payment of this order waits in suspense", paid_at);
    }
    if waits && flagged("amount_mismatch") {
        return named("mismatch", "a payment of another amount waits in suspense", order.created_at);
    }
    let unheard = undelivered(order.callbacks.last(), callback, paid_at).filter(|u| u.code != "c3");
    if let Some(unheard) = unheard.filter(|_| order.state == State::Paid) {
        return unheard;
    }
    if let Some(refunded) = refunds(&order.refunds, paid_at) {
        return refunded;
    }
    match order.state {
        State::Created | State::Submitted | State::Waiting => open(order),
        State::Paid => paid(order, callback, paid_at),
        State::Completed if flagged("late") => {
            named("late", "paid after it was closed; credited, and the merchant knows", paid_at)
        }
        State::Completed if !order.details.notified => named(
            "c1",
            "found by asking the channel; its notification never came; the merchant knows",
            paid_at,
        ),
        State::Completed => named("c2", "paid, credited, and acknowledged by the merchant", paid_at),
        State::Closed if waits && flagged("late") => {
            named("late", "paid after it was closed; the money waits in suspense", paid_at)
        }
        State::Closed if flagged("applied") => named(
            "mismatch",
            "another amount was paid, and credited to the user as a person decided",
            paid_at,
        ),
        State::Closed if flagged("amount_mismatch") => {
            named("mismatch", "another amount was paid; a person decided on it", paid_at)
        }
        State::Closed => closed(order),
    }
}

fn open(order: &Recharge) -> Diagnosis {
    let Some(attempt) = order.attempt() else { return named("a", "no channel was asked", order.created_at) };
    if let Some(since) = attempt.unknown_since {
        let text = format!("no usable answer since {since}; last: {} {}", attempt.code, attempt.message);
        return named("u", &text, since);
    }
    let since = attempt.answered_at.unwrap_or(attempt.sent_at);
    match (attempt.state, attempt.presence) {
        (AttemptState::Sending, None) => named("a", "being handed to the channel", since),
        (_, Some(Presence::Unpaid)) => named("b", "the channel waits for the payer", since),
        (_, Some(Presence::NotFound)) => {
            named("a", "the payer has not opened the payment; the channel knows nothing yet", since)
        }
        (_, None) => named("a", "handed to the payer, who has not opened it as far as we know", since),
        _ => named("b", "the channel has it", since),
    }
}

fn paid(order: &Recharge, callback: &CallbackFacts, paid_at: Timestamp) -> Diagnosis {
    if let Some(undelivered) = undelivered(order.callbacks.last(), callback, paid_at) {
        return undelivered;
    }
    if order.flags.contains("late") {
        named("late", "paid after it was closed; credited", paid_at)
    } else if !order.details.notified {
        named("c1", "found by asking the channel; credited", paid_at)
    } else {
        named("c2", "paid and credited", paid_at)
    }
}

fn closed(order: &Recharge) -> Diagnosis {
    let since = order.attempt().and_then(|a| a.answered_at).unwrap_or(order.created_at);
    match order.closed_reason {
        Some(ClosedReason::Expired) => named("e1", "nobody paid in time", since),
        Some(ClosedReason::ClosedByMerchant) => named("e3", "the merchant closed it", since),
        Some(ClosedReason::RefusedByChannel) => {
            let attempt = order.attempt();
            let why = attempt.map(|a| format!("{} {}", a.code, a.message)).unwrap_or_default();
            named("e2", &format!("the channel refused it: {why}"), since)
        }
        _ => named("e2", "the channel closed it", since),
    }
}
