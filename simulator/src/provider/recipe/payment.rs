//! What the amount of a payment makes happen.

use serde::{Deserialize, Serialize};

use super::{Row, find};

/// What the amount of a payment makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// 90
    NotifiedTwice,
    /// 91
    NotifiedBeforeAnswer,
    /// 92
    SuccessAfterClose,
    /// 93
    WaitsForEver,
    /// 94
    AmountMismatch,
    /// 95
    NeverNotified,
    /// 96
    NotifiedLate,
    /// 97
    PaidTwice,
    /// 98
    ClosedByChannel,
    /// 99
    RefusedAtCreation,
}

impl Recipe {
    /// The table.
    pub const TABLE: [Row<Recipe>; 10] = [
        (90, Recipe::NotifiedTwice, "notified_twice", "paid; the notification comes twice"),
        (
            91,
            Recipe::NotifiedBeforeAnswer,
            "notified_before_answer",
            "paid and notified before the provider has answered the creation",
        ),
        (
            92,
            Recipe::SuccessAfterClose,
            "success_after_close",
            "scanned; once it is closed, by request or by its time, the payment goes through all the same",
        ),
        (
            93,
            Recipe::WaitsForEver,
            "waits_for_ever",
            "scanned and never paid; the provider says waiting even after its time, until it is closed",
        ),
        (94, Recipe::AmountMismatch, "amount_mismatch", "one minor unit less than asked is paid"),
        (95, Recipe::NeverNotified, "never_notified", "paid; no notification ever, only a query finds it"),
        (96, Recipe::NotifiedLate, "notified_late", "paid; the notification comes 3 s later"),
        (97, Recipe::PaidTwice, "paid_twice", "paid twice under one number, each time notified"),
        (
            98,
            Recipe::ClosedByChannel,
            "closed_by_channel",
            "scanned; the provider closes it, and does not say so",
        ),
        (99, Recipe::RefusedAtCreation, "refused_at_creation", "refused when it is created"),
    ];

    /// The recipe of an amount in minor units, if it has one.
    pub fn of(amount_minor: i64) -> Option<Self> {
        find(&Self::TABLE, amount_minor)
    }
}
