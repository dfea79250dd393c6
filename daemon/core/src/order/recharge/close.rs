//! Closing: at the order's expiry, or because the merchant asked. The channel is asked first, and always told.

use serde_json::json;

use super::draft::Draft;
use super::machine::{ClosedReason, State, Trigger};
use super::settle::{Fact, Source, settle_draft};
use super::{Recharge, Refusal};
use crate::change::{Change, CredentialCheck, Guard, Origin, TaskId, TaskKind, Write};
use crate::observation::{Observation, Presence};
use crate::policy::Context;
use crate::time::Timestamp;

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
        if order.close_requested_at.is_some() { Self::Merchant } else { Self::Expiry }
    }
}

/// The merchant asks to close. Notes the wish; the channel is told next.
///
/// # Errors
/// [`Refusal::OrderPaid`], [`Refusal::MoneyInSuspense`].
pub fn request_close(
    order: &Recharge,
    credentials: &CredentialCheck,
    nonce: (String, Timestamp),
    request_id: &str,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    if matches!(order.state, State::Paid | State::Completed) {
        return Err(Refusal::OrderPaid);
    }
    if order.state.is_open() && !order.suspense_keys.is_empty() {
        return Err(Refusal::MoneyInSuspense);
    }
    let mut draft = Draft::of(order, ctx);
    let client_id = order.client_id.clone();
    draft.change.guards.insert(0, Guard::Credentials(credentials.clone()));
    draft
        .change
        .guards
        .insert(1, Guard::NonceUnused { client_id: client_id.clone(), nonce: nonce.0.clone() });
    draft.change.writes.push(Write::Nonce { client_id, nonce: nonce.0, until: nonce.1 });
    let detail = json!({"request_id": request_id, "key_id": credentials.key_id,
                        "password_version": credentials.password_version});
    draft.event(Origin::Api, "order.close_requested", "the merchant asked to close".to_owned(), None, detail);
    if order.state.is_open() && order.close_requested_at.is_none() {
        draft.order.close_requested_at = Some(ctx.now);
        draft.visible();
        // The caller tells the channel now; this is what is left of it after a crash.
        let due = ctx.now + ctx.policy.create_timeout * 2;
        draft.schedule(TaskId::order(TaskKind::Close, order.id), due, 0, None);
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
    let Some(index) = draft.order.attempts.iter().position(|a| a.no == no) else { return Ok(draft.finish()) };
    let cause = CloseCause::of(order);
    let fact = Fact { attempt_no: no, seen: answer, source: Source::Close, evidence_id };
    settle_draft(&mut draft, index, &fact)?;
    let may_close = matches!(answer.presence, Presence::Closed | Presence::NotFound);
    if draft.order.state.is_open() && draft.order.suspense_keys.is_empty() && may_close {
        match cause {
            CloseCause::Expiry => draft.close(Trigger::Expired, ClosedReason::Expired)?,
            CloseCause::Merchant => draft.close(Trigger::ClosedByMerchant, ClosedReason::ClosedByMerchant)?,
        }
    }
    let gone = match answer.presence {
        Presence::Closed | Presence::Paid => true,
        // Nothing there now, but whoever holds the code can still bring it to life: keep telling the channel.
        Presence::NotFound => !ctx.policy.not_found_while_payable || ctx.now >= order.expires_at,
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

fn try_again(draft: &mut Draft<'_>, answer: &Observation, tries: u32) {
    let ctx = draft.ctx;
    let due = ctx.now + ctx.policy.requery.wait_after(tries, ctx.chance());
    let why = Some(format!("{} {}", answer.code, answer.message));
    draft.schedule(TaskId::order(TaskKind::Close, draft.order.id), due, tries.saturating_add(1), why);
}
