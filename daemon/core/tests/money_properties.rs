//! Whatever merchants, payers, people and the channel do, in whatever order and however often: no money is lost, none is
//! made, and at the end our books are the provider's.
//!
//! A failing history is printed as the seed of proptest that repeats it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use proptest::prelude::*;
use sluice_core::fee::{Bearer, FeeRule, FeeTerms, Tariff};
use sluice_core::ledger::PostingKind;
use sluice_core::order::TradeMode;
use sluice_core::policy::{ChannelPolicy, LatePolicy};
use support::history::{Act, History, Step, USERS};
use support::policy;
use support::provider::PAYOUT_FEE_PPM;

fn acts() -> impl Strategy<Value = Act> {
    let (user, nth) = (0..USERS.len(), 0..64usize);
    let minor = || prop_oneof![1..60i64, 1..3_000i64];
    let mode = prop::sample::select(vec![TradeMode::Direct, TradeMode::Authorise]);
    prop_oneof![
        2 => (user.clone(), 100..4_000i64).prop_map(|(user, minor)| Act::Recharge { user, minor }),
        3 => (user.clone(), minor(), any::<bool>())
            .prop_map(|(user, minor, now)| Act::Withdraw { user, minor, now }),
        3 => (user, 0..=USERS.len(), minor(), mode)
            .prop_map(|(from, to, minor, mode)| Act::Pay { from, to, minor, mode }),
        3 => (nth.clone(), 1..=110i64).prop_map(|(nth, percent)| Act::Capture { nth, percent }),
        1 => nth.clone().prop_map(Act::Void),
        1 => nth.clone().prop_map(Act::Cancel),
        1 => nth.clone().prop_map(Act::Close),
        4 => (nth.clone(), minor(), prop::bool::weighted(0.2))
            .prop_map(|(nth, minor, of_app)| Act::Refund { nth, minor, of_app }),
        2 => nth.clone().prop_map(Act::Ack),
        5 => nth.clone().prop_map(Act::Pays),
        3 => nth.clone().prop_map(Act::Progress),
        4 => nth.clone().prop_map(Act::Mail),
        1 => nth.clone().prop_map(Act::Desk),
        2 => nth.prop_map(Act::Resolve),
        4 => prop_oneof![1..20u64, 20..400u64, 400..9_000u64].prop_map(Act::Tick),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (acts(), any::<u64>(), prop::bool::weighted(0.2));
    prop::collection::vec(step.prop_map(|(act, seed, late)| Step { act, seed, late }), 1..90)
}

fn tariffs() -> impl Strategy<Value = Tariff> {
    let rule = (prop::sample::select(vec![0i64, 6_000, 100_000, 700_000]), 0..3i64);
    (rule, any::<bool>(), any::<bool>()).prop_map(|((ppm, fixed), by_app, returned)| Tariff {
        rule: FeeRule { ppm, fixed, ..FeeRule::default() },
        terms: FeeTerms { bearer: if by_app { Bearer::App } else { Bearer::User }, returned },
    })
}

fn policies() -> impl Strategy<Value = ChannelPolicy> {
    (any::<bool>(), any::<bool>()).prop_map(|(suspend, not_found_while_payable)| ChannelPolicy {
        not_found_while_payable,
        payout_fee_ppm: PAYOUT_FEE_PPM,
        ..policy(if suspend { LatePolicy::Suspend } else { LatePolicy::Credit })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn histories(steps in steps(), tariff in tariffs(), policy in policies()) {
        let mut history = History::new(policy, tariff);
        history.fund(4_000);
        for step in &steps {
            history.play(step);
        }
        history.finish();
    }
}

/// The histories above reach every kind of journal, guards that refuse, and facts that are taken anew.
#[test]
fn histories_go_everywhere() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<&str, u32>::new();
    for _ in 0..200 {
        let (steps, tariff, policy) =
            (steps(), tariffs(), policies()).new_tree(&mut runner).unwrap().current();
        let mut history = History::new(policy, tariff);
        history.fund(4_000);
        steps.iter().for_each(|step| history.play(step));
        history.finish();
        for (_, kind, _) in history.wallet.journals.keys() {
            *seen.entry(kind).or_default() += 1;
        }
        for refused in &history.refused {
            *seen.entry(refused).or_default() += 1;
        }
    }
    let guards = ["OrderVersion", "BalanceAtLeast"];
    for what in PostingKind::ALL.map(PostingKind::name).into_iter().chain(guards) {
        assert!(seen.contains_key(what), "no history comes to {what}: {seen:?}");
    }
}
