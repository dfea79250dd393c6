//! Planned work.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

/// A lane and when the first of its tasks is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LaneDue {
    pub(crate) lane: String,
    /// The first task that was never tried.
    pub(crate) fresh: Option<Timestamp>,
    /// The first task that is tried again.
    pub(crate) retry: Option<Timestamp>,
}

impl LaneDue {
    /// When the first of all is due.
    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.fresh.into_iter().chain(self.retry).min()
    }
}

impl Store {
    /// Every lane that has tasks. Jumps from lane to lane in the index: the tasks behind the first ones cost nothing.
    pub(crate) async fn lanes_due(&self, now: Timestamp) -> Result<Vec<LaneDue>, StoreError> {
        let rows = sqlx::query(
            "WITH RECURSIVE lane (name) AS (SELECT min(lane) FROM task UNION ALL \
             SELECT (SELECT min(lane) FROM task WHERE lane > name) FROM lane WHERE name IS NOT NULL) \
             SELECT name, \
             (SELECT due_at FROM task WHERE lane = name AND (attempt > 0) = 0 \
               AND (lease_until IS NULL OR lease_until < $1) ORDER BY due_at LIMIT 1) AS fresh, \
             (SELECT due_at FROM task WHERE lane = name AND (attempt > 0) = 1 \
               AND (lease_until IS NULL OR lease_until < $1) ORDER BY due_at LIMIT 1) AS retry \
             FROM lane WHERE name IS NOT NULL",
        )
        .bind(now.millis())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(LaneDue {
                    lane: row.try_get("name")?,
                    fresh: row.try_get::<Option<i64>, _>("fresh")?.map(Timestamp),
                    retry: row.try_get::<Option<i64>, _>("retry")?.map(Timestamp),
                })
            })
            .collect()
    }
}
