//! Planned work.

use sluice_core::change::TaskKind;
use sluice_core::diagnose::PlannedTask;
use sluice_core::id::OrderId;
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

    /// An order's planned tasks, its callbacks' included.
    pub(crate) async fn planned_tasks(&self, order: OrderId) -> Result<Vec<PlannedTask>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, due_at FROM task WHERE (kind <> 'callback' AND subject = $1) OR (kind = 'callback' \
             AND subject IN (SELECT callback_id FROM callback WHERE order_id = $1))",
        )
        .bind(order.to_string())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                let kind: String = r.try_get("kind")?;
                Ok(PlannedTask {
                    kind: TaskKind::from_name(&kind).ok_or(StoreError::Row("task.kind"))?,
                    due_at: Timestamp(r.try_get("due_at")?),
                })
            })
            .collect()
    }
}
