//! Requests that the gate turned away, told once a second with their count: a flood of them writes one row.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use sluice_core::change::{Change, Event, Origin};
use sluice_core::code::ApiCode;
use sluice_core::signing::OrderType;

use crate::clock;
use crate::daemon::Daemon;

const EVERY: Duration = Duration::from_secs(1);

/// Different refusals that are told apart within one second.
const KINDS: usize = 200;

/// Refusals since they were last told.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<Key, u64>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    client_id: Option<String>,
    code: ApiCode,
    order_type: OrderType,
}

impl Refusals {
    pub(super) fn note(&self, client_id: Option<String>, code: ApiCode, order_type: OrderType) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Key { client_id, code, order_type };
        if counts.len() < KINDS || counts.contains_key(&key) {
            *counts.entry(key).or_default() += 1;
        }
    }

    /// Tells them until the daemon stops.
    pub(crate) async fn tell(d: Arc<Daemon>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = d.stopping.cancelled() => return,
            }
            let counts = std::mem::take(&mut *d.refusals.0.lock().unwrap_or_else(PoisonError::into_inner));
            if counts.is_empty() {
                continue;
            }
            let change = Change { events: counts.into_iter().map(event).collect(), ..Change::default() };
            if let Err(error) = d.store.commit(change).await {
                tracing::warn!(%error, "refusals were not told");
            }
        }
    }
}

fn event((key, count): (Key, u64)) -> Event {
    let code = key.code.row().name;
    let who = key.client_id.as_deref().unwrap_or("an unknown caller");
    Event {
        at: clock::now(),
        origin: Origin::Gate,
        kind: "gate.refused",
        summary: format!("{count} × {code} to {who} ({})", key.order_type),
        order: None,
        detail: json!({"code": code, "count": count, "order_type": key.order_type.name()}),
        client_id: key.client_id,
        evidence_id: None,
    }
}
