//! What a channel says of an order, in one shape for every provider (归一化查询结果).

use serde::{Deserialize, Serialize};

use crate::money::Amount;
use crate::time::Timestamp;

/// What the channel's own books hold for the number we sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// The channel knows no such order, now. Never final by itself.
    NotFound,
    /// Known, and waiting for the payer.
    Unpaid,
    /// Paid.
    Paid,
    /// Closed without payment.
    Closed,
    /// A refund is under way.
    Refunding,
    /// Refunded.
    Refunded,
    /// Definitely failed.
    Failed,
    /// No usable answer: the money fact stays what it was, unknown.
    Unknown,
}

impl Presence {
    /// Whether the answer says anything about the money.
    pub const fn is_usable(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// How a channel's answer failed to be usable, or was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing was sent: the breaker is open, or the request can't be written.
    NotSent,
    /// No connection, a broken one, or no answer in time.
    Unreachable,
    /// An HTTP status that the protocol does not use.
    HttpStatus,
    /// Bytes that are no answer of this protocol.
    Garbage,
    /// The signature is missing or does not verify.
    BadSignature,
    /// The provider says that we ask too often.
    TooFrequent,
    /// The provider has it and works on it: the outcome is open.
    InProgress,
    /// Our account at the provider lacks the money: nothing moved; once topped up, the same is sent again.
    Underfunded,
    /// The provider says that it failed itself, or that the outcome is open.
    ProviderError,
    /// The provider refuses our credentials or the form of our request; a person must look.
    Misconfigured,
    /// A code that the protocol's tables do not list.
    Unlisted,
}

/// One fact from a channel about one attempt. Only a verified answer has a [`Presence`] other than `Unknown`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What the channel's books hold.
    pub presence: Presence,
    /// Why it is unknown, where it is.
    pub trouble: Option<Trouble>,
    /// The order's amount as the channel states it.
    pub amount: Option<Amount>,
    /// When the payer paid, or when a refund or payout was made, by the channel's clock. Absent until then.
    pub paid_at: Option<Timestamp>,
    /// The channel's fee where it states one. Where not, it is computed from the tariff.
    pub fee: Option<Amount>,
    /// The channel's own number, where it gave one.
    pub channel_order_no: Option<String>,
    /// The channel's raw code, such as `10000` or `40004/ACQ.TRADE_NOT_EXIST`.
    pub code: String,
    /// The channel's raw message.
    pub message: String,
}

impl Observation {
    /// No usable answer, and why.
    pub fn unknown(trouble: Trouble, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            presence: Presence::Unknown,
            trouble: Some(trouble),
            amount: None,
            paid_at: None,
            fee: None,
            channel_order_no: None,
            code: code.into(),
            message: message.into(),
        }
    }

    /// A usable answer without further facts.
    pub fn of(presence: Presence, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { presence, trouble: None, ..Self::unknown(Trouble::Unlisted, code, message) }
    }
}
