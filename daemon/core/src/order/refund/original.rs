//! The original of a refund: its sums move in the same transaction.

use serde_json::json;

use crate::change::{Change, Origin};
use crate::order::draft::Draft;
use crate::order::{Kind, Order, Refund, Refunds};
use crate::policy::Context;

/// What a refund does to its original: the sums, the states 61 to 63 that follow, and a line in its timeline.
pub(super) fn with<K: Kind>(
    original: &Order<K>,
    refunds: Refunds,
    refund: &Refund,
    what: &'static str,
    ctx: &Context<'_>,
) -> Change {
    let mut draft = Draft::of(original, ctx);
    draft.order.refunds = refunds;
    draft.visible();
    let summary = format!("refund of {}: {what}; now {}", refund.amount, draft.order.state_name());
    let detail = json!({"refund_id": refund.id, "state": draft.order.state_number(),
                        "state_version": draft.order.state_version});
    draft.event(Origin::Order, "order.refund", summary, None, detail);
    draft.finish()
}
