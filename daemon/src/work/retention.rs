//! Rows whose time is over: nonces, tokens, evidence. Orders and the ledger are kept for ever.

use std::sync::Arc;
use std::time::Duration;

use sluice_core::risk::Day;

use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{Record, Unit};

const EVERY: Duration = Duration::from_secs(60);

/// Events that belong to no order, such as refusals at the gate, are kept this long.
const LOOSE_EVENTS: Duration = Duration::from_secs(30 * 86_400);

pub(super) async fn run(d: Arc<Daemon>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = d.stopping.cancelled() => return,
        }
        let now = clock::now();
        let record = Record::Expire {
            nonces_before: now,
            evidence_before: now - d.config.store.evidence_kept,
            events_before: now - LOOSE_EVENTS,
            usage_before: Day::of(now, d.config.risk.day_offset).before(),
        };
        let unit = Unit { records: vec![record], ..Unit::default() };
        if let Err(error) = d.store.commit(unit).await {
            tracing::error!(%error, "rows that are over can't be removed");
        }
    }
}
