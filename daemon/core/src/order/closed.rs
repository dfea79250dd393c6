//! Why an order is closed.

use serde::{Deserialize, Serialize};

/// Why an order is closed without its money having moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// Nobody paid, or captured, in time.
    Expired,
    /// The channel closed it.
    ClosedByChannel,
    /// The merchant asked for it.
    ClosedByMerchant,
    /// The channel would not take it.
    RefusedByChannel,
    /// A withdrawal that the channel definitely did not pay out.
    Rejected,
    /// A withdrawal that the merchant cancelled before it was sent.
    Cancelled,
}

impl ClosedReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Expired,
        Self::ClosedByChannel,
        Self::ClosedByMerchant,
        Self::RefusedByChannel,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// As in the order object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::ClosedByChannel => "closed_by_channel",
            Self::ClosedByMerchant => "closed_by_merchant",
            Self::RefusedByChannel => "refused_by_channel",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    /// In a sentence, for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Expired => {
                "recharge: nobody paid in time; the channel was asked, and told. Trade: nobody captured in time"
            }
            Self::ClosedByChannel => "recharge: the channel closed it",
            Self::ClosedByMerchant => "recharge: the merchant asked for it. Trade: the merchant voided it",
            Self::RefusedByChannel => "recharge: the channel would not take it",
            Self::Rejected => {
                "withdraw: the channel definitely did not pay it out; the held funds are free again"
            }
            Self::Cancelled => "withdraw: the merchant cancelled it before anything was sent",
        }
    }

    /// Reads the order object's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}
