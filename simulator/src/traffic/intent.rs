//! What people want, drawn from the seed before anything happens. Whether they can have it depends on what has
//! happened until then: who has nothing to spend recharges instead.

use fastrand::Rng;
use std::time::Duration;

use super::Mix;
use crate::client::NewRecharge;
use crate::provider::Plan;

/// What people buy, and for how much (fen). None of the amounts is a recipe.
const GOODS: [(&str, &[i64]); 8] = [
    ("话费充值", &[1_000, 3_000, 5_000, 10_000, 20_000]),
    ("会员月卡", &[1_500, 2_500, 3_000]),
    ("游戏点券", &[600, 3_000, 6_800, 12_800, 32_800, 64_800]),
    ("校园卡充值", &[5_000, 10_000, 20_000]),
    ("乘车码余额", &[2_000, 5_000]),
    ("外卖红包 + 加餐", &[1_250, 1_880, 2_660]),
    ("书店储值卡", &[8_888, 16_666, 50_000]),
    ("水电燃气缴费", &[7_342, 11_627, 23_405]),
];

/// One in so many recharges has a recipe's amount.
const RECIPE_EVERY: u64 = 40;

/// The ends of amounts that make a payout take its time, fail, be refused, or come back. The one that is never
/// decided is left out: traffic is to settle.
const HARD_PAYOUTS: [i64; 4] = [92, 96, 98, 99];

/// The same of refunds.
const HARD_REFUNDS: [i64; 4] = [90, 96, 98, 99];

/// One in so many payouts and refunds is hard.
const HARD_EVERY: u64 = 6;

/// One order to be made.
#[derive(Debug)]
pub(super) struct Intent {
    /// The merchant's number.
    pub(super) number: String,
    /// What is wanted.
    pub(super) wish: Wish,
    /// What is made where the wish can't be.
    pub(super) recharge: Recharge,
}

/// Money that comes in.
#[derive(Debug)]
pub(super) struct Recharge {
    pub(super) order: NewRecharge,
    pub(super) patience: Duration,
    /// Absent: never pays by himself.
    pub(super) notify: Option<Plan>,
}

/// What is wanted; `from` is where the search for somebody who can begins.
#[derive(Debug)]
pub(super) enum Wish {
    Recharge,
    /// A user buys from the app, or pays another user.
    Trade {
        from: String,
        to: Option<String>,
        price: i64,
        later: Option<Later>,
    },
    /// A user takes money out: a share of what is there.
    Withdraw {
        from: String,
        share: f64,
        ending: Option<i64>,
    },
    /// The merchant gives money back, for something near `near` (0 to 1) of all orders.
    Refund {
        near: f64,
        share: f64,
        ending: Option<i64>,
    },
}

/// What becomes of an authorised trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Later {
    pub(super) after: Duration,
    /// So much of it is captured; absent: it is voided.
    pub(super) capture: Option<f64>,
}

impl Intent {
    pub(super) fn draw(chance: &mut Rng, number: String, expires_in: Option<&String>, mix: Mix) -> Self {
        let recharge = Recharge::draw(chance, &number, expires_in);
        let wish = match mix {
            Mix::Recharges => Wish::Recharge,
            Mix::Everything => Wish::draw(chance),
        };
        Self { number, wish, recharge }
    }
}

impl Recharge {
    fn draw(chance: &mut Rng, number: &str, expires_in: Option<&String>) -> Self {
        let (subject, amounts) = GOODS[chance.usize(..GOODS.len())];
        let mut amount = amounts[chance.usize(..amounts.len())];
        let is_recipe = chance.u64(..RECIPE_EVERY) == 0;
        if is_recipe {
            amount = amount / 100 * 100 + chance.i64(90..100);
        }
        let mut order = NewRecharge::new(number, amount);
        order.subject = subject.to_owned();
        order.user_ref = user(chance);
        order.expires_in = expires_in.cloned();
        if chance.u8(..5) == 0 {
            order.method = "page".to_owned();
        }
        let notify = match chance.u8(..100) {
            _ if is_recipe => None,
            0..78 => Some(Plan::Now),
            78..82 => Some(Plan::Twice),
            82..86 => Some(Plan::AfterMs(chance.u64(200..2_000))),
            86..90 => Some(Plan::Never),
            _ => None,
        };
        Self { order, patience: Duration::from_millis(chance.u64(100..1_500)), notify }
    }
}

impl Wish {
    fn draw(chance: &mut Rng) -> Self {
        match chance.u8(..100) {
            0..50 => Wish::Recharge,
            50..72 => Self::trade(chance, false),
            72..80 => Self::trade(chance, true),
            80..91 => Wish::Withdraw {
                from: user(chance),
                share: share(chance),
                ending: hard(chance, &HARD_PAYOUTS),
            },
            _ => {
                Wish::Refund { near: chance.f64(), share: share(chance), ending: hard(chance, &HARD_REFUNDS) }
            }
        }
    }

    fn trade(chance: &mut Rng, authorise: bool) -> Self {
        let amounts = GOODS[chance.usize(..GOODS.len())].1;
        let price = amounts[chance.usize(..amounts.len())];
        let (from, other) = (user(chance), user(chance));
        let to = (chance.u8(..10) < 3 && other != from).then_some(other);
        let capture = match chance.u8(..10) {
            0..2 => None,
            2..5 => Some(share(chance)),
            _ => Some(1.0),
        };
        let later = Later { after: Duration::from_millis(chance.u64(200..2_000)), capture };
        Wish::Trade { from, to, price, later: authorise.then_some(later) }
    }
}

/// So much of `most` (fen) as the wish says, in whole yuan with the ending where there is room; never a recipe unless
/// one is wanted. `None` if nothing is left.
pub(super) fn amount(most: i64, share: f64, ending: Option<i64>) -> Option<i64> {
    let whole = (most as f64 * share) as i64 / 100 * 100;
    let minor = match ending {
        Some(ending) if whole >= 100 => whole - 100 + ending,
        _ if whole >= 100 => whole,
        // Less than a yuan: all of it, but for the last fen of a recipe.
        _ => most.min(89),
    };
    (minor >= 10).then_some(minor)
}

fn user(chance: &mut Rng) -> String {
    format!("user-{:04}", chance.u32(..2_000))
}

/// Mostly a part, at times all.
fn share(chance: &mut Rng) -> f64 {
    if chance.u8(..4) == 0 { 1.0 } else { chance.f64().max(0.05) }
}

fn hard(chance: &mut Rng, endings: &[i64]) -> Option<i64> {
    (chance.u64(..HARD_EVERY) == 0).then(|| endings[chance.usize(..endings.len())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::recipe::{PayoutRecipe, Recipe, RefundRecipe};

    fn intents(seed: u64, count: usize, mix: Mix) -> Vec<Intent> {
        let mut chance = Rng::with_seed(seed);
        (0..count).map(|n| Intent::draw(&mut chance, n.to_string(), None, mix)).collect()
    }

    #[test]
    fn a_seed_makes_the_same_wishes() {
        let shown = |seed| format!("{:?}", intents(seed, 200, Mix::Everything));
        assert_eq!(shown(1), shown(1));
        assert_ne!(shown(1), shown(2));
    }

    #[test]
    fn goods_have_no_recipe_and_recipes_pay_themselves() {
        for amount in GOODS.iter().flat_map(|(_, amounts)| *amounts) {
            assert_eq!(Recipe::of(*amount), None, "{amount}");
        }
        let intents = intents(3, 4_000, Mix::Recharges);
        assert!(intents.iter().all(|intent| matches!(intent.wish, Wish::Recharge)));
        let recipes = intents.iter().filter(|i| Recipe::of(i.recharge.order.amount.minor).is_some());
        let (mut count, mut paid_by_hand) = (0, 0);
        for intent in recipes {
            count += 1;
            paid_by_hand += u32::from(intent.recharge.notify.is_some());
        }
        assert!((60..140).contains(&count), "{count}");
        assert_eq!(paid_by_hand, 0);
    }

    #[test]
    fn everything_is_wished_for() {
        let (mut trades, mut held, mut withdrawals, mut refunds) = (0, 0, 0, 0);
        for intent in intents(3, 1_000, Mix::Everything) {
            match intent.wish {
                Wish::Recharge => {}
                Wish::Trade { later: None, .. } => trades += 1,
                Wish::Trade { .. } => held += 1,
                Wish::Withdraw { .. } => withdrawals += 1,
                Wish::Refund { .. } => refunds += 1,
            }
        }
        assert!(trades > 150 && held > 40 && withdrawals > 60 && refunds > 50);
    }

    #[test]
    fn amounts_are_what_is_there_or_less() {
        for (most, share, ending, expected) in [
            (10_000, 1.0, None, Some(10_000)),
            (10_000, 0.5, None, Some(5_000)),
            (10_050, 1.0, Some(92), Some(9_992)),
            (150, 1.0, Some(99), Some(99)),
            (99, 1.0, None, Some(89)),
            (95, 0.1, Some(99), Some(89)),
            (42, 1.0, None, Some(42)),
            (9, 1.0, None, None),
            (0, 1.0, Some(92), None),
        ] {
            assert_eq!(amount(most, share, ending), expected, "{share} of {most}, {ending:?}");
        }
        for most in 10..500 {
            let minor = amount(most, 0.7, None).unwrap();
            assert!(minor <= most && PayoutRecipe::of(minor).is_none() && RefundRecipe::of(minor).is_none());
        }
        for ending in HARD_PAYOUTS.iter().chain(&HARD_REFUNDS) {
            assert!(*ending != 95, "never decided");
        }
    }
}
