//! Orders: one, by any number, and lists.

use sluice_core::change::CredentialCheck;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::AnyOrder;
use sluice_core::time::Timestamp;
use sqlx::Row;

use super::order_row::{COLUMNS, order};
use crate::store::script::{Script, values};
use crate::store::sqlite::guard::{CREDENTIALS, credential_values};
use crate::store::{Store, StoreError};

/// An answer to a merchant's read: the check and the row come from one statement.
#[derive(Debug)]
pub(crate) enum Checked<T> {
    /// What verified the request is not valid any more.
    Stale,
    Valid(T),
}

/// Which orders a list holds, newest first. Empty fields do not filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrderFilter {
    pub(crate) states: Vec<u8>,
    /// Names of kinds.
    pub(crate) kinds: Vec<&'static str>,
    /// Refunds of this order.
    pub(crate) original: Option<OrderId>,
    /// Unknown since before the channel's limit, by channel.
    pub(crate) limbo: Option<Vec<(String, Timestamp)>>,
    pub(crate) channel: String,
    pub(crate) client_id: String,
    pub(crate) user_ref: String,
    pub(crate) text: String,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    /// Only orders before this id.
    pub(crate) before: Option<OrderId>,
    pub(crate) limit: u32,
}

/// A refund of money in suspense is between operators and the channel: merchants, who never had this money, see none.
const OF_MERCHANTS: &str = "o.details ->> '$.source.suspense' IS NULL";

impl Store {
    /// One order.
    pub(crate) async fn order(&self, id: OrderId) -> Result<Option<AnyOrder>, StoreError> {
        self.one("o.order_id = ?", values![id]).await
    }

    /// The order of an app's own number.
    pub(crate) async fn order_by_merchant_no(
        &self,
        client_id: &str,
        kind: OrderKind,
        number: &str,
    ) -> Result<Option<AnyOrder>, StoreError> {
        self.one(
            "o.client_id = ? AND o.kind = ? AND o.merchant_order_no = ?",
            values![client_id, kind.name(), number],
        )
        .await
    }

    /// The order of a number that we sent to a channel.
    pub(crate) async fn order_by_channel_ref(
        &self,
        channel: &str,
        channel_ref: &str,
    ) -> Result<Option<AnyOrder>, StoreError> {
        self.one(
            "o.order_id = (SELECT order_id FROM attempt WHERE channel = ? AND channel_ref = ?)",
            values![channel, channel_ref],
        )
        .await
    }

    /// Orders by any number: ours, the merchant's, one sent to or given by a channel, a callback's.
    pub(crate) async fn orders_by_number(&self, number: &str) -> Result<Vec<AnyOrder>, StoreError> {
        let mut script = Script::default();
        let sql = format!(
            "SELECT {COLUMNS} FROM orders o WHERE o.order_id IN ( \
             SELECT order_id FROM orders WHERE order_id = ? \
             UNION SELECT order_id FROM orders WHERE merchant_order_no = ? \
             UNION SELECT order_id FROM attempt WHERE channel_ref = ? \
             UNION SELECT order_id FROM attempt WHERE channel_order_no = ? \
             UNION SELECT order_id FROM callback WHERE callback_id = ?) ORDER BY o.ulid DESC LIMIT 100"
        );
        script.add(&sql, values![number, number, number, number, number]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(order).collect()
    }

    /// One order of an app, for an answer to it.
    pub(crate) async fn order_checked(
        &self,
        check: &CredentialCheck,
        kind: OrderKind,
        id: &str,
    ) -> Result<Checked<Option<AnyOrder>>, StoreError> {
        let mut script = Script::default();
        let sql = format!(
            "SELECT ({CREDENTIALS}) AS valid, o.* FROM (SELECT 1) LEFT JOIN (SELECT {COLUMNS} FROM orders o \
             WHERE o.order_id = ? AND o.client_id = ? AND o.kind = ? AND {OF_MERCHANTS}) o"
        );
        let mut bound = credential_values(check);
        bound.extend(values![id, &check.client_id, kind.name()]);
        script.add(&sql, bound);
        let row = script.query()?.fetch_one(self.readers()).await?;
        if row.try_get::<i64, _>("valid")? == 0 {
            return Ok(Checked::Stale);
        }
        let found = row.try_get::<Option<String>, _>("order_id")?.is_some();
        Ok(Checked::Valid(if found { Some(order(&row)?) } else { None }))
    }

    /// A page of an app's orders, for an answer to it.
    pub(crate) async fn orders_checked(
        &self,
        check: &CredentialCheck,
        kind: OrderKind,
        merchant_order_no: Option<&str>,
        filter: &OrderFilter,
    ) -> Result<Checked<Vec<AnyOrder>>, StoreError> {
        let mut script = Script::default();
        script.add(
            &format!(
                "SELECT o.* FROM (SELECT ({CREDENTIALS}) AS valid) v LEFT JOIN (SELECT {COLUMNS} FROM orders o \
                 WHERE o.kind = ? AND {OF_MERCHANTS}"
            ),
            credential_values(check).into_iter().chain(values![kind.name()]).collect(),
        );
        if let Some(number) = merchant_order_no {
            script.add(" AND o.merchant_order_no = ?", values![number]);
        }
        conditions(&mut script, filter);
        script.add(" ORDER BY o.ulid DESC LIMIT ?) o WHERE v.valid", values![filter.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        // No row at all: the credentials are stale. One row of NULLs: they are valid, and nothing was found.
        if rows.is_empty() {
            return Ok(Checked::Stale);
        }
        let found = |row: &&sqlx::sqlite::SqliteRow| {
            row.try_get::<Option<String>, _>("order_id").is_ok_and(|id| id.is_some())
        };
        rows.iter().filter(found).map(order).collect::<Result<_, _>>().map(Checked::Valid)
    }

    /// A page of orders, newest first.
    pub(crate) async fn list_orders(&self, filter: &OrderFilter) -> Result<Vec<AnyOrder>, StoreError> {
        let mut script = Script::default();
        script.add(&format!("SELECT {COLUMNS} FROM orders o WHERE 1"), vec![]);
        conditions(&mut script, filter);
        script.add(" ORDER BY o.ulid DESC LIMIT ?", values![filter.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(order).collect()
    }

    async fn one(
        &self,
        condition: &str,
        bound: Vec<crate::store::script::Value>,
    ) -> Result<Option<AnyOrder>, StoreError> {
        let mut script = Script::default();
        script.add(&format!("SELECT {COLUMNS} FROM orders o WHERE {condition}"), bound);
        let row = script.query()?.fetch_optional(self.readers()).await?;
        row.as_ref().map(order).transpose()
    }
}

fn conditions(script: &mut Script, f: &OrderFilter) {
    if !f.states.is_empty() {
        script.add(
            " AND o.state IN (SELECT value FROM json_each(?))",
            values![serde_json::json!(f.states).to_string()],
        );
    }
    if !f.kinds.is_empty() {
        script.add(
            " AND o.kind IN (SELECT value FROM json_each(?))",
            values![serde_json::json!(f.kinds).to_string()],
        );
    }
    if let Some(original) = f.original {
        script.add(" AND o.original_order_id = ?", values![original]);
    }
    if let Some(limbo) = &f.limbo {
        // From their own small index first: the order of the list must not make it a walk through all orders.
        script.add(" AND o.order_id IN (SELECT NULL WHERE 0", vec![]);
        for (channel, before) in limbo {
            script.add(
                " UNION ALL SELECT order_id FROM orders WHERE unknown_since IS NOT NULL AND channel = ? \
                 AND unknown_since <= ?",
                values![channel, *before],
            );
        }
        script.add(")", vec![]);
    }
    for (column, value) in [("channel", &f.channel), ("client_id", &f.client_id), ("user_ref", &f.user_ref)] {
        if !value.is_empty() {
            script.add(&format!(" AND o.{column} = ?"), values![value]);
        }
    }
    if !f.text.is_empty() {
        script.add(
            " AND (instr(o.order_id, ?) OR instr(o.merchant_order_no, ?) OR instr(o.user_ref, ?) \
             OR EXISTS (SELECT 1 FROM attempt t WHERE t.order_id = o.order_id \
             AND (instr(t.channel_ref, ?) OR instr(coalesce(t.channel_order_no, ''), ?))))",
            values![&f.text, &f.text, &f.text, &f.text, &f.text],
        );
    }
    if let Some(from) = f.from {
        script.add(" AND o.created_at >= ? AND o.ulid >= ?", values![from, OrderId::first_ulid(from)]);
    }
    if let Some(to) = f.to {
        // Ids sort by their time: the walk begins there, not at the newest order.
        script.add(" AND o.created_at < ? AND o.ulid < ?", values![to, OrderId::first_ulid(to)]);
    }
    if let Some(before) = f.before {
        script.add(" AND o.ulid < ?", values![before.ulid()]);
    }
}
