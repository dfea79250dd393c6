//! Recipes: an amount whose last two digits are 90 to 99 makes the payer and the provider act by themselves, so
//! that a merchant developer can try the hard cases with nothing but an amount.
//!
//! A payment, a refund and a payout each have a table of their own. `docs/sandbox.md` holds the same ones.

mod payment;
mod payout;
mod refund;

use std::time::Duration;

pub use payment::Recipe;
pub use payout::PayoutRecipe;
pub use refund::RefundRecipe;

/// How long the payer of a recipe takes to act.
pub const PAYER_DELAY: Duration = Duration::from_millis(300);

/// How late what is late comes: later than the sandbox calls an order limbo.
pub const LATE: Duration = Duration::from_secs(3);

/// A line of a table: last two digits, recipe, name as in JSON, what happens.
pub type Row<R> = (i64, R, &'static str, &'static str);

/// The recipe of an amount in minor units, if the table has one.
fn find<R: Copy>(table: &[Row<R>], amount_minor: i64) -> Option<R> {
    table.iter().find(|(digits, ..)| amount_minor % 100 == *digits).map(|(_, recipe, ..)| *recipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<R: Copy + serde::Serialize>(table: &[Row<R>]) {
        for (digits, recipe, name, what) in table {
            assert!((90..100).contains(digits), "{name}");
            assert_eq!(serde_json::to_value(recipe).unwrap(), *name);
            assert!(!what.is_empty());
        }
    }

    #[test]
    fn tables_have_the_names_of_the_json() {
        names(&Recipe::TABLE);
        names(&RefundRecipe::TABLE);
        names(&PayoutRecipe::TABLE);
    }

    #[test]
    fn only_the_last_two_digits_count() {
        let refunds = RefundRecipe::TABLE.map(|(digits, ..)| digits);
        let payouts = PayoutRecipe::TABLE.map(|(digits, ..)| digits);
        for amount in 0..1000 {
            let digits = amount % 100;
            assert_eq!(Recipe::of(amount).is_some(), digits >= 90, "{amount}");
            assert_eq!(RefundRecipe::of(amount).is_some(), refunds.contains(&digits), "{amount}");
            assert_eq!(PayoutRecipe::of(amount).is_some(), payouts.contains(&digits), "{amount}");
        }
        assert_eq!(Recipe::of(12_395), Some(Recipe::NeverNotified));
        assert_eq!(PayoutRecipe::of(12_395), Some(PayoutRecipe::DealingForEver));
    }
}
