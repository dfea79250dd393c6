//! Decisions that wait for a second operator.

use sluice_core::id::OrderId;
use sluice_core::money::Amount;
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::desk::{Matter, Proposed};
use crate::store::script::{Script, Value, values};
use crate::store::sqlite::desk::WAITS;
use crate::store::{Store, StoreError};

/// A decision that waits, with what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) proposed: Proposed,
    pub(crate) client_id: String,
    pub(crate) merchant_order_no: String,
    pub(crate) channel: String,
    pub(crate) amount: Amount,
}

impl Store {
    /// What waits of all orders or of one, the oldest first.
    pub(crate) async fn proposals(
        &self,
        order: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<Waiting>, StoreError> {
        match order {
            Some(order) => self.waiting_decisions("p.order_id = ?", values![order], limit).await,
            None => self.waiting_decisions("1", vec![], limit).await,
        }
    }

    /// What waits on this matter.
    pub(crate) async fn proposal(&self, matter: &Matter) -> Result<Option<Waiting>, StoreError> {
        let bound = values![matter.kind(), matter.order(), matter.key()];
        let found = self.waiting_decisions("p.kind = ? AND p.order_id = ? AND p.key = ?", bound, 1).await?;
        Ok(found.into_iter().next())
    }

    async fn waiting_decisions(
        &self,
        condition: &str,
        bound: Vec<Value>,
        limit: u32,
    ) -> Result<Vec<Waiting>, StoreError> {
        let mut script = Script::default();
        script.add(
            &format!(
                "SELECT p.*, o.client_id, o.merchant_order_no, coalesce(s.channel, o.channel) AS channel, \
                 coalesce(s.amount_minor, o.amount_minor) AS amount_minor, \
                 coalesce(s.currency, o.currency) AS currency FROM proposal p JOIN orders o USING (order_id) \
                 LEFT JOIN suspense s ON p.kind = 'suspense' AND s.order_id = p.order_id AND s.key = p.key \
                 WHERE {WAITS} AND {condition}"
            ),
            bound,
        );
        script.add(" ORDER BY p.proposed_at, p.order_id, p.key LIMIT ?", values![limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(waiting).collect()
    }
}

fn waiting(row: &SqliteRow) -> Result<Waiting, StoreError> {
    let order = row.try_get::<String, _>("order_id")?.parse().map_err(|_| StoreError::Row("order_id"))?;
    let currency = row.try_get::<String, _>("currency")?.parse().map_err(|_| StoreError::Row("currency"))?;
    let matter = match row.try_get::<String, _>("kind")?.as_str() {
        "suspense" => Matter::Suspense { order, key: row.try_get("key")? },
        "payout" => Matter::Payout { order },
        _ => return Err(StoreError::Row("proposal.kind")),
    };
    Ok(Waiting {
        proposed: Proposed {
            matter,
            decision: row.try_get("decision")?,
            bill_line: row.try_get("bill_line")?,
            reason: row.try_get("reason")?,
            by: row.try_get("proposed_by")?,
            at: Timestamp(row.try_get("proposed_at")?),
        },
        client_id: row.try_get("client_id")?,
        merchant_order_no: row.try_get("merchant_order_no")?,
        channel: row.try_get::<Option<String>, _>("channel")?.unwrap_or_default(),
        amount: Amount::new(row.try_get("amount_minor")?, currency),
    })
}
