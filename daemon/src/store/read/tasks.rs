//! Planned work.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

impl Store {
    /// When the next task is due that nobody holds.
    pub(crate) async fn next_task_due(&self, full_lanes: &str) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query(
            "SELECT max(due_at, coalesce(lease_until, 0)) AS due FROM task \
             WHERE lane NOT IN (SELECT value FROM json_each($1)) ORDER BY due_at LIMIT 1",
        )
        .bind(full_lanes.to_owned())
        .fetch_optional(self.readers())
        .await?;
        row.map(|r| r.try_get(0).map(Timestamp).map_err(StoreError::from)).transpose()
    }
}
