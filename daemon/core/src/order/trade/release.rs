//! An authorised trade ends without capture: the merchant voids it, or its time is over.

use serde_json::json;

use super::machine::{State, Trigger};
use super::{Details, Trade};
use crate::change::{Change, TaskKind};
use crate::ledger::PostingKind;
use crate::ledger::postings::release;
use crate::money::Amount;
use crate::order::draft::Draft;
use crate::order::{Admission, ClosedReason, Refusal, State as _};
use crate::policy::Context;

/// The merchant gives it up. Voiding what is closed changes nothing.
///
/// # Errors
/// [`Refusal::WrongState`]: it is settled.
pub fn void(order: &Trade, admission: &Admission, ctx: &Context<'_>) -> Result<Change, Refusal> {
    if !matches!(order.state, State::Created | State::Closed) {
        return Err(Refusal::WrongState(order.state.name()));
    }
    let mut draft = Draft::of(order, ctx);
    admission.enter(&mut draft, "order.void_requested", "the merchant voids it".to_owned(), json!({}));
    if order.state == State::Created {
        end(&mut draft, Trigger::Voided, ClosedReason::ClosedByMerchant)?;
    }
    Ok(draft.finish())
}

/// Its time is over. What was captured, voided or has time left is left alone.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn expire(order: &Trade, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    match order.expires_at {
        Some(at) if order.state == State::Created && ctx.now >= at => {
            end(&mut draft, Trigger::Expired, ClosedReason::Expired)?;
        }
        Some(at) if order.state == State::Created => draft.plan(TaskKind::Close, at, 0, None),
        _ => draft.drop_tasks(&[TaskKind::Close]),
    }
    Ok(draft.finish())
}

fn end(draft: &mut Draft<'_, Details>, trigger: Trigger, reason: ClosedReason) -> Result<(), Refusal> {
    let now = draft.now();
    let held = std::mem::take(&mut draft.order.details.held);
    let order = &draft.order;
    let currency = order.amount.currency;
    let journal = release(order.payer(), held).journal(
        order.id,
        PostingKind::TradeRelease,
        String::new(),
        currency,
        now,
    );
    let summary = format!("{} of user {} are free again", Amount::new(held, currency), order.user_ref);
    draft.post(journal, summary);
    draft.close(trigger, reason, "trade.closed")
}
