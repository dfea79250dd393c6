//! Recipes: an amount whose last two digits are 90 to 99 makes the payer and the provider act by themselves, so
//! that a merchant developer can try the hard cases with nothing but an amount.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long the payer of a recipe takes to act.
pub const PAYER_DELAY: Duration = Duration::from_millis(300);

/// How late the notification of `notified_late` is: later than the sandbox calls an order limbo.
pub const LATE: Duration = Duration::from_secs(3);

/// What an amount makes happen.
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
    /// The table: last two digits, recipe, name as in JSON, what happens. `docs/sandbox.md` holds the same one.
    pub const TABLE: [(i64, Recipe, &'static str, &'static str); 10] = [
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
        Self::TABLE.iter().find(|(digits, ..)| amount_minor % 100 == *digits).map(|(_, recipe, ..)| *recipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ninety_to_ninety_nine() {
        for amount in 0..1000 {
            let expected = amount % 100 >= 90;
            assert_eq!(Recipe::of(amount).is_some(), expected, "{amount}");
        }
        assert_eq!(Recipe::of(12_395), Some(Recipe::NeverNotified));
    }

    #[test]
    fn table_has_the_names_of_the_json() {
        for (_, recipe, name, _) in Recipe::TABLE {
            assert_eq!(serde_json::to_value(recipe).unwrap(), name);
        }
    }
}
