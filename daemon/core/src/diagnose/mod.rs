//! Where an order stands, in the words of the people on call, and what happens next by itself. One file per kind.

mod disbursement;
mod recharge;
mod trade;

use serde::Serialize;

use crate::change::TaskKind;
use crate::order::{AnyOrder, CallbackBrief, CallbackState, RefundState};
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
    ("held", "the money is held, and waits to be captured"),
    ("working", "the channel works on the payout"),
    ("paid", "paid out, or settled"),
    ("unknown", "payout unknown"),
    ("returned", "payout returned"),
    ("rejected", "not paid out"),
    ("cancelled", "cancelled before it was sent"),
    ("uncovered", "paid out without its hold"),
    ("contradicted", "the channel contradicts itself"),
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

/// Names where an order stands.
pub fn diagnose(order: &AnyOrder, callback: &CallbackFacts) -> Diagnosis {
    match order {
        AnyOrder::Recharge(order) => recharge::diagnose(order, callback),
        AnyOrder::Withdraw(order) => disbursement::withdraw(order, callback),
        AnyOrder::Trade(order) => trade::diagnose(order, callback),
        AnyOrder::Refund(order) => disbursement::refund(order, callback),
    }
}

/// What is to be said of the newest callback, if it is not acknowledged.
fn undelivered(
    newest: Option<&CallbackBrief>,
    callback: &CallbackFacts,
    since: Timestamp,
) -> Option<Diagnosis> {
    let newest = newest.filter(|c| matches!(c.state, CallbackState::Pending | CallbackState::Stuck))?;
    let tried = callback.last_attempt_at.unwrap_or(since);
    Some(if newest.state == CallbackState::Pending && newest.attempts == 0 {
        named("c3", "the money has moved; the callback is about to be sent", since)
    } else if callback.last_error == "body" {
        named("c4", "the merchant answers, but not with `success`", tried)
    } else {
        let text =
            format!("the callback fails ({}), {} attempts so far", callback.last_error, newest.attempts);
        named("c5", &text, tried)
    })
}

/// What its refunds say of an order that was paid.
fn refunds(order: &crate::order::Refunds, since: Timestamp) -> Option<Diagnosis> {
    Some(match order.state()? {
        RefundState::Refunding => named("d2", "a refund of it is under way", since),
        RefundState::Refunded => named("d1", "something of it was given back", since),
        RefundState::Failed => named("d3", "a refund of it failed; the paid fact stands", since),
    })
}

fn named(code: &'static str, text: &str, since: Timestamp) -> Diagnosis {
    let title = CODES.iter().find(|(c, _)| *c == code).map_or("", |(_, title)| *title);
    Diagnosis { code, title, text: text.to_owned(), since }
}

/// What happens next by itself, or who has to act.
pub fn next_step(order: &AnyOrder, tasks: &[PlannedTask]) -> NextStep {
    let stuck = order.callbacks().iter().any(|c| c.state == CallbackState::Stuck);
    if order.flags().contains("contradicted") || order.flags().contains("refunded_after_release") {
        let text = "an operator compares the provider's books and its bill with ours".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    if order.undecided() > 0 {
        let text = "an operator decides on the money in suspense".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    if let Some(task) = tasks.iter().min_by_key(|t| t.due_at) {
        let text = match task.kind {
            TaskKind::Submit => "send it to the channel, after asking whether it is there",
            TaskKind::Requery => "ask the channel",
            TaskKind::Close if matches!(order, AnyOrder::Trade(_)) => "release the hold",
            TaskKind::Close => "ask the channel a last time, and close",
            TaskKind::Callback => "send the callback",
            TaskKind::Watch if order.state_number() == 5 => "ask whether it went out after all",
            TaskKind::Watch => "ask whether the bank returned it",
        };
        return NextStep { kind: task.kind.name(), text: text.to_owned(), at: Some(task.due_at) };
    }
    if stuck {
        let text = "an operator or the merchant replays the callback".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    if order.is_open() {
        let text = "nothing is planned: ask the channel by hand".to_owned();
        return NextStep { kind: "operator", text, at: None };
    }
    NextStep { kind: "none", text: "nothing is left to do".to_owned(), at: None }
}
