//! Planned work.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

impl Store {
    /// When the next task is due that nobody holds, of those whose lanes are not full (a JSON array).
    pub(crate) async fn next_task_due(
        &self,
        full_lanes: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query(
            "SELECT due_at FROM task WHERE (lease_until IS NULL OR lease_until < $2) \
             AND lane NOT IN (SELECT value FROM json_each($1)) ORDER BY due_at LIMIT 1",
        )
        .bind(full_lanes.to_owned())
        .bind(now.millis())
        .fetch_optional(self.readers())
        .await?;
        row.map(|r| r.try_get(0).map(Timestamp).map_err(StoreError::from)).transpose()
    }
}
