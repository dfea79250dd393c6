//! The order object, as far as a merchant's program works with it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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

/// What a recharge is asked with. [`NewRecharge::new`] fills in the rest.
#[derive(Clone, Debug, Serialize)]
pub struct NewRecharge {
    /// The merchant's number.
    pub merchant_order_no: String,
    /// Whose money it will be.
    pub user_ref: String,
    /// How much.
    pub amount: Money,
    /// What the payer reads.
    pub subject: String,
    /// `qr`, `page`, ….
    pub method: String,
    /// The channel account; absent: routed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Humantime; absent: the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
    /// Absent: the app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// Where the payer's browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Anything else, as it is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl NewRecharge {
    /// A recharge of `minor` fen by QR code at Alipay.
    pub fn new(merchant_order_no: impl Into<String>, minor: i64) -> Self {
        Self {
            merchant_order_no: merchant_order_no.into(),
            user_ref: "u1".to_owned(),
            amount: Money::cny(minor),
            subject: "会员充值".to_owned(),
            method: "qr".to_owned(),
            channel: Some("alipay".to_owned()),
            expires_in: None,
            notify_url: None,
            return_url: None,
            more: Map::new(),
        }
    }
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
    /// The same request had been made before.
    #[serde(default)]
    pub replayed: bool,
    /// The rest of the object.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A page of orders.
#[derive(Clone, Debug, Deserialize)]
pub struct Orders {
    /// The orders.
    pub items: Vec<Order>,
    /// Where the next page begins; absent on the last.
    pub next_cursor: Option<String>,
}
