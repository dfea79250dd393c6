//! A person decides on money in suspense: apply it, or keep it where it is. Giving it back is a refund of its own,
//! [`refund::of_suspense`](crate::order::refund::of_suspense).

use serde_json::json;

use super::machine::{State, Trigger};
use super::settle::credited;
use super::{Details, Recharge};
use crate::change::{Change, Guard, Origin, SuspenseReason, SuspenseState, TaskKind, Write};
use crate::ledger::PostingKind;
use crate::ledger::postings::{Fee, suspense_apply};
use crate::money::Amount;
use crate::order::draft::Draft;
use crate::order::refund::GIVEN_BACK_AFTER_ALL;
use crate::order::{ClosedReason, Refusal, State as _};
use crate::policy::Context;

/// Money in suspense, as the desk shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InSuspense {
    /// The channel's payment number.
    pub key: String,
    /// Where it came in.
    pub channel: String,
    /// How much.
    pub amount: Amount,
    /// Why it could not be credited.
    pub reason: SuspenseReason,
}

/// Credits the order's user. A payment of the right amount makes the order paid, with its fee; any other is credited
/// whole, and the order's number stays (an open one is closed: nothing more is expected of it).
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn apply(order: &Recharge, money: &InSuspense, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = decided(order, money, SuspenseState::Applied, ctx)?;
    let is_the_payment = order.state == State::Closed
        && money.amount == order.amount
        && !matches!(money.reason, SuspenseReason::AmountMismatch | SuspenseReason::PaidTwice);
    let fee = if is_the_payment { order.ledger_fee() } else { Fee::default() };
    let lines = suspense_apply(order.user(), money.amount.minor, fee);
    let journal = lines.journal(
        order.id,
        PostingKind::SuspenseApply,
        money.key.clone(),
        money.amount.currency,
        ctx.now,
    );
    if is_the_payment {
        draft.order.closed_reason = None;
        draft.order.paid_at = Some(ctx.now);
        draft.order.details.paid_ref = Some(money.key.clone());
        draft.go(Trigger::LatePaid)?;
        draft.post(journal, credited(order, money.amount));
        draft.callback("recharge.paid");
    } else {
        draft.post(
            journal,
            format!("credited {} to user {}, decided by a person", money.amount, order.user_ref),
        );
        draft.flag("applied");
        end_if_open(&mut draft)?;
    }
    Ok(draft.finish())
}

/// Leaves the money in suspense, knowingly.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn keep(order: &Recharge, money: &InSuspense, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = decided(order, money, SuspenseState::Kept, ctx)?;
    end_if_open(&mut draft)?;
    Ok(draft.finish())
}

/// Begins a decision: only one is ever made.
pub(in crate::order) fn decided<'a>(
    order: &Recharge,
    money: &InSuspense,
    state: SuspenseState,
    ctx: &'a Context<'a>,
) -> Result<Draft<'a, Details>, Refusal> {
    if !order.suspense_keys.contains(&money.key) {
        return Err(Refusal::NotInSuspense);
    }
    // A give-back that had failed was made after all: whatever else is decided, the money would be there twice.
    if state != SuspenseState::Kept && order.flags.contains(GIVEN_BACK_AFTER_ALL) {
        return Err(Refusal::WrongState("held up: money of it was given back after all"));
    }
    let mut draft = Draft::of(order, ctx);
    draft.order.undecided = order.undecided.saturating_sub(1);
    let (order, key) = (order.id, money.key.clone());
    draft.change.guards.push(Guard::SuspenseIs { order, key: key.clone(), state: SuspenseState::Open });
    draft.change.writes.push(Write::SuspenseDecided { order, key, state, at: ctx.now });
    let summary = format!("{} in suspense: {}", money.amount, state.name());
    draft.event(
        Origin::Operator,
        "suspense.decided",
        summary,
        None,
        json!({"key": money.key, "state": state.name()}),
    );
    Ok(draft)
}

/// An order that waited only for the decision waits for nothing any more.
pub(in crate::order) fn end_if_open(draft: &mut Draft<'_, Details>) -> Result<(), Refusal> {
    if draft.order.state.is_open() {
        draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
        super::close::close(draft, Trigger::Resolved, ClosedReason::ClosedByChannel)?;
    }
    Ok(())
}
