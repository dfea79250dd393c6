//! The order object, as far as a merchant's program works with it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::OrderKind;
use crate::control::PaymentContent;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Money {
    /// Renminbi, in fen.
    pub fn cny(minor: i64) -> Self {
        Self { minor, currency: "CNY".to_owned() }
    }
}

/// Who bears a fee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// The user whose money moves.
    #[default]
    User,
    /// The app.
    App,
}

/// An order as Sluice shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Sluice's number.
    pub order_id: String,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// The state's number.
    pub state: i64,
    /// The state's name.
    #[serde(default)]
    pub state_name: String,
    /// Grows with every change.
    #[serde(default)]
    pub state_version: i64,
    /// Such as `late` and `amount_mismatch`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// How much.
    pub amount: Money,
    /// What the payer is to be shown.
    #[serde(default)]
    pub payment: Option<PaymentContent>,
    /// The channel has not answered yet.
    #[serde(default)]
    pub payment_pending: bool,
    /// The number that Sluice sent to the channel.
    #[serde(default)]
    pub channel_ref: Option<String>,
    /// Why it is closed.
    #[serde(default)]
    pub closed_reason: Option<String>,
    /// What was refunded so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Money>,
    /// Trades: what was captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Money>,
    /// Refunds: the order that is refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_order_id: Option<String>,
    /// The same request had been made before.
    #[serde(default)]
    pub replayed: bool,
    /// The rest of the object.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Order {
    /// What kind it is.
    pub fn kind(&self) -> Option<OrderKind> {
        OrderKind::of_id(&self.order_id)
    }

    /// Its fee in minor units.
    pub fn fee_minor(&self) -> i64 {
        self.more.get("fee").and_then(|fee| fee["minor"].as_i64()).unwrap_or_default()
    }

    /// The ids of its callbacks, oldest first.
    pub fn callback_ids(&self) -> Vec<&str> {
        let callbacks = self.more.get("callbacks").and_then(Value::as_array).into_iter().flatten();
        callbacks.filter_map(|callback| callback["callback_id"].as_str()).collect()
    }
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    pub next_cursor: Option<String>,
}

/// A page of orders.
pub type Orders = Page<Order>;

/// A line of an order's timeline.
#[derive(Clone, Debug, Deserialize)]
pub struct TimelineEntry {
    /// When.
    pub at: String,
    /// Such as `order.paid`.
    pub kind: String,
    /// For people.
    pub summary: String,
}
