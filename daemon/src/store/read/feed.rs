//! Places in the feed of events, and how much happened between two of them.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

/// How many orders came to a point of their lives in a short time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepCount {
    /// The time, in units of the asked length.
    pub(crate) slot: i64,
    /// Such as `order.paid`.
    pub(crate) kind: String,
    pub(crate) count: u64,
}

impl Store {
    /// The newest event's number and time; zeros where there is none.
    pub(crate) async fn newest_event(&self) -> Result<(i64, Timestamp), StoreError> {
        let row = sqlx::query("SELECT seq, at FROM event ORDER BY seq DESC LIMIT 1")
            .fetch_optional(self.readers())
            .await?;
        let Some(row) = row else { return Ok((0, Timestamp(0))) };
        Ok((row.try_get(0)?, Timestamp(row.try_get(1)?)))
    }

    /// When an event happened, if it is kept still.
    pub(crate) async fn event_time(&self, seq: i64) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query("SELECT at FROM event WHERE seq = $1")
            .bind(seq)
            .fetch_optional(self.readers())
            .await?;
        row.map(|r| r.try_get(0).map(Timestamp).map_err(StoreError::from)).transpose()
    }

    /// Orders that were created, paid and closed by the events after `after` up to `upto`, by slots of time.
    pub(crate) async fn order_steps(
        &self,
        after: i64,
        upto: i64,
        slot_millis: i64,
    ) -> Result<Vec<StepCount>, StoreError> {
        let rows = sqlx::query(
            "SELECT at / $3 AS slot, kind, count(*) AS count FROM event WHERE seq > $1 AND seq <= $2 \
             AND kind IN ('order.created', 'order.paid', 'order.closed') GROUP BY slot, kind",
        )
        .bind(after)
        .bind(upto)
        .bind(slot_millis)
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                let count: i64 = r.try_get("count")?;
                Ok(StepCount {
                    slot: r.try_get("slot")?,
                    kind: r.try_get("kind")?,
                    count: u64::try_from(count).unwrap_or_default(),
                })
            })
            .collect()
    }
}
