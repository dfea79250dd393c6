//! Closing: at the order's expiry, or because the merchant asked. The channel is asked first, and always told.

use serde_json::json;

use super::machine::{State, Trigger};
use super::settle::settle_draft;
use super::{Details, Recharge};
use crate::change::{Change, TaskKind};
use crate::observation::{Observation, Presence};
use crate::order::draft::Draft;
use crate::order::{Admission, ClosedReason, Fact, Refusal, Source, State as _};
use crate::policy::Context;

/// Why an order is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCause {
    /// Its time is over.
    Expiry,
    /// The merchant asked.
    Merchant,
}

impl CloseCause {
    /// What an order's own facts say: the merchant's wish goes before the clock.
    pub fn of(order: &Recharge) -> Self {
        if order.details.close_requested_at.is_some() { Self::Merchant } else { Self::Expiry }
    }
}

/// The merchant asks to close. Notes the wish; the channel is told next.
///
/// # Errors
/// [`Refusal::OrderPaid`], [`Refusal::MoneyInSuspense`].
pub fn request_close(order: &Recharge, admission: &Admission, ctx: &Context<'_>) -> Result<Change, Refusal> {
    if matches!(order.state, State::Paid | State::Completed) {
        return Err(Refusal::OrderPaid);
    }
    if order.state.is_open() && !order.suspense_keys.is_empty() {
        return Err(Refusal::MoneyInSuspense);
    }
    let mut draft = Draft::of(order, ctx);
    admission.enter(&mut draft, "order.close_requested", "the merchant asked to close".to_owned(), json!({}));
    if order.state.is_open() && order.details.close_requested_at.is_none() {
        draft.order.details.close_requested_at = Some(ctx.now);
        draft.visible();
        // The caller tells the channel now; this is what is left of it after a crash.
        draft.plan(TaskKind::Close, ctx.now + ctx.policy.create_timeout * 2, 0, None);
    }
    Ok(draft.finish())
}

/// The channel answered a close, after a query that found no payment.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn close_answered(
    order: &Recharge,
    no: u16,
    answer: &Observation,
    evidence_id: Option<String>,
    tries: u32,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    let Some(index) = draft.order.attempt_index(no) else { return Ok(draft.finish()) };
    let cause = CloseCause::of(order);
    let fact = Fact { attempt_no: no, seen: answer, source: Source::Close, evidence_id };
    settle_draft(&mut draft, index, &fact)?;
    let may_close = matches!(answer.presence, Presence::Closed | Presence::NotFound);
    if draft.order.state.is_open() && draft.order.suspense_keys.is_empty() && may_close {
        match cause {
            CloseCause::Expiry => close(&mut draft, Trigger::Expired, ClosedReason::Expired)?,
            CloseCause::Merchant => {
                close(&mut draft, Trigger::ClosedByMerchant, ClosedReason::ClosedByMerchant)?
            }
        }
    }
    let gone = match answer.presence {
        Presence::Closed | Presence::Paid => true,
        // Nothing there now, but whoever holds the code can still bring it to life: keep telling the channel.
        Presence::NotFound => !ctx.policy.not_found_while_payable || order.is_over(ctx.now),
        _ => false,
    };
    let paid = matches!(draft.order.state, State::Paid | State::Completed);
    if !gone && !paid && draft.order.suspense_keys.is_empty() {
        try_again(&mut draft, answer, tries);
    }
    Ok(draft.finish())
}

/// The query before a close brought no usable answer: nothing may be closed on it, and the close is tried again.
pub fn close_put_off(order: &Recharge, answer: &Observation, tries: u32, ctx: &Context<'_>) -> Change {
    let mut draft = Draft::of(order, ctx);
    try_again(&mut draft, answer, tries);
    draft.finish()
}

/// Closes, and tells the merchant.
pub(super) fn close(
    draft: &mut Draft<'_, Details>,
    trigger: Trigger,
    reason: ClosedReason,
) -> Result<(), Refusal> {
    draft.close(trigger, reason, "recharge.closed")
}

fn try_again(draft: &mut Draft<'_, Details>, answer: &Observation, tries: u32) {
    let ctx = draft.ctx;
    let due = ctx.now + ctx.policy.requery.wait_after(tries, ctx.chance());
    let why = Some(format!("{} {}", answer.code, answer.message));
    draft.plan(TaskKind::Close, due, tries.saturating_add(1), why);
}
