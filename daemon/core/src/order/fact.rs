//! A channel's statement about an attempt, and its line in the timeline.

use serde_json::json;

use super::draft::Draft;
use super::kind::Kind;
use super::machine::State as _;
use crate::change::Origin;
use crate::observation::Observation;

/// How we learned of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The answer to a creation, a payout or a refund.
    Create,
    /// The channel's own notification.
    Notification,
    /// A query by schedule: the next one is planned.
    Requery,
    /// A query that somebody asked for, or one before closing.
    Query,
    /// The answer to a close.
    Close,
    /// Two operators, on the provider's own bill.
    People,
}

/// A channel's statement about an attempt.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// Which attempt.
    pub attempt_no: u16,
    /// What it says.
    pub seen: &'a Observation,
    /// How we learned of it.
    pub source: Source,
    /// The exchange that proves it.
    pub evidence_id: Option<String>,
}

/// Notes a fact in its attempt and in the timeline.
pub(super) fn note<K: Kind>(draft: &mut Draft<'_, K>, index: usize, fact: &Fact<'_>) {
    draft.evidence_id.clone_from(&fact.evidence_id);
    let (usual, now) = (draft.ctx.policy.requery.first(), draft.now());
    let is_open = draft.order.state.is_open();
    let attempt = &mut draft.order.attempts[index];
    let was_known = attempt.unknown_since.is_none();
    attempt.note(fact.seen, now, usual);
    if is_open && was_known && attempt.unknown_since.is_some() {
        // Ask densely again: the order has just fallen into the dark.
        attempt.queries = 0;
    }
    let seen = fact.seen;
    let origin = match fact.source {
        Source::Notification => Origin::Notification,
        Source::People => Origin::Operator,
        _ => Origin::Observation,
    };
    let source = match fact.source {
        Source::Create => "creation",
        Source::Notification => "notification",
        Source::Requery | Source::Query => "query",
        Source::Close => "close",
        Source::People => "operators",
    };
    let presence = serde_json::to_value(seen.presence).unwrap_or_default();
    let word = presence.as_str().unwrap_or("unknown").replace('_', " ");
    let mut summary = format!("{source}: {word}");
    if let Some(amount) = seen.amount {
        summary = format!("{summary}, {amount}");
    }
    summary = format!("{summary} ({} {})", seen.code, seen.message);
    let detail = json!({"source": source, "presence": presence, "trouble": seen.trouble, "code": seen.code,
        "message": seen.message, "amount": seen.amount, "paid_at": seen.paid_at,
        "channel_order_no": seen.channel_order_no, "fee": seen.fee});
    draft.event(origin, "channel.observed", summary, fact.evidence_id.clone(), detail);
}
