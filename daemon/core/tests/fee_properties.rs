//! Fees against an exact rational reference: whole numbers and a remainder, nothing rounded before its time.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use proptest::prelude::*;
use sluice_core::fee::{Bearer, FeeRule, FeeTerms, share};
use sluice_core::money::MAX_MINOR;
use support::story::Story;

/// `above / below` to the next whole number; exactly half goes up.
fn half_up(above: i128, below: i128) -> i128 {
    let (whole, rest) = (above / below, above % below);
    if 2 * rest >= below { whole + 1 } else { whole }
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![0..200i64, 0..100_000i64, 0..=MAX_MINOR]
}

fn rules() -> impl Strategy<Value = FeeRule> {
    // Rates at which halves are common, and any.
    let ppm = prop_oneof![
        prop::sample::select(vec![0i64, 500_000, 250_000, 5_000, 6_000, 1_000_000]),
        0..=1_000_000i64
    ];
    (ppm, 0..500i64, 0..500i64, prop::option::of(500..5_000i64)).prop_map(|(ppm, fixed, min, max)| FeeRule {
        ppm,
        fixed,
        min,
        max,
    })
}

/// Money that comes and goes: of what size, and whether it fails at the end.
fn parts() -> impl Strategy<Value = Vec<(i64, bool)>> {
    prop::collection::vec((prop_oneof![1..5i64, 1..3_000i64], prop::bool::weighted(0.3)), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_fee_is_the_rational_one_half_up_and_within_its_bounds(rule in rules(), minor in amounts()) {
        let exact = half_up(i128::from(minor) * i128::from(rule.ppm), 1_000_000) + i128::from(rule.fixed);
        let wanted = exact.clamp(i128::from(rule.min), rule.max.map_or(i128::MAX, i128::from));
        prop_assert_eq!(i128::from(rule.on(minor)), wanted);
    }

    #[test]
    fn a_fee_on_more_is_no_less(rule in rules(), minor in amounts(), more in amounts()) {
        prop_assert!(rule.on(minor) <= rule.on(minor + more));
    }

    #[test]
    fn a_share_is_the_rational_one_half_up(fee in amounts(), (part, whole) in amounts().prop_flat_map(|whole| (0..=whole, Just(whole)))) {
        let wanted = if whole == 0 { 0 } else { half_up(i128::from(fee) * i128::from(part), i128::from(whole)) };
        prop_assert_eq!(i128::from(share(fee, part, whole)), wanted);
    }

    #[test]
    fn growing_parts_have_growing_shares_and_the_whole_has_all(fee in amounts(), whole in 1..=MAX_MINOR, a: u32, b: u32) {
        let at = |n: u32| i64::try_from(i128::from(whole) * i128::from(n) / i128::from(u32::MAX)).unwrap();
        let (small, large) = (at(a.min(b)), at(a.max(b)));
        prop_assert!(share(fee, small, whole) <= share(fee, large, whole));
        prop_assert_eq!((share(fee, 0, whole), share(fee, whole, whole)), (0, fee));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Each step is audited as well: no part is negative, their sum is never above the fee, and it is the fee at the end.
    #[test]
    fn refunds_of_a_recharge_return_the_fee_in_parts_that_add_up(ppm in 0..990_000i64, by_app: bool, parts in parts()) {
        let bearer = if by_app { Bearer::App } else { Bearer::User };
        let rule = FeeRule { ppm, ..FeeRule::default() };
        let mut story = Story::funded(FeeRule::default(), FeeTerms::default(), 20_000);
        story.tariff = sluice_core::fee::Tariff { rule, terms: FeeTerms { bearer, returned: true } };
        for line in ["recharge 10000", "notified 10000 T1"] {
            story.play(line).unwrap();
        }
        let fee = story.order("r").recharge().unwrap().fee;
        let mut open = Vec::new();
        for (minor, fails) in parts.iter().chain([&(10_000, false)]) {
            let sums = *story.order("r").refunds();
            let minor = *minor.min(&(10_000 - sums.refunded - sums.refunding));
            if minor > 0 {
                story.play(&format!("r: refund {minor}")).unwrap();
                let share = half_up(i128::from(fee) * i128::from(sums.refunded + sums.refunding + minor), 10_000);
                let returned = i128::from(story.order("r").refunds().fee_returned);
                // Only a failure's part, which others can't know of, lets the sum be ahead of the share.
                prop_assert!(returned == share || returned > share && story.order("r").refunds().failed > 0);
                open.push((story.names.len() - 1, *fails));
            }
            if open.len() > 2 {
                let (nth, fails) = open.remove(0);
                story.play(&format!("f{nth}: asked {}", if fails { "failed" } else { "refunded" })).unwrap();
            }
        }
        for (nth, fails) in open {
            story.play(&format!("f{nth}: asked {}", if fails { "failed" } else { "refunded" })).unwrap();
        }
        let rest = 10_000 - story.order("r").refunds().refunded;
        if rest > 0 {
            story.play(&format!("r: refund {rest}")).unwrap_or_else(|_| panic!("refund {rest}"));
            story.play("asked refunded").unwrap();
        }
        prop_assert_eq!(story.order("r").refunds().fee_returned, fee);
        let ours = if by_app { "app:app_1:fees_due" } else { "fee:service" };
        prop_assert_eq!(story.wallet.balance(ours), 0);
        prop_assert_eq!(story.wallet.balance("channel:alipay:clearing"), 20_000);
        prop_assert_eq!(story.wallet.balance("user:app_1:u1:available"), 20_000);
    }
}
