//! The life of a recharge as an accountant reads it: a fact a line, then the state, the user's money, the suspense
//! account, the newest callback, the flags, and what is planned (s submit, r requery, c close).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::change::TaskKind;
use sluice_core::fee::FeeRule;
use sluice_core::order::State as _;
use sluice_core::policy::LatePolicy;
use support::policy;
use support::recharge::Books;

/// Plays a table and compares each line.
fn check(late: LatePolicy, fee: FeeRule, table: &str) {
    let mut books = Books::create(policy(late), fee);
    for line in table.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (fact, want) = line.split_once('|').expect("fact | state user suspense callback flags tasks");
        match fact.trim() {
            "create" => {}
            fact => books.play(fact).unwrap_or_else(|e| panic!("{line}: {e}")),
        }
        let tasks: String = [(TaskKind::Submit, 's'), (TaskKind::Requery, 'r'), (TaskKind::Close, 'c')]
            .iter()
            .filter(|(kind, _)| books.has_task(*kind))
            .map(|(_, letter)| *letter)
            .collect();
        let flags: Vec<_> = books.order.flags.iter().cloned().collect();
        let reason = books.order.closed_reason.map(|r| format!("/{}", r.name())).unwrap_or_default();
        let got = [
            format!("{}{reason}", books.order.state.number()),
            books.user().to_string(),
            books.balance("suspense").to_string(),
            books.callback(),
            if flags.is_empty() { "-".into() } else { flags.join(",") },
            if tasks.is_empty() { "-".into() } else { tasks },
        ];
        let want: Vec<_> = want.split_whitespace().collect();
        assert_eq!(got.to_vec(), want, "after `{}`", fact.trim());
    }
}

fn credit(table: &str) {
    check(LatePolicy::Credit, FeeRule::default(), table);
}

#[test]
fn paid_and_told() {
    credit(
        "create               | 0 0    0 -              - sc
         accepted             | 1 0    0 -              - rc
         unpaid               | 2 0    0 -              - rc
         notified 8888 T1     | 3 8888 0 paid:pending   - -
         ack                  | 4 8888 0 paid:delivered - -",
    );
}

#[test]
fn a_fee_is_taken_from_the_amount() {
    let fee = FeeRule { ppm: 6_000, ..FeeRule::default() };
    check(
        LatePolicy::Credit,
        fee,
        "accepted             | 1 0    0 -            - rc
         notified 8888 T1     | 3 8835 0 paid:pending - -",
    );
}

#[test]
fn facts_repeat_and_come_out_of_order() {
    credit(
        "notified 8888 T1     | 3 8888 0 paid:pending   - -
         accepted             | 3 8888 0 paid:pending   - -
         notified 8888 T1     | 3 8888 0 paid:pending   - -
         paid 8888 T1         | 3 8888 0 paid:pending   - -
         unpaid               | 3 8888 0 paid:pending   - -
         notfound             | 3 8888 0 paid:pending   - -
         closed               | 3 8888 0 paid:pending   - -
         ack                  | 4 8888 0 paid:delivered - -
         paid 8888 T1         | 4 8888 0 paid:delivered - -
         paid 8888 -          | 4 8888 0 paid:delivered - -",
    );
}

#[test]
fn a_lost_notification_is_found_by_asking() {
    credit(
        "accepted             | 1 0    0 -            - rc
         unknown              | 1 0    0 -            - rc
         unknown              | 1 0    0 -            - rc
         paid 8888 T1         | 3 8888 0 paid:pending - -",
    );
}

#[test]
fn a_creation_without_an_answer_is_sent_again_and_never_failed() {
    credit(
        "lost                 | 0 0    0 - - sc
         lost                 | 0 0    0 - - sc
         wait 3h              | 0 0    0 - - sc
         lost                 | 0 0    0 - - sc
         accepted             | 1 0    0 - - rc",
    );
}

#[test]
fn an_unanswered_creation_that_the_channel_has_is_asked_for_from_then_on() {
    for found in ["asked-unpaid", "created-unpaid"] {
        credit(&format!(
            "lost                 | 0 0    0 -            - sc
             {found}              | 2 0    0 -            - rc
             paid 8888 T1         | 3 8888 0 paid:pending - -"
        ));
    }
}

#[test]
fn money_in_suspense_ends_all_asking_also_before_the_creation_is_answered() {
    credit(
        "lost                 | 0 0    0 - - sc
         notified 8889 T1     | 0 0 8889 - amount_mismatch -
         lost                 | 0 0 8889 - amount_mismatch -
         accepted             | 1 0 8889 - amount_mismatch -
         unknown              | 1 0 8889 - amount_mismatch -",
    );
}

#[test]
fn refused_by_the_channel() {
    credit(
        "refused              | 5/refused_by_channel 0 0 closed:pending   - -
         ack                  | 5/refused_by_channel 0 0 closed:delivered - -
         notified 8888 T1     | 5/refused_by_channel 0 8888 closed:delivered late -",
    );
}

#[test]
fn expiry_asks_tells_and_closes_and_late_money_is_credited() {
    credit(
        "accepted             | 1 0 0 - - rc
         wait 3h              | 1 0 0 - - rc
         told unknown         | 1 0 0 - - rc
         told notfound        | 5/expired 0 0 closed:pending - -
         ack                  | 5/expired 0 0 closed:delivered - -
         notified 8888 T1     | 3 8888 0 paid:pending late -
         ack                  | 4 8888 0 paid:delivered late -",
    );
}

#[test]
fn a_closed_callback_that_was_not_delivered_gives_way_to_the_paid_one() {
    credit(
        "accepted             | 1 0 0 - - rc
         closed               | 5/closed_by_channel 0 0 closed:pending - -
         notified 8888 T1     | 3 8888 0 paid:pending late -",
    );
}

#[test]
fn late_money_waits_where_the_channel_says_so() {
    check(
        LatePolicy::Suspend,
        FeeRule::default(),
        "accepted             | 1 0 0 - - rc
         wait 3h              | 1 0 0 - - rc
         told closed          | 5/expired 0 0 closed:pending - -
         notified 8888 T1     | 5/expired 0 8888 closed:pending late -
         notified 8888 T1     | 5/expired 0 8888 closed:pending late -",
    );
}

#[test]
fn closed_by_the_merchant() {
    credit(
        "accepted             | 1 0 0 - - rc
         merchant-closes      | 1 0 0 - - rc
         told unknown         | 1 0 0 - - rc
         told closed          | 5/closed_by_merchant 0 0 closed:pending - -
         notified 8888 T1     | 5/closed_by_merchant 0 8888 closed:pending late -",
    );
}

#[test]
fn a_code_never_scanned_is_closed_and_the_channel_told_until_it_can_not_be_paid() {
    credit(
        "accepted             | 1 0 0 - - rc
         merchant-closes      | 1 0 0 - - rc
         told notfound        | 5/closed_by_merchant 0 0 closed:pending - c
         told notfound        | 5/closed_by_merchant 0 0 closed:pending - c",
    );
}

#[test]
fn a_wrong_amount_is_suspended_and_the_right_one_still_credited() {
    credit(
        "accepted             | 1 0 0 - - rc
         notified 1 T1        | 1 0 1 - amount_mismatch -
         notified 1 T1        | 1 0 1 - amount_mismatch -
         closed               | 1 0 1 - amount_mismatch -
         notified 8888 T2     | 3 8888 1 paid:pending amount_mismatch -",
    );
}

#[test]
fn contradictory_words_on_one_payment_wait_for_a_person() {
    credit(
        "accepted             | 1 0 0 - - rc
         paid 1 T1            | 1 0 1 - amount_mismatch -
         notified 8888 T1     | 1 0 1 - amount_mismatch -",
    );
}

#[test]
fn paid_twice() {
    credit(
        "accepted             | 1 0    0    -              -          rc
         notified 8888 T1     | 3 8888 0    paid:pending   -          -
         ack                  | 4 8888 0    paid:delivered -          -
         notified 8888 T2     | 4 8888 8888 paid:delivered paid_twice -
         notified 8888 T2     | 4 8888 8888 paid:delivered paid_twice -",
    );
}

#[test]
fn a_statement_without_the_payments_number_is_of_the_same_payment() {
    credit(
        "accepted             | 1 0    0 -            - rc
         paid 8888 -          | 3 8888 0 paid:pending - -
         notified 8888 T1     | 3 8888 0 paid:pending - -",
    );
    credit(
        "accepted             | 1 0 0 - - rc
         paid 1 -             | 1 0 1 - amount_mismatch -
         notified 1 T1        | 1 0 1 - amount_mismatch -",
    );
}

#[test]
fn money_in_suspense_keeps_an_order_from_being_closed() {
    let mut books = Books::create(policy(LatePolicy::Credit), FeeRule::default());
    books.play("notified 1 T1").unwrap();
    let refusal = books.play("merchant-closes").unwrap_err();
    assert_eq!(refusal, sluice_core::order::Refusal::MoneyInSuspense);
}

#[test]
fn a_paid_order_can_not_be_closed() {
    let mut books = Books::create(policy(LatePolicy::Credit), FeeRule::default());
    books.play("notified 8888 T1").unwrap();
    let refusal = books.play("merchant-closes").unwrap_err();
    assert_eq!(refusal, sluice_core::order::Refusal::OrderPaid);
}
