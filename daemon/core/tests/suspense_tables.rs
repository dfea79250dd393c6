//! Money in suspense and the desk where people decide on it, as an accountant reads it: a fact a line, then the order's
//! state, what the user can spend, suspense, what the channel holds for us, our fees, how far the decision on `T1` is, the
//! newest callback, the flags, and what is planned (s submit, r requery, c close). Orders are of 100.00, the fee is 0.6 %.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::change::{Proposal, SuspenseReason};
use sluice_core::fee::{FeeRule, FeeTerms};
use sluice_core::policy::LatePolicy;
use support::story::Story;
use support::table;

fn story(late: LatePolicy) -> Story {
    let mut story = Story::new(FeeRule { ppm: 6_000, ..FeeRule::default() }, FeeTerms::default());
    story.policy.late = late;
    story.play("recharge 10000").unwrap();
    story.play("accepted").unwrap();
    story
}

fn columns(story: &Story) -> Vec<String> {
    let (wallet, order) = (&story.wallet, story.last());
    let money = |account: &str| wallet.balance(account).to_string();
    let decided = wallet.suspense.get(&(story.names["r"], "T1".to_owned()));
    vec![
        table::state(order),
        money("user:app_1:u1:available"),
        money("suspense"),
        money("channel:alipay:clearing"),
        money("fee:service"),
        decided.map_or("-", |(_, state)| state.name()).to_owned(),
        table::callback(order.callbacks()),
        table::flags(order),
        table::plan(wallet, order.id()),
    ]
}

fn check(late: LatePolicy, table: &str) -> Story {
    table::check(story(late), columns, table)
}

/// How money comes into suspense, for each reason, and what the table shows then.
const WAYS: [(SuspenseReason, &str); 5] = [
    (SuspenseReason::AmountMismatch, "notified 9999 T1 | 1 0 9999 9999 0 open - amount_mismatch -"),
    (
        SuspenseReason::PaidTwice,
        "notified 10000 T0 | 3 9940 0     10000 60 -    paid:pending -          -
         notified 10000 T1 | 3 9940 10000 20000 60 open paid:pending paid_twice -",
    ),
    (
        SuspenseReason::LateAfterMerchantClose,
        "merchant-closes   | 1                    0 0     0     0 -    -              -    rc
         told closed       | 5/closed_by_merchant 0 0     0     0 -    closed:pending -    -
         notified 10000 T1 | 5/closed_by_merchant 0 10000 10000 0 open closed:pending late -",
    ),
    (
        SuspenseReason::LateSuspended,
        "closed            | 5/closed_by_channel 0 0     0     0 -    closed:pending -    -
         notified 10000 T1 | 5/closed_by_channel 0 10000 10000 0 open closed:pending late -",
    ),
    (
        SuspenseReason::PaidAfterRefusal,
        "refused           | 5/refused_by_channel 0 0     0     0 -    closed:pending -    -
         notified 10000 T1 | 5/refused_by_channel 0 10000 10000 0 open closed:pending late -",
    ),
];

/// Plays one way into suspense, then the decisions.
fn decide(reason: SuspenseReason, table: &str) -> Story {
    let (_, way) = WAYS.iter().find(|(r, _)| *r == reason).expect("each reason has its way");
    let story = match reason {
        // A refusal is the answer to the creation.
        SuspenseReason::PaidAfterRefusal => {
            let mut story = Story::new(FeeRule { ppm: 6_000, ..FeeRule::default() }, FeeTerms::default());
            story.play("recharge 10000").unwrap();
            story
        }
        _ => story(LatePolicy::Suspend),
    };
    let story = table::check(story, columns, way);
    let (money, _) = &story.wallet.suspense[&(story.names["r"], "T1".to_owned())];
    assert_eq!((money.reason, money.proposal), (reason, reason.proposal()));
    table::check(story, columns, table)
}

#[test]
fn another_amount() {
    assert_eq!(SuspenseReason::AmountMismatch.proposal(), Proposal::Refund);
    // Credited whole, without a fee: it is no payment of the order, of which nothing more is expected.
    decide(
        SuspenseReason::AmountMismatch,
        "apply T1          | 5/closed_by_channel 9999 0 9999 0 applied closed:pending amount_mismatch,applied -
         apply T1          | refused SuspenseIs
         keep T1           | refused SuspenseIs",
    );
    decide(
        SuspenseReason::AmountMismatch,
        "keep T1           | 5/closed_by_channel 0 9999 9999 0 kept closed:pending amount_mismatch -
         apply T1          | refused SuspenseIs",
    );
    // The right payment may come before the decision, which leaves it alone.
    decide(
        SuspenseReason::AmountMismatch,
        "notified 10000 T2 | 3 9940  9999 19999 60 open    paid:pending amount_mismatch         -
         apply T1          | 3 19939 0    19999 60 applied paid:pending amount_mismatch,applied -",
    );
}

#[test]
fn paid_twice() {
    decide(
        SuspenseReason::PaidTwice,
        "apply T1          | 3 19940 0 20000 60 applied paid:pending applied,paid_twice -
         keep T1           | refused SuspenseIs",
    );
    decide(
        SuspenseReason::PaidTwice,
        "keep T1           | 3 9940 10000 20000 60 kept paid:pending   paid_twice -
         ack               | 4 9940 10000 20000 60 kept paid:delivered paid_twice -",
    );
}

#[test]
fn late_or_refused() {
    for reason in [
        SuspenseReason::LateAfterMerchantClose,
        SuspenseReason::LateSuspended,
        SuspenseReason::PaidAfterRefusal,
    ] {
        // The payment that was asked for: the order is paid, with its fee.
        decide(
            reason,
            "apply T1          | 3 9940 0     10000 60 applied paid:pending   late -
             apply T1          | refused SuspenseIs
             notified 10000 T1 | 3 9940 0     10000 60 applied paid:pending   late -
             ack               | 4 9940 0     10000 60 applied paid:delivered late -
             notified 10000 T2 | 4 9940 10000 20000 60 applied paid:delivered late,paid_twice -
             apply T2          | 4 19940 0    20000 60 applied paid:delivered applied,late,paid_twice -",
        );
        let story = story_kept(reason);
        assert_eq!(story.wallet.balance("suspense"), 10_000);
    }
}

fn story_kept(reason: SuspenseReason) -> Story {
    let closed = match reason {
        SuspenseReason::LateAfterMerchantClose => "closed_by_merchant",
        SuspenseReason::PaidAfterRefusal => "refused_by_channel",
        _ => "closed_by_channel",
    };
    decide(
        reason,
        &format!(
            "keep T1           | 5/{closed} 0 10000 10000 0 kept closed:pending   late -
             ack               | 5/{closed} 0 10000 10000 0 kept closed:delivered late -
             apply T1          | refused SuspenseIs"
        ),
    )
}

#[test]
fn it_is_diagnosed_while_it_waits_for_a_decision() {
    use SuspenseReason::{
        AmountMismatch, LateAfterMerchantClose, LateSuspended, PaidAfterRefusal, PaidTwice,
    };
    for (reason, waits, kept, applied) in [
        (AmountMismatch, "mismatch", "mismatch", "mismatch"),
        (PaidTwice, "twice", "c3", "c3"),
        (LateAfterMerchantClose, "late", "e3", "c3"),
        (LateSuspended, "late", "e2", "c3"),
        (PaidAfterRefusal, "late", "e2", "c3"),
    ] {
        for (decision, after) in [("keep T1", kept), ("apply T1", applied), ("give-back T1", kept)] {
            let mut story = decide(reason, "");
            let stands = |story: &Story| table::stands(story, story.order("r"));
            assert_eq!(stands(&story), (waits, "operator"), "{reason:?}");
            story.play(decision).unwrap();
            assert_eq!(stands(&story), (after, "none"), "{reason:?}: {decision}");
            if decision == "give-back T1" {
                story.play("answers failed").unwrap();
                assert_eq!(stands(&story), (waits, "operator"), "{reason:?}: not given back");
            }
        }
    }
}

#[test]
fn late_money_of_another_amount_is_credited_whole_and_the_order_stays_closed() {
    check(
        LatePolicy::Credit,
        "closed            | 5/closed_by_channel 0    0    0    0 -       closed:pending - -
         notified 9999 T1  | 5/closed_by_channel 0    9999 9999 0 open    closed:pending amount_mismatch -
         apply T1          | 5/closed_by_channel 9999 0    9999 0 applied closed:pending amount_mismatch,applied -",
    );
}

#[test]
fn given_back_by_a_refund_of_its_own() {
    for (reason, fee) in [(SuspenseReason::LateSuspended, 0), (SuspenseReason::PaidTwice, 60)] {
        let mut story = decide(reason, "");
        let (before, user) = (story.last().object(), story.wallet.balance("user:app_1:u1:available"));
        story.play("give-back T1").unwrap();
        let refund = story.last().refund().unwrap();
        assert_eq!((refund.amount.minor, refund.notify_url.is_none()), (10_000, true));
        let money = |story: &Story| {
            ["suspense", "user:app_1:u1:available", "fee:service"].map(|a| story.wallet.balance(a))
        };
        let decided = |story: &Story| story.wallet.suspense[&(story.names["r"], "T1".to_owned())].1.name();
        assert_eq!((decided(&story), money(&story)), ("refunding", [10_000, user, fee]));
        // Nobody decides otherwise meanwhile.
        assert_eq!(story.play("r: apply T1"), Err("SuspenseIs".into()));
        // It fails: the money is in suspense still, and may be decided on anew.
        story.play("f1: answers failed").unwrap();
        assert_eq!((decided(&story), money(&story)), ("open", [10_000, user, fee]));
        story.play("r: give-back T1").unwrap();
        story.play("sending").unwrap();
        story.play("answers refunding").unwrap();
        story.play("asked refunded").unwrap();
        assert_eq!((decided(&story), money(&story)), ("refunded", [0, user, fee]));
        assert_eq!(table::state(story.last()), "3");
        assert!(story.last().callbacks().is_empty(), "the merchant never had this money");
        // The order's own refunds know nothing of it.
        let after = story.order("r").object();
        assert_eq!((after.state, after.refunded), (before.state, before.refunded));
        assert_eq!(story.play("r: keep T1"), Err("SuspenseIs".into()));
    }
}

/// The channel made it although it had said that it failed: it is not given a second time, nor to the user besides.
#[test]
fn given_back_after_all_is_not_given_again() {
    let mut story = decide(SuspenseReason::PaidTwice, "");
    story.play("give-back T1").unwrap();
    story.play("f1: answers failed").unwrap();
    story.play("f1: asked refunded").unwrap();
    for decision in ["r: give-back T1", "r: apply T1"] {
        assert!(story.play(decision).is_err(), "{decision}");
    }
    story.play("r: keep T1").unwrap();
    assert_eq!(story.wallet.balance("suspense"), 10_000);
}

#[test]
fn giving_back_the_only_payment_ends_an_open_order() {
    let mut story = decide(SuspenseReason::AmountMismatch, "");
    story.play("give-back T1").unwrap();
    assert_eq!(table::state(story.order("r")), "5/closed_by_channel");
    story.play("sending").unwrap();
    story.play("answers nothing").unwrap();
    story.play("resolve refunded").unwrap();
    assert_eq!(story.wallet.balance("suspense"), 0);
    assert_eq!(story.wallet.balance("channel:alipay:clearing"), 0);
}

#[test]
fn nothing_else_is_in_suspense() {
    use sluice_core::order::recharge::{InSuspense, apply, keep};
    use sluice_core::order::{Refusal, refund};
    let mut story = story(LatePolicy::Suspend);
    let order = story.last().recharge().unwrap().clone();
    let policy = story.policy.clone();
    let ctx = story.wallet.context(&policy);
    let money = InSuspense {
        key: "T9".into(),
        channel: "alipay".into(),
        amount: support::cny(10_000),
        reason: SuspenseReason::LateSuspended,
    };
    let nothing = Refusal::NotInSuspense;
    assert_eq!(apply(&order, &money, &ctx).unwrap_err(), nothing);
    assert_eq!(keep(&order, &money, &ctx).unwrap_err(), nothing);
    assert_eq!(refund::of_suspense(&order, &money, order.id, &ctx).unwrap_err(), nothing);
}
