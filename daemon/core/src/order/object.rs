//! The order object: one shape in API answers, callbacks, `--json` and gRPC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::payment::{Method, Payment};
use crate::fee::Bearer;
use crate::id::OrderId;
use crate::money::Amount;
use crate::time::Timestamp;

/// An order as merchants and operators see it. Field names are normative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderObject {
    /// Our id.
    pub order_id: OrderId,
    /// The app.
    pub client_id: String,
    /// `recharge`, `withdraw`, `trade` or `refund`.
    pub r#type: String,
    /// The merchant's own number.
    pub merchant_order_no: String,
    /// The app's user.
    pub user_ref: String,
    /// The state's number.
    pub state: u8,
    /// The state's name.
    pub state_name: String,
    /// Grows with every change that a merchant can see.
    pub state_version: i64,
    /// Facts beside the state, such as `late` or `amount_mismatch`.
    pub flags: Vec<String>,
    /// What is to be paid.
    pub amount: Amount,
    /// Our fee.
    pub fee: Amount,
    /// Who bears the fee; left out where the user does.
    #[serde(default, skip_serializing_if = "Bearer::is_user")]
    pub fee_borne_by: Bearer,
    /// What was refunded so far.
    pub refunded: Amount,
    /// The channel's account name.
    pub channel: Option<String>,
    /// How the payer pays.
    pub method: Option<Method>,
    /// The number that we sent to the channel.
    pub channel_ref: Option<String>,
    /// The provider's own number.
    pub channel_order_no: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the payer paid, by the channel's clock.
    pub paid_at: Option<Timestamp>,
    /// Until when the payer can pay.
    pub expires_at: Option<Timestamp>,
    /// Why it is closed.
    pub closed_reason: Option<String>,
    /// What the payer is shown; null until the channel gave it.
    pub payment: Option<Payment>,
    /// The channel has not answered the creation yet.
    pub payment_pending: bool,
    /// The merchant asked to close, and the channel has not answered yet.
    pub close_pending: bool,
    /// Its callbacks, oldest first.
    pub callbacks: Vec<CallbackBrief>,
    /// The merchant's own data.
    pub metadata: BTreeMap<String, String>,
    /// In answers only: this creation was asked for before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed: Option<bool>,
    /// Refunds only: the order that is refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_order_id: Option<OrderId>,
    /// Refunds only: the part of the original's fee that goes back with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_returned: Option<Amount>,
    /// Trades only: who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TradeTo>,
    /// Trades only: in one step or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<TradeMode>,
    /// Trades only: what was captured, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Amount>,
}

/// Who a trade pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TradeTo {
    /// Another user of the app.
    User {
        /// The app's name for it.
        user_ref: String,
    },
    /// The app's settlement account.
    App {
        /// Always true.
        app: bool,
    },
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

impl TradeMode {
    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Authorise => "authorise",
        }
    }

    /// Reads the API's word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Direct, Self::Authorise].into_iter().find(|m| m.name() == name)
    }
}

/// A callback in its order's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackBrief {
    /// `cbk_` and 26 characters.
    pub callback_id: String,
    /// Such as `recharge.paid`.
    pub r#type: String,
    /// How far its delivery is.
    pub state: CallbackState,
    /// How often it was sent.
    pub attempts: u32,
}

/// How far a callback's delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// Waiting for its next attempt.
    Pending,
    /// Acknowledged by the merchant.
    Delivered,
    /// The schedule is used up; an operator or the merchant replays it.
    Stuck,
    /// A newer fact took its place before it was acknowledged.
    Superseded,
}

impl CallbackState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Delivered, Self::Stuck, Self::Superseded];

    /// As in the order object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Stuck => "stuck",
            Self::Superseded => "superseded",
        }
    }

    /// Reads the order object's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}
