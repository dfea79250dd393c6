//! The merchant acknowledged a callback.

use serde_json::json;

use super::draft::Draft;
use super::kind::{Kind, Order};
use super::object::CallbackState;
use super::{AnyOrder, Refusal};
use crate::change::{Change, Origin, TaskChange, TaskId, Write};
use crate::each_order;
use crate::policy::Context;

/// Takes an acknowledgement: the callback is delivered, and where the fact that it tells of stands, the order is
/// completed by it.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn acknowledge<K: Kind>(
    order: &Order<K>,
    callback_id: &str,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
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
    let step = K::ACKNOWLEDGED.iter().find(|(k, state, _)| *k == kind && *state == draft.order.state);
    if let Some((_, _, trigger)) = step {
        draft.go(*trigger)?;
    }
    Ok(draft.finish())
}

/// As [`acknowledge`], for an order of any kind.
///
/// # Errors
/// As there.
pub fn acknowledge_any(order: &AnyOrder, callback_id: &str, ctx: &Context<'_>) -> Result<Change, Refusal> {
    each_order!(order, o => acknowledge(o, callback_id, ctx))
}
