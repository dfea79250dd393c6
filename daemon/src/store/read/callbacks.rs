//! Callbacks: one to be sent, and lists for operators.

use sluice_core::id::OrderId;
use sluice_core::order::CallbackState;
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

/// A callback as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct CallbackRow {
    pub(crate) callback_id: String,
    pub(crate) order_id: OrderId,
    /// Whose password signs it: a refund's is that of the order that it refunds.
    pub(crate) order_type: OrderType,
    pub(crate) client_id: String,
    pub(crate) merchant_order_no: String,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) kind: String,
    pub(crate) url: String,
    pub(crate) endpoint: String,
    pub(crate) body: String,
    pub(crate) state: CallbackState,
    pub(crate) attempts: u32,
    pub(crate) schedule_from: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) next_attempt_at: Option<Timestamp>,
    pub(crate) last_attempt_at: Option<Timestamp>,
    pub(crate) last_status: Option<u32>,
    pub(crate) last_error: String,
    pub(crate) last_detail: String,
}

/// One sending, as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct CallbackAttemptRow {
    pub(crate) no: u32,
    pub(crate) at: Timestamp,
    pub(crate) latency_ms: i64,
    pub(crate) status: Option<u32>,
    pub(crate) error: String,
    pub(crate) detail: String,
    pub(crate) body: Vec<u8>,
    pub(crate) key_id: String,
    pub(crate) password_version: i64,
    pub(crate) by: String,
}

/// Which callbacks a list holds, oldest first. Empty fields do not filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallbackFilter {
    /// Used up, or undelivered since before this.
    pub(crate) stuck_before: Option<Timestamp>,
    pub(crate) undelivered: bool,
    pub(crate) client_id: String,
    pub(crate) endpoint: String,
    pub(crate) order_id: String,
    /// Only callbacks after this id.
    pub(crate) after: String,
    pub(crate) limit: u32,
}

const SELECT: &str = "SELECT c.*, o.merchant_order_no, o.amount_minor, o.currency, o.original_order_id, t.due_at FROM callback c \
    JOIN orders o USING (order_id) LEFT JOIN task t ON t.kind = 'callback' AND t.subject = c.callback_id";

impl Store {
    /// One callback.
    pub(crate) async fn callback(&self, callback_id: &str) -> Result<Option<CallbackRow>, StoreError> {
        let mut script = Script::default();
        script.add(&format!("{SELECT} WHERE c.callback_id = ?"), values![callback_id]);
        let row = script.query()?.fetch_optional(self.readers()).await?;
        row.as_ref().map(callback).transpose()
    }

    /// A page of callbacks.
    pub(crate) async fn list_callbacks(&self, f: &CallbackFilter) -> Result<Vec<CallbackRow>, StoreError> {
        let mut script = Script::default();
        script.add(&format!("{SELECT} WHERE c.callback_id > ?"), values![&f.after]);
        if let Some(before) = f.stuck_before {
            script.add(
                " AND c.state IN ('pending', 'stuck') AND (c.state = 'stuck' OR (c.created_at <= ? AND c.attempts > 0))",
                values![before],
            );
        }
        if f.undelivered {
            script.add(" AND c.state IN ('pending', 'stuck')", vec![]);
        }
        for (column, value) in
            [("client_id", &f.client_id), ("endpoint", &f.endpoint), ("order_id", &f.order_id)]
        {
            if !value.is_empty() {
                script.add(&format!(" AND c.{column} = ?"), values![value]);
            }
        }
        script.add(" ORDER BY c.callback_id LIMIT ?", values![f.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(callback).collect()
    }

    /// A callback's sendings, oldest first.
    pub(crate) async fn callback_attempts(
        &self,
        callback_id: &str,
    ) -> Result<Vec<CallbackAttemptRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM callback_attempt WHERE callback_id = $1 ORDER BY no")
            .bind(callback_id.to_owned())
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|r| {
                Ok(CallbackAttemptRow {
                    no: r.try_get("no")?,
                    at: Timestamp(r.try_get("at")?),
                    latency_ms: r.try_get("latency_ms")?,
                    status: r.try_get("status")?,
                    error: r.try_get("error")?,
                    detail: r.try_get("detail")?,
                    body: r.try_get("body")?,
                    key_id: r.try_get("key_id")?,
                    password_version: r.try_get("password_version")?,
                    by: r.try_get("by")?,
                })
            })
            .collect()
    }
}

fn callback(r: &SqliteRow) -> Result<CallbackRow, StoreError> {
    let time = |column| r.try_get::<Option<i64>, _>(column).map(|t| t.map(Timestamp));
    let id = |text: String| text.parse::<OrderId>().map_err(|_| StoreError::Row("order_id"));
    let order_id = id(r.try_get("order_id")?)?;
    let original = r.try_get::<Option<String>, _>("original_order_id")?.map(id).transpose()?;
    Ok(CallbackRow {
        callback_id: r.try_get("callback_id")?,
        order_type: OrderType::of_kind(original.unwrap_or(order_id).kind())
            .ok_or(StoreError::Row("original_order_id"))?,
        order_id,
        client_id: r.try_get("client_id")?,
        merchant_order_no: r.try_get("merchant_order_no")?,
        amount_minor: r.try_get("amount_minor")?,
        currency: r.try_get("currency")?,
        kind: r.try_get("kind")?,
        url: r.try_get("url")?,
        endpoint: r.try_get("endpoint")?,
        body: r.try_get("body")?,
        state: CallbackState::from_name(&r.try_get::<String, _>("state")?)
            .ok_or(StoreError::Row("callback.state"))?,
        attempts: r.try_get("attempts")?,
        schedule_from: r.try_get("schedule_from")?,
        created_at: Timestamp(r.try_get("created_at")?),
        ended_at: time("ended_at")?,
        next_attempt_at: time("due_at")?,
        last_attempt_at: time("last_attempt_at")?,
        last_status: r.try_get("last_status")?,
        last_error: r.try_get("last_error")?,
        last_detail: r.try_get("last_detail")?,
    })
}
