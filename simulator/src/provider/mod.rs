//! What all provider gateways have in common: their books, the payer who pays in and the teller who pays out, and
//! the rules by which they misbehave.
//!
//! A gateway speaks its provider's wire protocol and keeps its own [`books`]; nothing here knows Sluice. The
//! control API reaches every gateway through the [`Gateway`] trait.

pub mod books;
pub mod counts;
pub mod course;
pub mod fault;
pub mod limit;
pub mod order;
pub mod payer;
pub mod payout;
pub mod recipe;
pub mod refund;
pub mod teller;

use serde::{Deserialize, Serialize};
use std::fmt;

use books::Books;
use counts::Counts;
use course::Presets;
use fault::Faults;
use limit::Limits;
use order::{Event, Order};

/// A simulated provider; its name is also the name of the channel account in the sandbox's daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 支付宝, mainland open platform.
    Alipay,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Channel::Alipay => "alipay",
        })
    }
}

/// A kind of entry in a provider's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Money that comes in.
    Payment,
    /// A part of a payment that goes back.
    Refund,
    /// Money that the merchant sends out.
    Payout,
}

/// One kind of exchange with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// The merchant's server submits a payment.
    Create,
    /// It asks what became of a payment.
    Query,
    /// It closes an unpaid payment.
    Close,
    /// It pays back.
    Refund,
    /// It asks what became of a refund.
    RefundQuery,
    /// It pays out.
    Payout,
    /// It asks what became of a payout.
    PayoutQuery,
    /// The provider tells the merchant of a payment or refund.
    Notify,
    /// The merchant fetches a day's bill.
    Bill,
}

/// The knobs that the control API turns, shared by all gateways.
#[derive(Debug, Default)]
pub struct Rules {
    /// Faults on demand.
    pub faults: Faults,
    /// Hidden limits.
    pub limits: Limits,
    /// How refunds and payouts end that no provider has heard of yet.
    pub presets: Presets,
    /// What came in, by channel, operation and outcome.
    pub counts: Counts,
}

impl Rules {
    /// Rules whose chances are drawn from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self { faults: Faults::seeded(seed), ..Self::default() }
    }
}

/// When and how often the provider tells of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// As soon as it is booked, and again on the provider's retry schedule until it is acknowledged.
    #[default]
    Now,
    /// Not at all: only a query finds the payment.
    Never,
    /// Two copies at once, both with the provider's retries.
    Twice,
    /// As `now`, this many milliseconds later.
    AfterMs(u64),
}

/// What the control API, the payer and the recipes need of a provider's gateway.
pub trait Gateway: Send + Sync + 'static {
    /// Which provider this is.
    fn channel(&self) -> Channel;
    /// The provider's books.
    fn books(&self) -> &Books;
    /// Starts telling the merchant's server of `event`; returns at once.
    fn notify(&self, order: &Order, event: Event, plan: Plan);
}
