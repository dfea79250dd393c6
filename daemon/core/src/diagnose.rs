//! Where an order stands, in the words of the people on call, and what happens next by itself.

use serde::Serialize;

use crate::change::TaskKind;
use crate::observation::Presence;
use crate::order::recharge::{ClosedReason, Recharge, State};
use crate::order::{AttemptState, CallbackState};
use crate::time::Timestamp;

/// A diagnosis: a stable code and what it means here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// `a` to `e3`, `u`, or a word.
    pub code: &'static str,
    /// What the code means.
    pub title: &'static str,
    /// What it means for this order.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// A task's kind, `operator` or `none`.
    pub kind: &'static str,
    /// For people.
    pub text: String,
    /// When; none: not by the clock.
    pub at: Option<Timestamp>,
}

/// Every code with its meaning; the documents are made from it.
pub const CODES: &[(&str, &str)] = &[
    ("a", "not at the channel"),
    ("b", "at the channel, unpaid"),
    ("c1", "paid, the channel's notification missing"),
    ("c2", "paid and credited"),
    ("c3", "callback not sent yet"),
    ("c4", "callback sent, wrong acknowledgement"),
    ("c5", "callback failed"),
    ("d1", "refunded"),
    ("d2", "refund pending"),
    ("d3", "refund failed"),
    ("e1", "expired"),
    ("e2", "closed by the channel"),
    ("e3", "closed by the merchant"),
    ("u", "the channel gives no usable answer"),
    ("late", "late payment"),
    ("mismatch", "amount mismatch"),
    ("twice", "paid twice"),
];

/// What is known of an order's newest callback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallbackFacts {
    /// The class of its last failure, empty where there was none.
    pub last_error: String,
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
}

/// A task of the order, for what happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTask {
    /// What.
    pub kind: TaskKind,
    /// When.
    pub due_at: Timestamp,
}

/// Names where a recharge stands.
pub fn diagnose(order: &Recharge, callback: &CallbackFacts) -> Diagnosis {
    let flagged = |flag: &str| order.flags.contains(flag);
    let paid_at = order.paid_at.unwrap_or(order.created_at);
    if flagged("paid_twice") {
        return named("twice", "another payment of this order waits in suspense", paid_at);
    }
    if flagged("amount_mismatch") && order.state != State::Completed {
        return named("mismatch", "a payment of another amount waits in suspense", order.created_at);
    }
    match order.state {
        State::Created | State::Submitted | State::Waiting => open(order),
        State::Paid => paid(order, callback, paid_at),
        State::Completed if flagged("late") => {
            named("late", "paid after it was closed; credited, and the merchant knows", paid_at)
        }
        State::Completed if !order.notified => named(
            "c1",
            "found by asking the channel; its notification never came; the merchant knows",
            paid_at,
        ),
        State::Completed => named("c2", "paid, credited, and acknowledged by the merchant", paid_at),
        State::Closed if flagged("late") => {
            named("late", "paid after it was closed; the money waits in suspense", paid_at)
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
    let newest = order.callbacks.last();
    let tried = callback.last_attempt_at.unwrap_or(paid_at);
    match newest {
        Some(c) if c.state == CallbackState::Pending && c.attempts == 0 => {
            named("c3", "credited; the callback is about to be sent", paid_at)
        }
        Some(c) if matches!(c.state, CallbackState::Pending | CallbackState::Stuck) => {
            if callback.last_error == "body" {
                named("c4", "the merchant answers, but not with `success`", tried)
            } else {
                let text =
                    format!("the callback fails ({}), {} attempts so far", callback.last_error, c.attempts);
                named("c5", &text, tried)
            }
        }
        _ if order.flags.contains("late") => named("late", "paid after it was closed; credited", paid_at),
        _ if !order.notified => named("c1", "found by asking the channel; credited", paid_at),
        _ => named("c2", "paid and credited", paid_at),
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
        Some(ClosedReason::ClosedByChannel) | None => named("e2", "the channel closed it", since),
    }
}

fn named(code: &'static str, text: &str, since: Timestamp) -> Diagnosis {
    let title = CODES.iter().find(|(c, _)| *c == code).map_or("", |(_, title)| *title);
    Diagnosis { code, title, text: text.to_owned(), since }
}

/// What happens next by itself, or who has to act.
pub fn next_step(order: &Recharge, tasks: &[PlannedTask]) -> NextStep {
    let stuck = order.callbacks.iter().any(|c| c.state == CallbackState::Stuck);
    let suspended = !order.suspense_keys.is_empty();
    if suspended {
        let text = "an operator decides on the money in suspense".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    if let Some(task) = tasks.iter().min_by_key(|t| t.due_at) {
        let text = match task.kind {
            TaskKind::Submit => "send the creation again",
            TaskKind::Requery => "ask the channel",
            TaskKind::Close => "ask the channel a last time, and close",
            TaskKind::Callback => "send the callback",
        };
        return NextStep { kind: task.kind.name(), text: text.to_owned(), at: Some(task.due_at) };
    }
    if stuck {
        let text = "an operator or the merchant replays the callback".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    if order.state.is_open() {
        let text = "nothing is planned: ask the channel by hand".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    NextStep { kind: "none", text: "nothing is left to do".to_owned(), at: None }
}
