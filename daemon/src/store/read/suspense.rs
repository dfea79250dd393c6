//! Money in suspense: what still waits, and what was decided.

use sluice_core::change::{Proposal, SuspenseReason, SuspenseState};
use sluice_core::id::OrderId;
use sluice_core::money::Amount;
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

/// Money that belongs to nobody yet, or is missing.
#[derive(Clone, Debug)]
pub(crate) struct SuspenseRow {
    pub(crate) order: OrderId,
    pub(crate) key: String,
    pub(crate) channel: String,
    pub(crate) amount: Amount,
    pub(crate) reason: SuspenseReason,
    /// What will probably be decided.
    pub(crate) proposal: Proposal,
    pub(crate) state: SuspenseState,
    pub(crate) at: Timestamp,
    pub(crate) evidence_id: Option<String>,
    /// Of the last decision; where it failed, the row is open again.
    pub(crate) decided_by: Vec<String>,
    pub(crate) decided_at: Option<Timestamp>,
    pub(crate) decided_reason: Option<String>,
    /// Where the row is in the list.
    place: (i64, i64),
}

impl SuspenseRow {
    /// Where the next page of the list begins.
    pub(crate) fn place(&self) -> SuspensePlace {
        SuspensePlace {
            rank: self.place.0,
            time: self.place.1,
            order: self.order.to_string(),
            key: self.key.clone(),
        }
    }
}

/// A place in the list: what waits has rank 0 and comes by its age, what is decided rank 1, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SuspensePlace {
    pub(crate) rank: i64,
    pub(crate) time: i64,
    pub(crate) order: String,
    pub(crate) key: String,
}

/// Which rows a list holds. Empty fields do not filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct SuspenseFilter {
    /// What is decided, too.
    pub(crate) all: bool,
    pub(crate) client_id: String,
    pub(crate) order: Option<OrderId>,
    pub(crate) after: Option<SuspensePlace>,
    pub(crate) limit: u32,
}

const ROWS: &str = "SELECT * FROM (SELECT s.*, o.client_id, s.state NOT IN ('open', 'refunding') AS rank, \
    CASE WHEN s.state IN ('open', 'refunding') THEN s.created_at ELSE -coalesce(s.decided_at, 0) END AS time \
    FROM suspense s JOIN orders o USING (order_id))";

impl Store {
    /// A page: what waits, the oldest first, then what is decided, the newest first.
    pub(crate) async fn list_suspense(&self, f: &SuspenseFilter) -> Result<Vec<SuspenseRow>, StoreError> {
        let mut script = Script::default();
        script.add(&format!("{ROWS} WHERE 1"), vec![]);
        if !f.all {
            script.add(" AND state IN ('open', 'refunding')", vec![]);
        }
        if !f.client_id.is_empty() {
            script.add(" AND client_id = ?", values![&f.client_id]);
        }
        if let Some(order) = f.order {
            script.add(" AND order_id = ?", values![order]);
        }
        if let Some(after) = &f.after {
            script.add(
                " AND (rank, time, order_id, key) > (?, ?, ?, ?)",
                values![after.rank, after.time, &after.order, &after.key],
            );
        }
        script.add(" ORDER BY rank, time, order_id, key LIMIT ?", values![f.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(row).collect()
    }

    /// One payment in suspense.
    pub(crate) async fn suspense(
        &self,
        order: OrderId,
        key: &str,
    ) -> Result<Option<SuspenseRow>, StoreError> {
        let mut script = Script::default();
        script.add(&format!("{ROWS} WHERE order_id = ? AND key = ?"), values![order, key]);
        script.query()?.fetch_optional(self.readers()).await?.as_ref().map(row).transpose()
    }

    /// What an account holds, in minor units; nothing where it was never used.
    pub(crate) async fn balance(&self, account: &str, currency: &str) -> Result<i64, StoreError> {
        let mut script = Script::default();
        script.add(
            "SELECT balance FROM account WHERE account = ? AND currency = ?",
            values![account, currency],
        );
        let row = script.query()?.fetch_optional(self.readers()).await?;
        row.map_or(Ok(0), |row| Ok(row.try_get(0)?))
    }
}

fn row(r: &SqliteRow) -> Result<SuspenseRow, StoreError> {
    let text = |column| r.try_get::<String, _>(column);
    let currency = text("currency")?.parse().map_err(|_| StoreError::Row("currency"))?;
    Ok(SuspenseRow {
        order: text("order_id")?.parse().map_err(|_| StoreError::Row("order_id"))?,
        key: text("key")?,
        channel: text("channel")?,
        amount: Amount::new(r.try_get("amount_minor")?, currency),
        reason: SuspenseReason::from_name(&text("reason")?).ok_or(StoreError::Row("suspense.reason"))?,
        proposal: Proposal::from_name(&text("proposal")?).ok_or(StoreError::Row("suspense.proposal"))?,
        state: SuspenseState::from_name(&text("state")?).ok_or(StoreError::Row("suspense.state"))?,
        at: Timestamp(r.try_get("created_at")?),
        evidence_id: r.try_get("evidence_id")?,
        decided_by: serde_json::from_str(&text("decided_by")?)
            .map_err(|_| StoreError::Row("suspense.decided_by"))?,
        decided_at: r.try_get::<Option<i64>, _>("decided_at")?.map(Timestamp),
        decided_reason: r.try_get("decided_reason")?,
        place: (r.try_get("rank")?, r.try_get("time")?),
    })
}
