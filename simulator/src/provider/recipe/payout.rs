//! What the amount of a payout makes happen.

use serde::{Deserialize, Serialize};

use super::{LATE, Row, find};
use crate::provider::course::{Fate, Outcome};

/// What the amount of a payout makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutRecipe {
    /// 92
    Returned,
    /// 94
    RefusedUnknown,
    /// 95
    DealingForEver,
    /// 96
    PaidLate,
    /// 97
    Unanswered,
    /// 98
    FailedLate,
    /// 99
    Refused,
}

impl PayoutRecipe {
    /// The table.
    pub const TABLE: [Row<PayoutRecipe>; 7] = [
        (92, PayoutRecipe::Returned, "returned", "paid; the bank returns it 3 s later (退票)"),
        (
            94,
            PayoutRecipe::RefusedUnknown,
            "refused_unknown",
            "refused at once; asked for it, the provider knows no such payout",
        ),
        (
            95,
            PayoutRecipe::DealingForEver,
            "dealing_for_ever",
            "dealing, until a control call says how it ends",
        ),
        (96, PayoutRecipe::PaidLate, "paid_late", "dealing; paid 3 s later"),
        (
            97,
            PayoutRecipe::Unanswered,
            "unanswered",
            "paid, and the first request is never answered; only a query finds it",
        ),
        (98, PayoutRecipe::FailedLate, "failed_late", "dealing; failed 3 s later"),
        (99, PayoutRecipe::Refused, "refused", "refused at once; asked for it, the provider says failed"),
    ];

    /// The recipe of an amount in minor units, if it has one.
    pub fn of(amount_minor: i64) -> Option<Self> {
        find(&Self::TABLE, amount_minor)
    }

    /// What becomes of the payout; `None`: nothing by itself.
    pub(crate) fn fate(self) -> Option<Fate> {
        Some(match self {
            Self::DealingForEver => return None,
            Self::Returned => Fate::late(Outcome::Returned, LATE),
            Self::PaidLate => Fate::late(Outcome::Success, LATE),
            Self::FailedLate => Fate::late(Outcome::Failed, LATE),
            Self::Unanswered => Fate::now(Outcome::Success),
            Self::Refused | Self::RefusedUnknown => Fate::now(Outcome::Failed),
        })
    }
}
