//! What orders are asked with. Each `new` fills in what a test seldom cares about; every field can be changed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Money;

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

/// Who is paid out to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payee {
    /// An account at Alipay.
    Alipay {
        /// Its user id or login.
        account: String,
        /// The person's name.
        name: String,
    },
    /// An account at a bank.
    Bank {
        /// Its number.
        account: String,
        /// The person's name.
        name: String,
        /// The bank.
        bank: String,
    },
    /// A person at WeChat Pay.
    Wechat {
        /// By the merchant's app there.
        openid: String,
        /// The person's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

/// What a withdrawal is asked with.
#[derive(Clone, Debug, Serialize)]
pub struct NewWithdrawal {
    /// The merchant's number.
    pub merchant_order_no: String,
    /// Whose money it is.
    pub user_ref: String,
    /// How much the payee gets.
    pub amount: Money,
    /// Who gets it.
    pub payee: Payee,
    /// The channel account; absent: routed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Absent: the app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// Anything else, as it is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl NewWithdrawal {
    /// A withdrawal of `minor` fen of user `u1` to an account at Alipay.
    pub fn new(merchant_order_no: impl Into<String>, minor: i64) -> Self {
        Self {
            merchant_order_no: merchant_order_no.into(),
            user_ref: "u1".to_owned(),
            amount: Money::cny(minor),
            payee: Payee::Alipay { account: "payee@example.com".to_owned(), name: "李四".to_owned() },
            channel: Some("alipay".to_owned()),
            notify_url: None,
            more: Map::new(),
        }
    }

    /// The same for another user.
    #[must_use]
    pub fn of_user(mut self, user_ref: impl Into<String>) -> Self {
        self.user_ref = user_ref.into();
        self
    }
}

/// Who a trade pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Party {
    /// Another user of the app.
    User {
        /// The app's name for it.
        user_ref: String,
    },
    /// The app itself.
    App {
        /// Always true.
        app: bool,
    },
}

impl Party {
    /// A user.
    pub fn user(user_ref: impl Into<String>) -> Self {
        Party::User { user_ref: user_ref.into() }
    }

    /// The app.
    pub fn app() -> Self {
        Party::App { app: true }
    }

    /// The user's name, if it is a user.
    pub fn user_ref(&self) -> Option<&str> {
        match self {
            Party::User { user_ref } => Some(user_ref),
            Party::App { .. } => None,
        }
    }
}

/// In how many steps a trade is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeMode {
    /// At once.
    Direct,
    /// Held first, captured or voided later.
    Authorise,
}

/// What a trade is asked with.
#[derive(Clone, Debug, Serialize)]
pub struct NewTrade {
    /// The merchant's number.
    pub merchant_order_no: String,
    /// Who pays.
    pub from_user_ref: String,
    /// Who is paid.
    pub to: Party,
    /// How much the payee gets.
    pub amount: Money,
    /// In one step or two.
    pub mode: TradeMode,
    /// How long it is held at most, humantime; absent: the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
    /// Absent: the app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// Anything else, as it is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl NewTrade {
    /// A direct trade of `minor` fen.
    pub fn direct(
        merchant_order_no: impl Into<String>,
        from_user_ref: impl Into<String>,
        to: Party,
        minor: i64,
    ) -> Self {
        Self {
            merchant_order_no: merchant_order_no.into(),
            from_user_ref: from_user_ref.into(),
            to,
            amount: Money::cny(minor),
            mode: TradeMode::Direct,
            expires_in: None,
            notify_url: None,
            more: Map::new(),
        }
    }

    /// A trade of which `minor` fen are held until it is captured or voided.
    pub fn authorise(
        merchant_order_no: impl Into<String>,
        from_user_ref: impl Into<String>,
        to: Party,
        minor: i64,
    ) -> Self {
        Self { mode: TradeMode::Authorise, ..Self::direct(merchant_order_no, from_user_ref, to, minor) }
    }
}

/// What a refund is asked with.
#[derive(Clone, Debug, Serialize)]
pub struct NewRefund {
    /// The merchant's number of the refund.
    pub merchant_order_no: String,
    /// How much goes back.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Anything else, as it is.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl NewRefund {
    /// A refund of `minor` fen.
    pub fn new(merchant_order_no: impl Into<String>, minor: i64) -> Self {
        Self {
            merchant_order_no: merchant_order_no.into(),
            amount: Money::cny(minor),
            reason: "商品缺货".to_owned(),
            more: Map::new(),
        }
    }
}
