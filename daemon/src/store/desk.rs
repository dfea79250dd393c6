//! What operators decide about money, as it is written.

use sluice_core::id::OrderId;
use sluice_core::time::Timestamp;

/// What a decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    /// Money in suspense: the order that it was paid for, and which payment.
    Suspense { order: OrderId, key: String },
    /// A payout or a refund whose end no channel tells.
    Payout { order: OrderId },
}

impl Matter {
    /// As in the database.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Suspense { .. } => "suspense",
            Self::Payout { .. } => "payout",
        }
    }

    /// The order.
    pub(crate) const fn order(&self) -> OrderId {
        match self {
            Self::Suspense { order, .. } | Self::Payout { order } => *order,
        }
    }

    /// Which money in suspense; empty for a payout.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Suspense { key, .. } => key,
            Self::Payout { .. } => "",
        }
    }
}

/// A decision that waits for the same from another operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposed {
    pub(crate) matter: Matter,
    /// apply, refund or keep; of a payout paid, refunded or failed.
    pub(crate) decision: String,
    /// What the provider's bill says of a payout. May name people: shown to operators only, and in no log.
    pub(crate) bill_line: String,
    pub(crate) reason: String,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// One row's change.
#[derive(Clone, Debug)]
pub(crate) enum DeskRecord {
    /// A decision waits; it takes the place of another.
    Propose(Proposed),
    /// It was decided: nothing waits any more.
    Settle(Matter),
    /// Who decided on money in suspense, and why.
    Deciders { order: OrderId, key: String, by: Vec<String>, reason: String },
}
