//! Fees: a rate in parts per million and a fixed part, between a minimum and a maximum, rounded half-up.

use serde::{Deserialize, Serialize};

/// Who bears a fee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// The user: it is taken from a recharge's amount, and comes on top of a withdrawal's or a trade's.
    #[default]
    User,
    /// The app: it is booked as owed by the app.
    App,
}

impl Bearer {
    /// Whether it is the user.
    pub fn is_user(&self) -> bool {
        *self == Self::User
    }

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
        }
    }

    /// Reads the database's word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::App].into_iter().find(|b| b.name() == name)
    }
}

/// What is agreed on a fee besides its sum; fixed with the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeTerms {
    /// Who bears it.
    pub bearer: Bearer,
    /// Whether a refund gives its part back.
    pub returned: bool,
}

/// A fee as agreed with an app for an order type and a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tariff {
    /// How much.
    pub rule: FeeRule,
    /// From whom, and whether it is returned.
    pub terms: FeeTerms,
}

/// How a fee is computed from an amount, all in minor units of the order's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeRule {
    /// Parts per million of the amount; 6 000 = 0.6 %.
    pub ppm: i64,
    /// Added to the rate's part.
    pub fixed: i64,
    /// At least this.
    pub min: i64,
    /// At most this; none: no bound.
    pub max: Option<i64>,
}

impl FeeRule {
    /// The fee on `minor` units.
    pub fn on(&self, minor: i64) -> i64 {
        let rate = (i128::from(minor) * i128::from(self.ppm) + 500_000).div_euclid(1_000_000);
        let fee = rate + i128::from(self.fixed);
        let fee = fee.max(i128::from(self.min));
        let fee = self.max.map_or(fee, |max| fee.min(i128::from(max)));
        i64::try_from(fee.max(0)).unwrap_or(i64::MAX)
    }
}

/// The part of `fee` that falls to `part` of `whole`, half-up: shares of growing parts grow, and the whole has it all.
pub fn share(fee: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let (fee, part, whole) = (i128::from(fee), i128::from(part), i128::from(whole));
    let share = (2 * fee * part + whole).div_euclid(2 * whole);
    i64::try_from(share).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::MAX_MINOR;
    use proptest::prelude::*;

    #[test]
    fn an_accountants_table() {
        let rule = |ppm, fixed, min, max| FeeRule { ppm, fixed, min, max };
        for (rule, amount, fee) in [
            (rule(0, 0, 0, None), 8888, 0),
            (rule(6_000, 0, 0, None), 8888, 53), // 53.328
            (rule(6_000, 0, 0, None), 250, 2),   // 1.5 goes up
            (rule(6_000, 0, 0, None), 249, 1),   // 1.494
            (rule(6_000, 10, 0, None), 8888, 63),
            (rule(6_000, 0, 100, None), 8888, 100),
            (rule(6_000, 0, 0, Some(50)), 8888, 50),
            (rule(1_000_000, 0, 0, None), 8888, 8888),
        ] {
            assert_eq!(rule.on(amount), fee, "{rule:?} on {amount}");
        }
    }

    proptest! {
        #[test]
        fn within_half_a_unit_of_the_exact_rational(minor in 0..=MAX_MINOR, ppm in 0i64..=1_000_000) {
            let fee = FeeRule { ppm, ..FeeRule::default() }.on(minor);
            let exact = i128::from(minor) * i128::from(ppm);
            let diff = i128::from(fee) * 1_000_000 - exact;
            prop_assert!((-499_999..=500_000).contains(&diff));
        }
    }
}
