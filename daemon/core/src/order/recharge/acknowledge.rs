//! The merchant acknowledged a callback.

use serde_json::json;

use super::draft::Draft;
use super::machine::{State, Trigger};
use super::{Recharge, Refusal};
use crate::change::{Change, Origin, TaskChange, TaskId, Write};
use crate::order::object::CallbackState;
use crate::policy::Context;

/// Takes an acknowledgement: the callback is delivered, and a paid order is completed by its paid callback.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn acknowledge(order: &Recharge, callback_id: &str, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    let Some(callback) = draft.order.callbacks.iter_mut().find(|c| c.callback_id == callback_id) else {
        return Ok(draft.finish());
    };
    callback.state = CallbackState::Delivered;
    let kind = callback.r#type.clone();
    draft.change.writes.push(Write::CallbackDelivered { callback_id: callback_id.to_owned(), at: ctx.now });
    draft.change.tasks.push(TaskChange::Drop(TaskId::callback(callback_id)));
    let detail = json!({"callback_id": callback_id, "type": kind});
    draft.event(Origin::Callback, "callback.delivered", format!("{kind} acknowledged"), None, detail);
    if kind == "recharge.paid" && draft.order.state == State::Paid {
        draft.go(Trigger::Acknowledged)?;
    }
    Ok(draft.finish())
}
