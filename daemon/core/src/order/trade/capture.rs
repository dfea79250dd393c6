//! The merchant captures an authorised trade, once: so much to the payee, the rest back to the payer.

use serde_json::json;

use super::Trade;
use super::machine::{State, Trigger};
use crate::change::{Change, TaskKind};
use crate::ledger::PostingKind;
use crate::ledger::postings::trade_capture;
use crate::money::Amount;
use crate::order::draft::Draft;
use crate::order::{Admission, Refusal, State as _};
use crate::policy::Context;

/// Captures `minor`, or all. Capturing again what is captured, with the same sum, changes nothing.
///
/// # Errors
/// [`Refusal::CaptureExceeds`], [`Refusal::WrongState`].
pub fn capture(
    order: &Trade,
    minor: Option<i64>,
    admission: &Admission,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    let minor = minor.unwrap_or(order.amount.minor);
    if minor <= 0 || minor > order.amount.minor {
        return Err(Refusal::CaptureExceeds);
    }
    let again = order.details.captured == Some(minor) && order.expires_at.is_some();
    if !again && order.state != State::Created {
        return Err(Refusal::WrongState(order.state.name()));
    }
    // At its end the hold is the payer's again, though the clock's task may not have come yet.
    if !again && order.expires_at.is_some_and(|at| ctx.now >= at) {
        return Err(Refusal::WrongState("expired"));
    }
    let mut draft = Draft::of(order, ctx);
    let captured = Amount::new(minor, order.amount.currency);
    let more = json!({"amount": captured});
    admission.enter(&mut draft, "order.capture_requested", format!("the merchant captures {captured}"), more);
    if again {
        return Ok(draft.finish());
    }
    let fee = order.fee_on(minor);
    draft.order.fee = fee.minor;
    draft.order.paid_at = Some(ctx.now);
    draft.order.details.captured = Some(minor);
    draft.order.details.held = 0;
    draft.go(Trigger::Captured)?;
    let lines = trade_capture(order.payer(), order.payee(), order.details.held, minor, fee);
    let journal =
        lines.journal(order.id, PostingKind::TradeCapture, String::new(), order.amount.currency, ctx.now);
    draft.post(journal, format!("{captured} captured of {} held for it", order.amount));
    draft.drop_tasks(&[TaskKind::Close]);
    draft.callback("trade.settled");
    Ok(draft.finish())
}
