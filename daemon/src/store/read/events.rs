//! Events: an order's timeline and the live feed; and the evidence that they point to.

use sluice_core::id::OrderId;
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::{Store, StoreError};

/// An event as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) origin: String,
    pub(crate) kind: String,
    pub(crate) summary: String,
    pub(crate) order_id: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) evidence_id: Option<String>,
    pub(crate) detail: String,
}

/// An exchange as it is stored, sealed.
#[derive(Clone, Debug)]
pub(crate) struct EvidenceRow {
    pub(crate) order_id: Option<String>,
    pub(crate) channel: String,
    pub(crate) op: String,
    pub(crate) at: Timestamp,
    pub(crate) latency_ms: i64,
    pub(crate) http_status: Option<u32>,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) error: String,
}

impl Store {
    /// An order's timeline.
    pub(crate) async fn timeline(&self, order: OrderId) -> Result<Vec<EventRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM event WHERE order_id = $1 ORDER BY seq LIMIT 2000")
            .bind(order.to_string())
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(event).collect()
    }

    /// Events after a number, in order.
    pub(crate) async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM event WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(seq)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(event).collect()
    }

    /// One exchange with a channel.
    pub(crate) async fn evidence(&self, evidence_id: &str) -> Result<Option<EvidenceRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM evidence WHERE evidence_id = $1")
            .bind(evidence_id.to_owned())
            .fetch_optional(self.readers())
            .await?;
        let Some(r) = row else { return Ok(None) };
        Ok(Some(EvidenceRow {
            order_id: r.try_get("order_id")?,
            channel: r.try_get("channel")?,
            op: r.try_get("op")?,
            at: Timestamp(r.try_get("at")?),
            latency_ms: r.try_get("latency_ms")?,
            http_status: r.try_get("http_status")?,
            request: r.try_get("request")?,
            response: r.try_get("response")?,
            error: r.try_get("error")?,
        }))
    }
}

fn event(r: &SqliteRow) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        seq: r.try_get("seq")?,
        at: Timestamp(r.try_get("at")?),
        origin: r.try_get("origin")?,
        kind: r.try_get("kind")?,
        summary: r.try_get("summary")?,
        order_id: r.try_get("order_id")?,
        client_id: r.try_get("client_id")?,
        evidence_id: r.try_get("evidence_id")?,
        detail: r.try_get("detail")?,
    })
}
