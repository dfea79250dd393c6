//! Refusals at the gate, told once a second with their count: a flood of them writes one row.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_core::change::{Change, Event, Origin};

use crate::clock;
use crate::daemon::Daemon;
use crate::stats::Refusal;

const EVERY: Duration = Duration::from_secs(1);

/// Tells them until the daemon stops.
pub(crate) async fn tell_refusals(d: Arc<Daemon>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = d.stopping.cancelled() => return,
        }
        let counts = d.refusals.take();
        if counts.is_empty() {
            continue;
        }
        let events = counts.into_iter().map(|(refusal, count)| event(refusal, count)).collect();
        if let Err(error) = d.store.commit(Change { events, ..Change::default() }).await {
            tracing::warn!(%error, "refusals were not told");
        }
    }
}

fn event(refusal: Refusal, count: u64) -> Event {
    let code = refusal.code.row().name;
    let order_type = refusal.order_type.name();
    let by = refusal.rule.map(|rule| format!(" by {rule}")).unwrap_or_default();
    let who = refusal.client_id.as_deref().unwrap_or("an unknown caller");
    Event {
        at: clock::now(),
        origin: Origin::Gate,
        kind: "gate.refused",
        summary: format!("{count} × {code}{by} to {who} ({order_type})"),
        order: None,
        detail: json!({"code": code, "count": count, "order_type": order_type, "rule": refusal.rule}),
        client_id: refusal.client_id,
        evidence_id: None,
    }
}
