//! The merchant cancels a withdrawal that was never sent.

use serde_json::json;

use super::Withdraw;
use super::machine::{State, Trigger};
use super::settle::end_hold;
use crate::change::Change;
use crate::order::draft::Draft;
use crate::order::{Admission, ClosedReason, Refusal, State as _};
use crate::policy::Context;

/// Releases the hold and closes the order, if nothing was ever sent. Cancelling what is cancelled changes nothing.
///
/// # Errors
/// [`Refusal::MayBeSent`], [`Refusal::WrongState`].
pub fn cancel(order: &Withdraw, admission: &Admission, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let cancelled = order.closed_reason == Some(ClosedReason::Cancelled);
    if !cancelled && order.state != State::Created {
        return Err(Refusal::WrongState(order.state.name()));
    }
    if !cancelled && !order.is_unsent() {
        return Err(Refusal::MayBeSent);
    }
    let mut draft = Draft::of(order, ctx);
    admission.enter(&mut draft, "order.cancel_requested", "the merchant cancelled it".to_owned(), json!({}));
    if !cancelled {
        end_hold(&mut draft);
        draft.close(Trigger::Cancelled, ClosedReason::Cancelled, "withdraw.closed")?;
    }
    Ok(draft.finish())
}
