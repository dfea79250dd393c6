//! The life of a withdrawal of 50.00 with a fee of 0.50, as an accountant reads it: a fact a line, then the state, what
//! the user can spend and what is held, what the channel holds for us, our fees, suspense, the newest callback, the
//! flags, and what is planned (s submit, r requery, w watch).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::fee::{Bearer, FeeRule, FeeTerms};
use support::story::Story;
use support::table;

const BY_USER: FeeTerms = FeeTerms { bearer: Bearer::User, returned: false };

/// Plays a table of a user who has 200.00.
fn check(terms: FeeTerms, table: &str) -> Story {
    let story = Story::funded(FeeRule { fixed: 50, ..FeeRule::default() }, terms, 20_000);
    table::check(story, table::of_withdraw, table)
}

#[test]
fn held_at_once_and_paid_out() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 -              - s
         answers dealing      | 1 14950 5050 20000 0  0 -              - r
         asked dealing        | 2 14950 5050 20000 0  0 -              - r
         notified paid 5000   | 3 14950 0    15000 50 0 paid:pending   - w
         ack                  | 4 14950 0    15000 50 0 paid:delivered - w",
    );
}

#[test]
fn more_than_the_user_has_is_not_held() {
    check(
        BY_USER,
        "withdraw 19951       | refused BalanceAtLeast
         withdraw 50          | refused AmountBelowFee
         withdraw 19950       | 0 0 20000 20000 0 0 - - s
         answers paid         | 3 0 0 50 50 0 paid:pending - w",
    );
}

#[test]
fn paid_in_the_first_answer() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 -            - s
         answers paid 5000    | 3 14950 0    15000 50 0 paid:pending - w
         answers paid 5000    | 3 14950 0    15000 50 0 paid:pending - w",
    );
}

#[test]
fn a_fee_that_the_app_bears_is_owed_by_the_app() {
    let by_app = FeeTerms { bearer: Bearer::App, returned: false };
    let story = check(
        by_app,
        "withdraw 5000        | 0 15000 5000 20000 0  0 -              - s
         asked paid           | 3 15000 0    15000 50 0 paid:pending   - w
         ack                  | 4 15000 0    15000 50 0 paid:delivered - w
         asked returned       | 6 20000 0    20000 50 0 returned:pending - -",
    );
    assert_eq!(story.wallet.balance("app:app_1:fees_due"), 50);
    let returned = FeeTerms { returned: true, ..by_app };
    let story = check(
        returned,
        "withdraw 5000        | 0 15000 5000 20000 0  0 -            - s
         asked paid           | 3 15000 0    15000 50 0 paid:pending - w
         asked returned       | 6 20000 0    20000 0  0 returned:pending - -",
    );
    assert_eq!(story.wallet.balance("app:app_1:fees_due"), 0);
}

#[test]
fn the_channels_own_fee_is_a_cost_of_ours() {
    let story = check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 -            - s
         asked paid fee 25    | 3 14950 0    14975 50 0 paid:pending - w",
    );
    assert_eq!(story.wallet.balance("channel:alipay:fee"), 25);
    let mut story = Story::funded(FeeRule::default(), BY_USER, 20_000);
    story.policy.payout_fee_ppm = 1_000;
    let table = "withdraw 5500   | 0 14500 5500 20000 0 0 -            - s
                 asked paid      | 3 14500 0    14494 0 0 paid:pending - w";
    let story = table::check(story, table::of_withdraw, table);
    assert_eq!(story.wallet.balance("channel:alipay:fee"), 6, "5.5 goes up");
}

#[test]
fn silence_keeps_the_hold_for_ever() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         wait 90h             | 0 14950 5050 20000 0 0 - - s
         asked nothing        | 0 14950 5050 20000 0 0 - - s
         wait 900h            | 0 14950 5050 20000 0 0 - - s
         asked nothing        | 0 14950 5050 20000 0 0 - - s
         cancel               | refused MayBeSent
         notified paid        | 3 14950 0 15000 50 0 paid:pending - w",
    );
}

#[test]
fn not_found_never_releases_but_sends_the_same_number_again() {
    let story = check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         wait 1h              | 0 14950 5050 20000 0 0 - - s
         asked notfound       | 0 14950 5050 20000 0 0 - - s
         sending              | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         wait 99h             | 0 14950 5050 20000 0 0 - - s
         asked notfound       | 0 14950 5050 20000 0 0 - - s
         looked notfound      | 0 14950 5050 20000 0 0 - - s
         sending              | 0 14950 5050 20000 0 0 - - s
         answers dealing      | 1 14950 5050 20000 0 0 - - r
         asked notfound       | 1 14950 5050 20000 0 0 - - s
         asked notfound       | 1 14950 5050 20000 0 0 - - s
         sending              | 1 14950 5050 20000 0 0 - - s
         answers dealing      | 2 14950 5050 20000 0 0 - - r
         asked working        | 2 14950 5050 20000 0 0 - - r
         asked notfound       | 2 14950 5050 20000 0 0 - - s
         sending              | 2 14950 5050 20000 0 0 - - s
         answers paid         | 3 14950 0 15000 50 0 paid:pending - w",
    );
    let attempts = &story.last().withdraw().unwrap().attempts;
    assert_eq!(attempts.len(), 1, "one number for ever");
    assert_eq!(attempts[0].channel_ref, story.last().id().channel_ref(1));
}

#[test]
fn a_refusal_releases_after_the_channel_twice_knew_nothing_beyond_the_margin() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers refused      | 0 14950 5050 20000 0 0 - - r
         sending              | refused WrongState:created
         wait 4s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         wait 5s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         wait 1s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 5/rejected 20000 0 20000 0 0 closed:pending   - w
         ack                  | 5/rejected 20000 0 20000 0 0 closed:delivered - w",
    );
    // The first time beyond the margin is not enough.
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers refused      | 0 14950 5050 20000 0 0 - - r
         wait 1h              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         asked nothing        | 0 14950 5050 20000 0 0 - - r
         wait 1s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 5/rejected 20000 0 20000 0 0 closed:pending - w",
    );
}

#[test]
fn a_refusal_is_of_no_weight_where_the_channel_has_it_after_all() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 - - s
         answers nothing      | 0 14950 5050 20000 0  0 - - s
         sending              | 0 14950 5050 20000 0  0 - - s
         answers refused      | 0 14950 5050 20000 0  0 - - r
         wait 5m              | 0 14950 5050 20000 0  0 - - r
         asked notfound       | 0 14950 5050 20000 0  0 - - r
         asked working        | 2 14950 5050 20000 0  0 - - r
         wait 5m              | 2 14950 5050 20000 0  0 - - r
         asked notfound       | 2 14950 5050 20000 0  0 - - r
         asked notfound       | 2 14950 5050 20000 0  0 - - r
         asked paid           | 3 14950 0    15000 50 0 paid:pending - w",
    );
}

#[test]
fn what_the_channel_took_is_not_ended_by_the_refusal_of_a_later_copy() {
    for (taken, state) in [("answers dealing", "submitted"), ("asked working", "working")] {
        let n = if state == "submitted" { 1 } else { 2 };
        let until = format!(
            "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
             {taken}              | {n} 14950 5050 20000 0 0 - - r
             asked notfound       | {n} 14950 5050 20000 0 0 - - s
             sending              | {n} 14950 5050 20000 0 0 - - s
             answers refused      | {n} 14950 5050 20000 0 0 - - r
             sending              | refused WrongState:{state}
             wait 9h              | {n} 14950 5050 20000 0 0 - - r
             asked notfound       | {n} 14950 5050 20000 0 0 - - r
             wait 9h              | {n} 14950 5050 20000 0 0 - - r
             asked notfound       | {n} 14950 5050 20000 0 0 - - r
             looked notfound      | {n} 14950 5050 20000 0 0 - - r"
        );
        for ended in [
            "asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - w",
            "resolve failed       | 5/rejected 20000 0 20000 0 0 closed:pending - w",
            "asked paid           | 3 14950 0 15000 50 0 paid:pending - w",
        ] {
            check(BY_USER, &format!("{until}\n{ended}"));
        }
    }
}

#[test]
fn a_new_refusal_counts_the_margin_anew() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers refused      | 0 14950 5050 20000 0 0 - - r
         wait 5s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         wait 4s              | 0 14950 5050 20000 0 0 - - r
         answers refused      | 0 14950 5050 20000 0 0 - - r
         wait 10s             | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         wait 1s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 5/rejected 20000 0 20000 0 0 closed:pending - w",
    );
}

#[test]
fn a_definite_failure_releases() {
    for failed in ["asked failed", "asked closed", "answers failed", "notified failed 5000"] {
        check(
            BY_USER,
            &format!(
                "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
                 answers dealing      | 1 14950 5050 20000 0 0 - - r
                 {failed}             | 5/rejected 20000 0 20000 0 0 closed:pending - w
                 notified failed      | 5/rejected 20000 0 20000 0 0 closed:pending - w
                 asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - w
                 asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - -"
            ),
        );
    }
}

#[test]
fn returned_by_the_bank() {
    let (keeps, gives) = (BY_USER, FeeTerms { returned: true, ..BY_USER });
    for (terms, user, fees) in [(keeps, 19_950, 50), (gives, 20_000, 0)] {
        // After it was paid: the newer fact takes the unsent callback's place.
        check(
            terms,
            &format!(
                "withdraw 5000    | 0 14950  5050 20000 0      0 -                - s
                 asked paid       | 3 14950  0    15000 50     0 paid:pending     - w
                 asked returned   | 6 {user} 0    20000 {fees} 0 returned:pending - -
                 asked returned   | 6 {user} 0    20000 {fees} 0 returned:pending - -
                 asked paid       | 6 {user} 0    20000 {fees} 0 returned:pending - -"
            ),
        );
        // After the merchant acknowledged.
        check(
            terms,
            &format!(
                "withdraw 5000    | 0 14950  5050 20000 0      0 -                  - s
                 asked paid       | 3 14950  0    15000 50     0 paid:pending       - w
                 ack              | 4 14950  0    15000 50     0 paid:delivered     - w
                 notified returned| 6 {user} 0    20000 {fees} 0 returned:pending   - -
                 ack              | 6 {user} 0    20000 {fees} 0 returned:delivered - -"
            ),
        );
        // Where nobody ever said that it was paid.
        check(
            terms,
            &format!(
                "withdraw 5000    | 0 14950  5050 20000 0      0 -                - s
                 asked returned   | 6 {user} 0    20000 {fees} 0 returned:pending - -"
            ),
        );
    }
}

#[test]
fn nothing_is_booked_on_another_amount() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 -            -               s
         answers dealing      | 1 14950 5050 20000 0  0 -            -               r
         asked paid 4999      | 1 14950 5050 20000 0  0 -            amount_mismatch r
         asked returned 4999  | 1 14950 5050 20000 0  0 -            amount_mismatch r
         asked failed 4999    | 1 14950 5050 20000 0  0 -            amount_mismatch r
         asked paid 5000      | 3 14950 0    15000 50 0 paid:pending amount_mismatch w
         asked returned 1     | 3 14950 0    15000 50 0 paid:pending amount_mismatch w",
    );
}

#[test]
fn cancelled_while_nothing_was_sent() {
    check(
        BY_USER,
        "withdraw-later 5000  | 0 14950 5050 20000 0 0 - - s
         cancel               | 5/cancelled 20000 0 20000 0 0 closed:pending - -
         cancel               | 5/cancelled 20000 0 20000 0 0 closed:pending - -
         sending              | refused WrongState:closed
         asked notfound       | 5/cancelled 20000 0 20000 0 0 closed:pending - -",
    );
    // What was noted before the sending counts as sent, also after a crash; unless it definitely did not go out.
    check(
        BY_USER,
        "withdraw-later 5000  | 0 14950 5050 20000 0 0 - - s
         sending              | 0 14950 5050 20000 0 0 - - s
         cancel               | refused MayBeSent
         answers notsent      | 0 14950 5050 20000 0 0 - - s
         cancel               | 5/cancelled 20000 0 20000 0 0 closed:pending - -",
    );
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         cancel               | refused MayBeSent
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         sending              | 0 14950 5050 20000 0 0 - - s
         answers notsent      | 0 14950 5050 20000 0 0 - - s
         cancel               | refused MayBeSent
         answers dealing      | 1 14950 5050 20000 0 0 - - r
         cancel               | refused WrongState:submitted",
    );
}

#[test]
fn a_contradiction_moves_no_money_and_is_for_a_person() {
    let story = check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 -            -            s
         asked paid           | 3 14950 0    15000 50 0 paid:pending -            w
         asked failed         | 3 14950 0    15000 50 0 paid:pending contradicted w
         asked notfound       | 3 14950 0    15000 50 0 paid:pending contradicted -
         answers refused      | 3 14950 0    15000 50 0 paid:pending contradicted -
         asked dealing        | 3 14950 0    15000 50 0 paid:pending contradicted -",
    );
    assert_eq!(table::stands(&story, story.last()), ("contradicted", "operator"));
}

#[test]
fn a_paid_or_rejected_one_is_looked_at_by_its_schedule_and_no_longer() {
    for (ended, same) in [
        ("asked paid           | 3 14950 0 15000 50 0 paid:pending - w", "paid"),
        ("asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - w", "failed"),
        ("asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - w", "notfound"),
    ] {
        let sent =
            "withdraw 5000 | 0 14950 5050 20000 0 0 - - s\nasked nothing | 0 14950 5050 20000 0 0 - - s";
        let mut story = check(BY_USER, &format!("{sent}\n{ended}"));
        let due = |story: &Story| {
            let task = story.wallet.task(sluice_core::change::TaskKind::Watch, story.last().id());
            task.map(|t| t.due_at.since(story.wallet.now).as_secs())
        };
        assert_eq!(due(&story), Some(3_600));
        story.play("wait 1h").unwrap();
        story.play(&format!("looked {same}")).unwrap();
        assert_eq!(due(&story), Some(0), "only a look by schedule is one");
        story.play("asked nothing").unwrap();
        let again = due(&story).unwrap();
        assert!((108..=132).contains(&again), "nothing was seen, so it is looked at again soon: {again}");
        story.play("wait 2m").unwrap();
        story.play(&format!("asked {same}")).unwrap();
        assert_eq!(due(&story), Some(86_400));
        story.play("wait 24h").unwrap();
        story.play(&format!("asked {same}")).unwrap();
        assert_eq!(due(&story), None);
    }
}

#[test]
fn a_rejected_one_is_looked_at_until_it_is_seen_to_have_gone_out() {
    let rejected = "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - w";
    for how in ["asked", "looked", "notified"] {
        check(
            BY_USER,
            &format!(
                "{rejected}
                 {how} paid      | 5/rejected 20000 0 15000 0 -5000 closed:pending paid_out_after_release -
                 {how} nothing   | 5/rejected 20000 0 15000 0 -5000 closed:pending paid_out_after_release -"
            ),
        );
        check(
            BY_USER,
            &format!(
                "{rejected}
                 {how} returned  | 5/rejected 20000 0 20000 0 0 closed:pending paid_out_after_release,returned -"
            ),
        );
    }
}
