//! Money in suspense: why it waits, and how far the decision on it is.

use crate::id::OrderId;
use crate::money::Amount;
use crate::time::Timestamp;

/// Money in suspense, with its evidence and a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspense {
    /// The order it was paid for.
    pub order: OrderId,
    /// Tells several of one order apart: the channel's payment number.
    pub key: String,
    /// Where it came in.
    pub channel: String,
    /// How much.
    pub amount: Amount,
    /// Why it could not be credited.
    pub reason: SuspenseReason,
    /// What a person will probably decide.
    pub proposal: Proposal,
    /// When we learned of it.
    pub at: Timestamp,
    /// The exchange that proves it.
    pub evidence_id: Option<String>,
}

/// Why a payment is not credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspenseReason {
    /// Not the order's amount.
    AmountMismatch,
    /// The order was paid before.
    PaidTwice,
    /// The merchant had closed the order.
    LateAfterMerchantClose,
    /// The channel's setting says that late money waits.
    LateSuspended,
    /// The channel had refused the order.
    PaidAfterRefusal,
    /// A payout went out although its hold had been released: money is missing, not left over.
    PaidOutAfterRelease,
}

impl SuspenseReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::AmountMismatch,
        Self::PaidTwice,
        Self::LateAfterMerchantClose,
        Self::LateSuspended,
        Self::PaidAfterRefusal,
        Self::PaidOutAfterRelease,
    ];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmountMismatch => "amount_mismatch",
            Self::PaidTwice => "paid_twice",
            Self::LateAfterMerchantClose => "late_after_merchant_close",
            Self::LateSuspended => "late_suspended",
            Self::PaidAfterRefusal => "paid_after_refusal",
            Self::PaidOutAfterRelease => "paid_out_after_release",
        }
    }

    /// Reads the database's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// The flag that the order carries.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::AmountMismatch => "amount_mismatch",
            Self::PaidTwice => "paid_twice",
            Self::PaidOutAfterRelease => "paid_out_after_release",
            _ => "late",
        }
    }

    /// What a person will probably decide.
    pub const fn proposal(self) -> Proposal {
        match self {
            Self::LateSuspended | Self::PaidAfterRefusal | Self::PaidOutAfterRelease => Proposal::Apply,
            _ => Proposal::Refund,
        }
    }
}

/// What to do with money in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Credit the order's user; where a payout went out without its hold, charge the user.
    Apply,
    /// Give it back to the payer.
    Refund,
    /// Leave it where it is, knowingly.
    Keep,
}

impl Proposal {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Refund => "refund",
            Self::Keep => "keep",
        }
    }

    /// Reads the database's word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Apply, Self::Refund, Self::Keep].into_iter().find(|p| p.name() == name)
    }
}

/// How far the decision on money in suspense is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspenseState {
    /// Waits for a person.
    Open,
    /// Credited to the user, or charged.
    Applied,
    /// On its way back to the payer.
    Refunding,
    /// Back with the payer.
    Refunded,
    /// Left where it is.
    Kept,
}

impl SuspenseState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Applied, Self::Refunding, Self::Refunded, Self::Kept];

    /// Reads the database's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Applied => "applied",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Kept => "kept",
        }
    }
}
