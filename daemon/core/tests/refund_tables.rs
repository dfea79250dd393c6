//! Refunds of a recharge of 100.00 as an accountant reads them: a fact a line, then the refund's own state (`-`: none
//! yet), the recharge's state as merchants see it, what was refunded of it, what the user can spend and what is held, what
//! the channel holds for us, our fees, the newest callback of the refund, and what is planned for it (s submit, r requery, w watch).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::change::TaskKind;
use sluice_core::fee::{Bearer, FeeRule, FeeTerms};
use sluice_core::order::{Recharge, recharge};
use support::story::Story;
use support::table;

const KEPT: FeeTerms = FeeTerms { bearer: Bearer::User, returned: false };
const RETURNED: FeeTerms = FeeTerms { bearer: Bearer::User, returned: true };

/// A paid recharge of 100.00, and a user who has 50.00 more.
fn story(ppm: i64, terms: FeeTerms) -> Story {
    let mut story = Story::funded(FeeRule { ppm, ..FeeRule::default() }, terms, 5_000);
    story.play("recharge 10000").unwrap();
    story.play("notified 10000 T1").unwrap();
    story
}

/// Plays a table with a fee of `ppm`.
fn check(ppm: i64, terms: FeeTerms, table: &str) -> Story {
    table::check(story(ppm, terms), table::of_refund, table)
}

fn original(story: &Story) -> &Recharge {
    story.order("r").recharge().unwrap()
}

#[test]
fn held_sent_and_given_back() {
    let story = check(
        0,
        KEPT,
        "refund 3000          | 0 61 0    12000 3000 15000 0 -                  s
         answers refunding    | 1 61 0    12000 3000 15000 0 -                  r
         asked refunding      | 2 61 0    12000 3000 15000 0 -                  r
         asked refunded       | 3 62 3000 12000 0    12000 0 refunded:pending   -
         asked refunded       | 3 62 3000 12000 0    12000 0 refunded:pending   -
         ack                  | 4 62 3000 12000 0    12000 0 refunded:delivered -",
    );
    assert_eq!(original(&story).state, recharge::State::Paid);
}

#[test]
fn given_back_in_the_first_answer_or_found_by_asking() {
    for answer in ["answers refunded", "asked refunded", "notified refunded 3000", "looked refunded 3000"] {
        check(
            0,
            KEPT,
            &format!(
                "refund 3000          | 0 61 0    12000 3000 15000 0 -                s
                 {answer}             | 3 62 3000 12000 0    12000 0 refunded:pending -"
            ),
        );
    }
}

#[test]
fn the_merchants_acknowledgement_goes_on_beneath() {
    let story = check(
        0,
        KEPT,
        "refund 3000          | 0 61 0    12000 3000 15000 0 -                s
         r: ack               | - 61 0    12000 3000 15000 0 -                -
         f1: asked refunded   | 3 62 3000 12000 0    12000 0 refunded:pending -",
    );
    assert_eq!(original(&story).state, recharge::State::Completed);
}

#[test]
fn several_and_never_more_than_was_paid() {
    check(
        0,
        KEPT,
        "refund 4000          | 0 61 0     11000 4000  15000 0 -                s
         refund 5000          | 0 61 0     6000  9000  15000 0 -                s
         refund 1001          | refused RefundExceeds
         f1: asked refunded   | 3 61 4000  6000  5000  11000 0 refunded:pending -
         refund 1001          | refused RefundExceeds
         f2: asked failed     | 5 62 4000  11000 0     11000 0 failed:pending   w
         refund 6001          | refused RefundExceeds
         refund-in-usd 1      | refused RefundExceeds
         refund 6000          | 0 61 4000  5000  6000  11000 0 -                s
         asked refunded       | 3 62 10000 5000  0     5000  0 refunded:pending -
         refund 1             | refused RefundExceeds",
    );
}

#[test]
fn all_failed_leaves_the_paid_fact() {
    let story = check(
        0,
        KEPT,
        "refund 4000          | 0 61 0     11000 4000 15000 0 -                s
         answers failed       | 5 63 0     15000 0    15000 0 failed:pending   w
         ack                  | 5 63 0     15000 0    15000 0 failed:delivered w
         refund 10000         | 0 61 0     5000 10000 15000 0 -                s
         asked failed         | 5 63 0     15000 0    15000 0 failed:pending   w
         refund 10000         | 0 61 0     5000 10000 15000 0 -                s
         asked refunded       | 3 62 10000 5000  0    5000  0 refunded:pending -
         r: ack               | - 62 10000 5000  0    5000  0 -                -",
    );
    assert_eq!(original(&story).state, recharge::State::Completed);
}

#[test]
fn a_user_who_spent_it_can_not_give_it_back() {
    check(
        0,
        KEPT,
        "pay u2 8000          | - 3  0 7000 0    15000 0 - -
         r: refund 7001       | refused BalanceAtLeast
         refund 7000          | 0 61 0 0    7000 15000 0 - s",
    );
}

#[test]
fn from_the_apps_own_money() {
    let mut story = check(
        0,
        KEPT,
        "refund-of-app 3000    | refused BalanceAtLeast
         pay app 4000          | - 3  0    11000 0 15000 0 -                -
         r: refund-of-app 3000 | 0 61 0    11000 0 15000 0 -                s
         asked refunded        | 3 62 3000 11000 0 12000 0 refunded:pending -",
    );
    let app = |story: &Story| {
        ["app:app_1:settlement", "app:app_1:held"].map(|account| story.wallet.balance(account))
    };
    assert_eq!(app(&story), [1000, 0]);
    story.play("refund-of-app 1000").unwrap();
    assert_eq!(app(&story), [0, 1000]);
    story.play("asked failed").unwrap();
    assert_eq!(app(&story), [1000, 0]);
}

#[test]
fn only_what_was_paid_is_refunded() {
    let mut story = Story::new(FeeRule::default(), KEPT);
    story.play("recharge 10000").unwrap();
    for (fact, state) in [("accepted", "submitted"), ("unpaid", "waiting"), ("closed", "closed")] {
        story.play(fact).unwrap();
        assert_eq!(story.play("refund 1"), Err(format!("WrongState:{state}")));
    }
}

// With a fee of 0.6 %: 0.60 of 100.00 are ours.

#[test]
fn a_fee_that_is_kept() {
    check(
        6_000,
        KEPT,
        "refund 10000         | 0 61 0     4940 10000 15000 60 -                s
         asked refunded       | 3 62 10000 4940 0     5000  60 refunded:pending -",
    );
}

#[test]
fn a_returned_fee_goes_back_in_parts_that_add_up() {
    // The shares of 0.60: 0.20 of a third (0.199), 0.40 of two (0.399), 0.60 of all.
    let story = check(
        6_000,
        RETURNED,
        "refund 3333          | 0 61 0     11627 3313 15000 60 -                s
         refund 3333          | 0 61 0     8314  6626 15000 60 -                s
         refund 3334          | 0 61 0     5000  9940 15000 60 -                s
         f1: asked refunded   | 3 61 3333  5000  6627 11667 40 refunded:pending -
         f2: asked refunded   | 3 61 6666  5000  3314 8334  20 refunded:pending -
         f3: asked refunded   | 3 62 10000 5000  0    5000  0  refunded:pending -",
    );
    let parts = ["f1", "f2", "f3"].map(|name| story.order(name).object().fee_returned.unwrap().minor);
    assert_eq!(parts, [20, 20, 20]);
}

#[test]
fn a_failed_one_frees_its_part_of_the_fee() {
    let story = check(
        6_000,
        RETURNED,
        "refund 5000          | 0 61 0     9970  4970 15000 60 -                s
         asked failed         | 5 63 0     14940 0    15000 60 failed:pending   w
         refund 10000         | 0 61 0     5000  9940 15000 60 -                s
         asked refunded       | 3 62 10000 5000  0    5000  0  refunded:pending -",
    );
    assert_eq!(original(&story).refunds.fee_returned, 60);
}

#[test]
fn a_returned_fee_that_the_app_bears_is_owed_no_more() {
    let story = check(
        6_000,
        FeeTerms { bearer: Bearer::App, returned: true },
        "refund 5000          | 0 61 0    10000 5000 15000 60 -                s
         asked refunded       | 3 62 5000 10000 0    10000 30 refunded:pending -
         refund 5000          | 0 61 5000 5000  5000 10000 30 -                s
         asked failed         | 5 62 5000 10000 0    10000 30 failed:pending   w",
    );
    assert_eq!(story.wallet.balance("app:app_1:fees_due"), 30);
}

#[test]
fn after_a_failure_no_part_is_negative_and_the_whole_has_the_whole_fee() {
    // 0.01 of a fee on 100.00: it falls to whoever crosses the half.
    let story = check(
        100,
        RETURNED,
        "refund 4000          | 0 61 0     10999 4000  15000 1 -                s
         refund 1000          | 0 61 0     10000 4999  15000 1 -                s
         f1: asked failed     | 5 61 0     14000 999   15000 1 failed:pending   w
         refund 1000          | 0 61 0     13000 1999  15000 1 -                s
         refund 8000          | 0 61 0     5000  9999  15000 1 -                s
         f2: asked refunded   | 3 61 1000  5000  9000  14000 0 refunded:pending -
         f3: asked refunded   | 3 61 2000  5000  8000  13000 0 refunded:pending -
         f4: asked refunded   | 3 62 10000 5000  0     5000  0 refunded:pending -",
    );
    assert_eq!(original(&story).refunds.fee_returned, 1);
}

#[test]
fn a_part_of_the_fee_may_be_more_than_a_small_refund() {
    // A fee of 99 %: after a failure the refund of 0.01 brings 0.02 of it, and the user has 0.01 more.
    check(
        990_000,
        RETURNED,
        "refund 49            | 0 61 0 5100 0 15000 9900 -                s
         refund 2             | 0 61 0 5099 1 15000 9900 -                s
         f1: asked failed     | 5 61 0 5099 1 15000 9900 failed:pending   w
         refund 1             | 0 61 0 5099 1 15000 9900 -                s
         asked refunded       | 3 61 1 5100 1 14999 9898 refunded:pending -
         f2: asked refunded   | 3 62 3 5100 0 14997 9897 refunded:pending -",
    );
}

// The channel's word.

#[test]
fn silence_and_not_found_keep_the_hold_and_send_the_same_number() {
    let story = check(
        0,
        KEPT,
        "refund 3000          | 0 61 0    12000 3000 15000 0 -                s
         answers nothing      | 0 61 0    12000 3000 15000 0 -                s
         wait 99h             | 0 61 0    12000 3000 15000 0 -                s
         asked notfound       | 0 61 0    12000 3000 15000 0 -                s
         asked notfound       | 0 61 0    12000 3000 15000 0 -                s
         sending              | 0 61 0    12000 3000 15000 0 -                s
         answers refunding    | 1 61 0    12000 3000 15000 0 -                r
         asked notfound       | 1 61 0    12000 3000 15000 0 -                s
         asked nothing        | 1 61 0    12000 3000 15000 0 -                s
         asked paid           | 1 61 0    12000 3000 15000 0 -                s
         asked closed         | 1 61 0    12000 3000 15000 0 -                s
         asked refunded       | 3 62 3000 12000 0    12000 0 refunded:pending -",
    );
    let attempts = &story.last().refund().unwrap().attempts;
    assert_eq!(attempts.len(), 1, "one number for ever");
}

#[test]
fn a_refusal_is_believed_after_the_channel_twice_knew_nothing_beyond_the_margin() {
    check(
        0,
        KEPT,
        "refund 3000          | 0 61 0 12000 3000 15000 0 -              s
         answers refused      | 0 61 0 12000 3000 15000 0 -              r
         sending              | refused WrongState:requested
         wait 4s              | 0 61 0 12000 3000 15000 0 -              r
         asked notfound       | 0 61 0 12000 3000 15000 0 -              r
         wait 5s              | 0 61 0 12000 3000 15000 0 -              r
         asked notfound       | 0 61 0 12000 3000 15000 0 -              r
         wait 1s              | 0 61 0 12000 3000 15000 0 -              r
         asked notfound       | 5 63 0 15000 0    15000 0 failed:pending w",
    );
    // A new refusal counts anew, and what the channel works on is not ended so.
    check(
        0,
        KEPT,
        "refund 3000          | 0 61 0 12000 3000 15000 0 - s
         answers refused      | 0 61 0 12000 3000 15000 0 - r
         asked notfound       | 0 61 0 12000 3000 15000 0 - r
         answers refused      | 0 61 0 12000 3000 15000 0 - r
         wait 10s             | 0 61 0 12000 3000 15000 0 - r
         asked notfound       | 0 61 0 12000 3000 15000 0 - r
         wait 1s              | 0 61 0 12000 3000 15000 0 - r
         asked notfound       | 5 63 0 15000 0    15000 0 failed:pending w",
    );
    check(
        0,
        KEPT,
        "refund 3000          | 0 61 0 12000 3000 15000 0 - s
         answers refused      | 0 61 0 12000 3000 15000 0 - r
         wait 9s              | 0 61 0 12000 3000 15000 0 - r
         asked notfound       | 0 61 0 12000 3000 15000 0 - r
         asked refunding      | 2 61 0 12000 3000 15000 0 - r
         wait 9h              | 2 61 0 12000 3000 15000 0 - r
         asked notfound       | 2 61 0 12000 3000 15000 0 - r
         asked notfound       | 2 61 0 12000 3000 15000 0 - r",
    );
}

#[test]
fn nothing_is_booked_on_another_amount() {
    let story = check(
        0,
        KEPT,
        "refund 3000          | 0 61 0    12000 3000 15000 0 -                s
         answers refunding    | 1 61 0    12000 3000 15000 0 -                r
         asked refunded 2999  | 1 61 0    12000 3000 15000 0 -                r
         asked failed 2999    | 1 61 0    12000 3000 15000 0 -                r
         asked refunded 3000  | 3 62 3000 12000 0    12000 0 refunded:pending -",
    );
    assert_eq!(table::flags(story.last()), "amount_mismatch");
}

#[test]
fn a_refusal_of_a_later_copy_speaks_of_the_first() {
    check(
        0,
        KEPT,
        "refund 3000          | 0 61 0 12000 3000 15000 0 - s
         answers refunding    | 1 61 0 12000 3000 15000 0 - r
         asked notfound       | 1 61 0 12000 3000 15000 0 - s
         sending              | 1 61 0 12000 3000 15000 0 - s
         answers refused      | 1 61 0 12000 3000 15000 0 - r
         sending              | refused WrongState:submitted
         wait 10s             | 1 61 0 12000 3000 15000 0 - r
         asked notfound       | 1 61 0 12000 3000 15000 0 - r
         wait 1s              | 1 61 0 12000 3000 15000 0 - r
         asked notfound       | 5 63 0 15000 0    15000 0 failed:pending w",
    );
}

#[test]
fn a_contradiction_moves_no_money_and_is_for_a_person() {
    let story = check(
        0,
        KEPT,
        "refund 3000          | 0 61 0    12000 3000 15000 0 -                s
         asked refunded       | 3 62 3000 12000 0    12000 0 refunded:pending -
         asked failed         | 3 62 3000 12000 0    12000 0 refunded:pending -",
    );
    assert_eq!(table::flags(story.last()), "contradicted");
    assert_eq!(table::stands(&story, story.last()), ("contradicted", "operator"));
}

#[test]
fn two_refunds_of_one_payment_are_sent_some_time_apart() {
    let mut story = check(
        0,
        KEPT,
        "refund 1000          | 0 61 0 14000 1000 15000 0 - s
         refund 1000          | 0 61 0 13000 2000 15000 0 - s
         refund 1000          | 0 61 0 12000 3000 15000 0 - s",
    );
    let sent = |story: &Story, name: &str| {
        let order = story.order(name).refund().unwrap();
        let due = story.wallet.task(TaskKind::Submit, order.id).unwrap().due_at;
        (order.details.sending.tries, due.since(story.wallet.now).as_secs())
    };
    // The first is being sent; what is planned is what a crash would leave. The others wait for their turn.
    assert_eq!(["f1", "f2", "f3"].map(|name| sent(&story, name)), [(1, 10), (0, 3), (0, 6)]);
    assert_eq!(story.play("resolve failed"), Err("NothingToResolve".into()), "nothing was sent");
    story.play("wait 1m").unwrap();
    story.play("refund 1000").unwrap();
    assert_eq!(sent(&story, "f4"), (1, 10));
}

#[test]
fn the_channel_is_told_the_number_of_the_payment_that_was_credited() {
    let mut story = story(0, KEPT);
    // A second payment of the order is spoken of last.
    story.play("notified 10000 T2").unwrap();
    story.play("refund 1000").unwrap();
    let number = |story: &Story| {
        let payment = story.last().refund().unwrap().details.payment.clone().unwrap();
        (payment.channel_order_no.unwrap(), payment.minor)
    };
    assert_eq!(number(&story), ("T1".into(), 10_000));
    story.play("r: notified 10000 T1").unwrap();
    story.play("give-back T2").unwrap();
    assert_eq!(number(&story), ("T2".into(), 10_000));
}
