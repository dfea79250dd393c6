//! The life of a trade of user u1, who has 100.00, as an accountant reads it: a fact a line, then the trade's state, what
//! u1 can spend and what is held, what u2 and the app have, our fees, the newest callback, and what is planned (c close).
//! The fee is 1 %.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::fee::{Bearer, FeeRule, FeeTerms};
use sluice_core::order::AnyOrder;
use support::story::Story;
use support::table;

const BY_USER: FeeTerms = FeeTerms { bearer: Bearer::User, returned: false };
const RETURNED: FeeTerms = FeeTerms { bearer: Bearer::User, returned: true };
const BY_APP: FeeTerms = FeeTerms { bearer: Bearer::App, returned: false };

fn story(rule: FeeRule, terms: FeeTerms) -> Story {
    Story::funded(rule, terms, 10_000)
}

/// Plays a table with a fee of 1 %.
fn check(terms: FeeTerms, table: &str) -> Story {
    table::check(story(FeeRule { ppm: 10_000, ..FeeRule::default() }, terms), columns, table)
}

/// Of the trade, also where a refund of it is spoken of.
fn columns(story: &Story) -> Vec<String> {
    let wallet = &story.wallet;
    let trade = match story.last() {
        AnyOrder::Refund(refund) => &wallet.orders[&refund.details.original],
        order => order,
    };
    let money = |account: &str| wallet.balance(account).to_string();
    vec![
        table::state(trade),
        money("user:app_1:u1:available"),
        money("user:app_1:u1:held"),
        money("user:app_1:u2:available"),
        money("app:app_1:settlement"),
        money("fee:service"),
        table::callback(trade.callbacks()),
        table::plan(wallet, trade.id()),
    ]
}

#[test]
fn direct_to_the_app_and_to_another_user() {
    check(
        BY_USER,
        "pay app 3000         | 3 6970 0 0    3000 30 settled:pending   -
         ack                  | 4 6970 0 0    3000 30 settled:delivered -
         pay u2 3000          | 3 3940 0 3000 3000 60 settled:pending   -
         capture              | refused WrongState:settled
         void                 | refused WrongState:settled
         expire               | 3 3940 0 3000 3000 60 settled:pending   -",
    );
}

#[test]
fn to_oneself_costs_the_fee_only() {
    check(BY_USER, "pay u1 3000 | 3 9970 0 0 0 30 settled:pending -");
}

#[test]
fn more_than_the_payer_has() {
    check(
        BY_USER,
        "pay app 9901         | 3 0    0    0 9901 99 settled:pending -
         pay app 101          | refused BalanceAtLeast
         authorise app 101    | refused BalanceAtLeast",
    );
    check(
        BY_USER,
        "pay app 9902         | refused BalanceAtLeast
         authorise u2 9902    | refused BalanceAtLeast
         authorise u2 9901    | 0 0 10000 0 0 0 - c",
    );
    // Nothing is over to pay with, though it is the payer's still.
    check(
        BY_USER,
        "authorise app 9000   | 0 910 9090 0 0 0 - c
         pay app 902          | refused BalanceAtLeast",
    );
}

#[test]
fn a_fee_that_covers_the_amount_is_refused() {
    let story = story(FeeRule { min: 100, ..FeeRule::default() }, BY_USER);
    table::check(
        story,
        columns,
        "pay app 100          | refused AmountBelowFee
         authorise app 100    | refused AmountBelowFee
         pay app 101          | 3 9799 0 0 101 100 settled:pending -",
    );
}

#[test]
fn a_fee_that_the_app_bears_is_owed_by_the_app() {
    let story = check(
        BY_APP,
        "pay app 3000         | 3 7000 0    0    3000 30 settled:pending -
         authorise u2 3000    | 0 4000 3000 0    3000 30 -               c
         capture 1000         | 3 6000 0    1000 3000 40 settled:pending -",
    );
    assert_eq!(story.wallet.balance("app:app_1:fees_due"), 40);
}

#[test]
fn authorised_and_captured_whole() {
    for capture in ["capture", "capture 3000"] {
        check(
            BY_USER,
            &format!(
                "authorise app 3000   | 0 6970 3030 0 0    0  -                 c
                 {capture}            | 3 6970 0    0 3000 30 settled:pending   -
                 ack                  | 4 6970 0    0 3000 30 settled:delivered -"
            ),
        );
    }
}

#[test]
fn captured_partly_with_the_fee_on_that_part_and_the_rest_is_free() {
    let story = check(
        BY_USER,
        "authorise u2 3000    | 0 6970 3030 0    0 0  -               c
         capture 1050         | 3 8939 0    1050 0 11 settled:pending -",
    );
    let object = story.last().object();
    assert_eq!((object.fee.minor, object.captured.unwrap().minor), (11, 1050), "10.5 goes up");
}

#[test]
fn captured_once_and_never_more_than_authorised() {
    check(
        BY_USER,
        "authorise app 3000   | 0 6970 3030 0 0    0  -               c
         capture 3001         | refused CaptureExceeds
         capture 0            | refused CaptureExceeds
         capture -1           | refused CaptureExceeds
         capture 1000         | 3 8990 0    0 1000 10 settled:pending -
         capture 1000         | 3 8990 0    0 1000 10 settled:pending -
         capture 2000         | refused WrongState:settled
         capture              | refused WrongState:settled
         ack                  | 4 8990 0    0 1000 10 settled:delivered -
         capture 1000         | 4 8990 0    0 1000 10 settled:delivered -
         void                 | refused WrongState:completed
         expire               | 4 8990 0    0 1000 10 settled:delivered -",
    );
}

#[test]
fn voided() {
    check(
        BY_USER,
        "authorise app 3000   | 0                    6970  3030 0 0 0 -                c
         void                 | 5/closed_by_merchant 10000 0    0 0 0 closed:pending   -
         void                 | 5/closed_by_merchant 10000 0    0 0 0 closed:pending   -
         ack                  | 5/closed_by_merchant 10000 0    0 0 0 closed:delivered -
         capture              | refused WrongState:closed
         expire               | 5/closed_by_merchant 10000 0    0 0 0 closed:delivered -",
    );
}

#[test]
fn expired() {
    check(
        BY_USER,
        "authorise app 3000   | 0         6970  3030 0 0 0 -              c
         expire               | 0         6970  3030 0 0 0 -              c
         wait 59m             | 0         6970  3030 0 0 0 -              c
         expire               | 0         6970  3030 0 0 0 -              c
         wait 60s             | 0         6970  3030 0 0 0 -              c
         expire               | 5/expired 10000 0    0 0 0 closed:pending -
         expire               | 5/expired 10000 0    0 0 0 closed:pending -
         void                 | 5/expired 10000 0    0 0 0 closed:pending -
         capture              | refused WrongState:closed",
    );
}

#[test]
fn at_its_end_nobody_captures_though_the_hold_is_not_released_yet() {
    check(
        BY_USER,
        "authorise app 3000   | 0                    6970  3030 0 0 0 -              c
         wait 60m             | 0                    6970  3030 0 0 0 -              c
         capture              | refused WrongState:expired
         void                 | 5/closed_by_merchant 10000 0    0 0 0 closed:pending -",
    );
    check(
        BY_USER,
        "authorise app 3000   | 0 6970 3030 0 0    0  -               c
         wait 3599s           | 0 6970 3030 0 0    0  -               c
         capture              | 3 6970 0    0 3000 30 settled:pending -
         wait 60m             | 3 6970 0    0 3000 30 settled:pending -
         capture              | 3 6970 0    0 3000 30 settled:pending -",
    );
}

/// Both are decided on the same row; the store lets one through, whichever comes first.
#[test]
fn capture_and_expiry_and_void_meet_on_one_row() {
    use sluice_core::order::trade;
    use sluice_core::signing::OrderType;
    let mut story = check(BY_USER, "authorise app 3000 | 0 6970 3030 0 0 0 - c");
    let policy = story.policy.clone();
    let order = story.last().trade().unwrap().clone();
    let just_before = story.wallet.context(&policy);
    story.play("wait 60m").unwrap();
    let at_the_end = story.wallet.context(&policy);
    let admission = support::admission(OrderType::Trade, story.wallet.now);
    let decisions = || {
        [
            trade::capture(&order, None, &admission, &just_before).unwrap(),
            trade::void(&order, &admission, &just_before).unwrap(),
            trade::expire(&order, &at_the_end).unwrap(),
        ]
    };
    for first in 0..3 {
        let mut wallet = story.wallet.clone();
        wallet.store(decisions()[first].clone()).unwrap();
        for decision in decisions() {
            assert_eq!(wallet.store(decision), Err("OrderVersion"));
        }
        support::audit::audit(&wallet);
    }
}

#[test]
fn refunded_partly_and_whole_from_the_payee() {
    let story = check(
        BY_USER,
        "pay u2 3000          | 3  6970 0 3000 0 30 settled:pending -
         refund 1000          | 62 7970 0 2000 0 30 settled:pending -
         refund 2001          | refused RefundExceeds
         refund 0             | refused RefundExceeds
         refund-in-usd 10     | refused RefundExceeds
         refund 2000          | 62 9970 0 0    0 30 settled:pending -
         refund 1             | refused RefundExceeds
         t: ack               | 62 9970 0 0    0 30 settled:delivered -",
    );
    let refund = story.order("f1").object();
    assert_eq!((refund.state, refund.fee_returned.unwrap().minor), (3, 0));
    assert_eq!(story.last().object().refunded.minor, 3000);
    let AnyOrder::Trade(trade) = story.last() else { panic!("the trade") };
    assert_eq!(trade.state, sluice_core::order::trade::State::Completed, "acknowledged beneath 62");
}

#[test]
fn a_refunds_callback_completes_it() {
    let mut story = check(
        BY_USER,
        "pay app 3000         | 3  6970 0 0 3000 30 settled:pending -
         refund 3000          | 62 9970 0 0 0    30 settled:pending -",
    );
    assert_eq!(table::callback(story.last().callbacks()), "refunded:pending");
    story.play("ack").unwrap();
    assert_eq!(table::state(story.order("f1")), "4");
}

#[test]
fn the_parts_of_a_returned_fee_add_up() {
    // 1 % of 30.00 is 0.30: its parts are 0.1 (10.0 of it), 0.0 (10.005 in sum), 0.20.
    check(
        RETURNED,
        "pay u2 3000          | 3  6970  0 3000 0 30 settled:pending -
         refund 1000          | 62 7980  0 2000 0 20 settled:pending -
         refund 49            | 62 8029  0 1951 0 20 settled:pending -
         refund 1             | 62 8031  0 1950 0 19 settled:pending -
         refund 1950          | 62 10000 0 0    0 0  settled:pending -",
    );
    let by_app = FeeTerms { bearer: Bearer::App, returned: true };
    let story = check(
        by_app,
        "pay u2 3000          | 3  7000  0 3000 0 30 settled:pending -
         refund 1000          | 62 8000  0 2000 0 20 settled:pending -
         refund 2000          | 62 10000 0 0    0 0  settled:pending -",
    );
    assert_eq!(story.wallet.balance("app:app_1:fees_due"), 0);
}

#[test]
fn a_refund_needs_the_money_at_the_payee() {
    let mut story = check(BY_USER, "pay u2 3000 | 3 6970 0 3000 0 30 settled:pending -");
    let (of_u2, change) = {
        let (policy, tariff) = (story.policy.clone(), sluice_core::fee::Tariff::default());
        let ctx = story.wallet.context(&policy);
        let mode = sluice_core::order::TradeMode::Direct;
        support::trade::ask("B-1", ("u2", "u3"), 2000, mode, tariff, &ctx).unwrap()
    };
    story.wallet.store(change).unwrap();
    assert_eq!(of_u2.amount.minor, 2000);
    table::check(
        story,
        columns,
        "refund 1001          | refused BalanceAtLeast
         refund 1000          | 62 7970 0 0 0 30 settled:pending -",
    );
}

#[test]
fn only_what_was_captured_is_refunded() {
    check(
        RETURNED,
        "authorise app 3000   | 0  6970 3030 0 0    0  -               c
         refund 1             | refused WrongState:created
         capture 1000         | 3  8990 0    0 1000 10 settled:pending -
         refund 1001          | refused RefundExceeds
         refund 1000          | 62 10000 0   0 0    0  settled:pending -",
    );
    check(
        BY_USER,
        "authorise app 3000   | 0                    6970  3030 0 0 0 -              c
         void                 | 5/closed_by_merchant 10000 0    0 0 0 closed:pending -
         refund 1             | refused WrongState:closed",
    );
}
