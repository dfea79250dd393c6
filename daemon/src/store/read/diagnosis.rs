//! What a diagnosis needs beside the orders themselves, for many orders in one statement each.
//!
//! `CROSS JOIN` is SQLite's word for "in this order": the given ids first, then what belongs to them by its key.

use std::collections::HashMap;

use sluice_core::change::TaskKind;
use sluice_core::diagnose::{CallbackFacts, PlannedTask};
use sluice_core::id::OrderId;
use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

impl Store {
    /// Orders' planned tasks, their callbacks' included. An order without one is not in the map.
    pub(crate) async fn planned_tasks(
        &self,
        orders: &[OrderId],
    ) -> Result<HashMap<OrderId, Vec<PlannedTask>>, StoreError> {
        let rows = sqlx::query(
            "SELECT j.value AS order_id, t.kind, t.due_at FROM json_each($1) j CROSS JOIN task t \
             ON t.kind IN ('submit', 'requery', 'close') AND t.subject = j.value \
             UNION ALL SELECT c.order_id, t.kind, t.due_at FROM json_each($1) j CROSS JOIN callback c \
             ON c.order_id = j.value CROSS JOIN task t ON t.kind = 'callback' AND t.subject = c.callback_id",
        )
        .bind(serde_json::json!(orders).to_string())
        .fetch_all(self.readers())
        .await?;
        let mut planned: HashMap<OrderId, Vec<PlannedTask>> = HashMap::new();
        for r in &rows {
            let order: String = r.try_get("order_id")?;
            let kind: String = r.try_get("kind")?;
            let task = PlannedTask {
                kind: TaskKind::from_name(&kind).ok_or(StoreError::Row("task.kind"))?,
                due_at: Timestamp(r.try_get("due_at")?),
            };
            planned.entry(order.parse().map_err(|_| StoreError::Row("order_id"))?).or_default().push(task);
        }
        Ok(planned)
    }

    /// How callbacks' last sendings went, by callback.
    pub(crate) async fn callback_facts(
        &self,
        callback_ids: &[&str],
    ) -> Result<HashMap<String, CallbackFacts>, StoreError> {
        if callback_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = sqlx::query(
            "SELECT c.callback_id, c.last_error, c.last_attempt_at FROM json_each($1) j \
             CROSS JOIN callback c ON c.callback_id = j.value",
        )
        .bind(serde_json::json!(callback_ids).to_string())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                let facts = CallbackFacts {
                    last_error: r.try_get("last_error")?,
                    last_attempt_at: r.try_get::<Option<i64>, _>("last_attempt_at")?.map(Timestamp),
                };
                Ok((r.try_get("callback_id")?, facts))
            })
            .collect()
    }
}
