//! What the amount of a refund makes happen: the refund's own amount, not that of its payment.

use serde::{Deserialize, Serialize};

use super::{LATE, Row, find};
use crate::provider::Plan;
use crate::provider::course::{Fate, Outcome};

/// What the amount of a refund makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundRecipe {
    /// 90
    NotifiedTwice,
    /// 91
    NotifiedBeforeAnswer,
    /// 95
    DealingForEver,
    /// 96
    RefundedLate,
    /// 97
    Unanswered,
    /// 98
    FailedLate,
    /// 99
    Refused,
}

impl RefundRecipe {
    /// The table.
    pub const TABLE: [Row<RefundRecipe>; 7] = [
        (90, RefundRecipe::NotifiedTwice, "notified_twice", "refunded; the notification comes twice"),
        (
            91,
            RefundRecipe::NotifiedBeforeAnswer,
            "notified_before_answer",
            "refunded and notified before the provider has answered the request",
        ),
        (
            95,
            RefundRecipe::DealingForEver,
            "dealing_for_ever",
            "accepted and not shown by a query, until a control call says how it ends",
        ),
        (96, RefundRecipe::RefundedLate, "refunded_late", "accepted; refunded and notified 3 s later"),
        (
            97,
            RefundRecipe::Unanswered,
            "unanswered",
            "refunded; neither is the first request answered nor a notification sent, only a query finds it",
        ),
        (98, RefundRecipe::FailedLate, "failed_late", "accepted; 3 s later it has failed"),
        (99, RefundRecipe::Refused, "refused", "refused at once"),
    ];

    /// The recipe of an amount in minor units, if it has one.
    pub fn of(amount_minor: i64) -> Option<Self> {
        find(&Self::TABLE, amount_minor)
    }

    /// What becomes of the refund; `None`: nothing by itself.
    pub(crate) fn fate(self) -> Option<Fate> {
        Some(match self {
            Self::DealingForEver => return None,
            Self::RefundedLate => Fate::late(Outcome::Success, LATE),
            Self::FailedLate => Fate::late(Outcome::Failed, LATE),
            Self::Refused => Fate::now(Outcome::Failed),
            Self::NotifiedTwice | Self::NotifiedBeforeAnswer | Self::Unanswered => {
                Fate::now(Outcome::Success)
            }
        })
    }

    /// How the provider tells of it.
    pub(crate) fn plan(self) -> Plan {
        match self {
            Self::NotifiedTwice => Plan::Twice,
            Self::Unanswered => Plan::Never,
            _ => Plan::Now,
        }
    }
}
