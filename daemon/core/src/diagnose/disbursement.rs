//! Where a withdrawal or a refund stands: money on its way out through a channel.

use super::{CallbackFacts, Diagnosis, named, undelivered};
use crate::order::{Attempt, AttemptState, ClosedReason, Refund, Withdraw, refund, withdraw};
use crate::time::Timestamp;

/// Names where a withdrawal stands.
pub(super) fn withdraw(order: &Withdraw, callback: &CallbackFacts) -> Diagnosis {
    use withdraw::State;
    let since = order.paid_at.unwrap_or(order.created_at);
    let decided = ["charged", "returned"].iter().any(|flag| order.flags.contains(*flag));
    if order.flags.contains("paid_out_after_release") && !decided {
        return named("uncovered", "the channel paid out after the hold had ended; a person decides", since);
    }
    if order.flags.contains("amount_mismatch") {
        return named("mismatch", "the channel speaks of another amount; nothing is booked on that", since);
    }
    if order.flags.contains("contradicted") {
        return named(
            "contradicted",
            "paid out by the channel's word, and then not; no money moved on that",
            since,
        );
    }
    match order.state {
        State::Created if order.is_unsent() => named("a", "not sent yet; it can be cancelled", since),
        State::Created | State::Submitted | State::Working => {
            open(order.attempt(), since).unwrap_or_else(|| named("working", "the channel works on it", since))
        }
        State::Paid => undelivered(order.callbacks.last(), callback, since)
            .unwrap_or_else(|| named("paid", "paid out", since)),
        State::Completed => named("paid", "paid out, and acknowledged by the merchant", since),
        State::Closed if order.closed_reason == Some(ClosedReason::Cancelled) => {
            named("cancelled", "the merchant cancelled it; the hold is released", since)
        }
        State::Closed if order.flags.contains("returned") => {
            named("returned", "it went out after the hold had ended, and the bank returned it", since)
        }
        State::Closed if order.flags.contains("charged") => {
            named("paid", "it went out after the hold had ended; the user was charged for it", since)
        }
        State::Closed => {
            let why = order.attempt().map(|a| format!("{} {}", a.code, a.message)).unwrap_or_default();
            named("rejected", &format!("the channel did not pay it out: {why}; the hold is released"), since)
        }
        State::Returned => named("returned", "the bank returned it (退票); credited back to the user", since),
    }
}

/// Names where a refund stands.
pub(super) fn refund(order: &Refund, callback: &CallbackFacts) -> Diagnosis {
    use refund::State;
    let since = order.paid_at.unwrap_or(order.created_at);
    if order.flags.contains("contradicted") {
        return named(
            "contradicted",
            "given back by the channel's word, and then not; no money moved on that",
            since,
        );
    }
    match order.state {
        State::Requested if order.details.sending.tries == 0 => named("a", "not sent yet", since),
        State::Requested | State::Submitted | State::Working => open(order.attempt(), since)
            .map(pending)
            .unwrap_or_else(|| named("d2", "the channel works on it", since)),
        State::Refunded => undelivered(order.callbacks.last(), callback, since)
            .unwrap_or_else(|| named("d1", "the payer has it back", since)),
        State::Completed => named("d1", "the payer has it back, and the merchant knows", since),
        State::Failed if order.flags.contains("refunded_after_release") => {
            named("uncovered", "the channel gave it back after the hold had ended; a person must look", since)
        }
        State::Failed => {
            let why = order.attempt().map(|a| format!("{} {}", a.code, a.message)).unwrap_or_default();
            named("d3", &format!("the channel did not give it back: {why}; the hold is released"), since)
        }
    }
}

/// The same of a refund: whatever is unknown of it, it is pending.
fn pending(open: Diagnosis) -> Diagnosis {
    if open.code == "unknown" { named("d2", &open.text, open.since) } else { open }
}

/// What is to be said while the outcome is open; none: the channel works on it.
fn open(attempt: Option<&Attempt>, since: Timestamp) -> Option<Diagnosis> {
    let attempt = attempt?;
    if let Some(dark) = attempt.unknown_since {
        let text = format!(
            "no definite answer since {dark}; the money stays held; last: {} {}",
            attempt.code, attempt.message
        );
        return Some(named("unknown", &text, dark));
    }
    match attempt.state {
        AttemptState::Sending => Some(named("a", "being handed to the channel", since)),
        AttemptState::Refused => {
            let text = format!("refused ({}); asked again before the hold ends", attempt.code);
            Some(named("u", &text, attempt.answered_at.unwrap_or(since)))
        }
        AttemptState::Accepted => None,
    }
}
