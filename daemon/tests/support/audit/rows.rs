//! What the daemon's database says, read once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::support::database::Database;

/// An order with its one attempt, of whatever kind.
#[derive(Debug, Deserialize)]
pub(super) struct OrderRow {
    pub(super) order_id: String,
    pub(super) kind: String,
    pub(super) client_id: String,
    pub(super) number: String,
    pub(super) user: String,
    /// Of its own machine: what refunds lend is left out.
    pub(super) machine: i64,
    pub(super) reason: Option<String>,
    pub(super) flags: Vec<String>,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) bearer: String,
    pub(super) returnable: i64,
    pub(super) refunded: i64,
    pub(super) refunding: i64,
    pub(super) original: Option<String>,
    pub(super) channel_ref: Option<String>,
    /// Recharges: the payment that was credited.
    pub(super) paid_ref: Option<String>,
    /// Trades: who is paid, in how many steps, and what was captured.
    pub(super) to: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) captured: Option<i64>,
    /// Refunds: what is held, and of whom; what goes back of the fee, and to whom.
    pub(super) held: Option<i64>,
    pub(super) source: Option<String>,
    pub(super) fee_returned: Option<i64>,
    pub(super) fee_bearer: Option<String>,
    /// Withdrawals: who is paid.
    pub(super) payee: Option<String>,
}

const ORDERS: &str = "SELECT json_object('order_id', order_id, 'kind', kind, 'client_id', client_id, \
    'number', merchant_order_no, 'user', user_ref, 'machine', machine_state, 'reason', closed_reason, \
    'flags', json(flags), 'amount', amount_minor, 'fee', fee_minor, 'bearer', fee_bearer, 'returnable', fee_returnable, \
    'refunded', refunded_minor, 'refunding', refunding_minor, 'original', original_order_id, \
    'channel_ref', a.channel_ref, 'paid_ref', details ->> '$.paid_ref', 'to', details ->> '$.to_user_ref', \
    'mode', details ->> '$.mode', 'captured', details ->> '$.captured', 'held', details ->> '$.held', \
    'source', details ->> '$.source', 'fee_returned', details ->> '$.fee_returned', \
    'fee_bearer', details ->> '$.fee_bearer', 'payee', details ->> '$.payee.account') \
    FROM orders LEFT JOIN attempt a USING (order_id)";

/// Money that belongs to nobody yet.
#[derive(Debug, Deserialize)]
pub(super) struct Suspended {
    pub(super) order_id: String,
    /// The provider's number of the payment.
    pub(super) key: String,
    pub(super) amount: i64,
}

const SUSPENSE: &str =
    "SELECT json_object('order_id', order_id, 'key', key, 'amount', amount_minor) FROM suspense";

/// A callback as it is stored.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CallbackRow {
    pub(super) order_id: String,
    pub(super) callback_id: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) body: String,
}

const CALLBACKS: &str = "SELECT json_object('order_id', order_id, 'callback_id', callback_id, 'kind', kind, \
    'state', state, 'body', body) FROM callback ORDER BY callback_id";

/// What the daemon's database says.
pub(super) struct Books {
    pub(super) orders: Vec<OrderRow>,
    pub(super) suspense: Vec<Suspended>,
    /// Order and kind of each journal.
    pub(super) journals: Vec<(String, String)>,
    /// Balances by account, on its normal side; empty ones are left out.
    pub(super) balances: BTreeMap<String, i64>,
    pub(super) callbacks: Vec<CallbackRow>,
}

impl Books {
    pub(super) async fn read(db: &Database) -> Self {
        let balances: Vec<(String, i64)> =
            rows(db, "SELECT json_array(account, balance) FROM account WHERE balance <> 0").await;
        let books = Self {
            orders: rows(db, ORDERS).await,
            suspense: rows(db, SUSPENSE).await,
            journals: rows(db, "SELECT json_array(order_id, kind) FROM journal").await,
            balances: balances.into_iter().collect(),
            callbacks: rows(db, CALLBACKS).await,
        };
        let orders = usize::try_from(db.number("SELECT count(*) FROM orders").await).unwrap();
        assert_eq!(books.orders.len(), orders, "no order is sent to a channel under two numbers");
        books
    }

    /// The orders by their ids.
    pub(super) fn by_id(&self) -> BTreeMap<&str, &OrderRow> {
        self.orders.iter().map(|order| (order.order_id.as_str(), order)).collect()
    }

    /// The orders by the numbers that went to the channel.
    pub(super) fn by_ref(&self) -> BTreeMap<&str, &OrderRow> {
        let sent = self.orders.iter().filter_map(|order| Some((order.channel_ref.as_deref()?, order)));
        sent.collect()
    }
}

/// The provider's numbers of all payments that the daemon knows.
pub(super) async fn known_payments(db: &Database) -> BTreeSet<String> {
    let sql = "SELECT details ->> '$.paid_ref' FROM orders WHERE details ->> '$.paid_ref' IS NOT NULL \
        UNION SELECT key FROM suspense";
    db.texts(sql).await.into_iter().collect()
}

async fn rows<T: DeserializeOwned>(db: &Database, sql: &'static str) -> Vec<T> {
    let read = |row: serde_json::Value| {
        serde_json::from_value(row.clone()).unwrap_or_else(|error| panic!("{error}: {row}"))
    };
    db.json(sql).await.into_iter().map(read).collect()
}
