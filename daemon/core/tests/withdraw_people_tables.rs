//! What people decide on withdrawals of 50.00 with a fee of 0.50, as an accountant reads it: two operators on an unknown
//! one, one on money that went out without its hold. Columns as in `withdraw_tables`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::change::TaskKind;
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
fn two_operators_resolve_what_is_unknown() {
    for before in [
        &["answers nothing"][..],
        &["answers dealing"],
        &["answers dealing", "asked nothing"],
        &["asked working"],
        &["answers refused"],
        &["answers nothing", "retire"],
    ] {
        for (resolve, after) in [
            ("paid", "3 14950 0 15000 50 0 paid:pending - w"),
            ("failed", "5/rejected 20000 0 20000 0 0 closed:pending - w"),
        ] {
            let mut story = check(BY_USER, "withdraw 5000 | 0 14950 5050 20000 0 0 - - s");
            before.iter().for_each(|line| story.play(line).unwrap());
            let again = format!(
                "resolve {resolve} | {after}
                 resolve paid | refused NothingToResolve
                 retire | refused NothingToResolve"
            );
            table::check(story, table::of_withdraw, &again);
        }
    }
}

#[test]
fn what_is_known_is_not_resolved_by_people() {
    for (first, then) in [
        // Never sent, whatever was asked.
        ("withdraw-later 5000", &[][..]),
        ("withdraw-later 5000", &["asked nothing"]),
        // On its way just now.
        ("withdraw 5000", &[]),
        // The channel does not have it: it is sent again by itself.
        ("withdraw 5000", &["answers nothing", "asked notfound"]),
        ("withdraw 5000", &["answers dealing", "asked notfound"]),
        // Ended.
        ("withdraw 5000", &["asked paid"]),
        ("withdraw 5000", &["asked paid", "asked nothing"]),
        ("withdraw 5000", &["asked failed", "asked nothing"]),
    ] {
        let mut story = Story::funded(FeeRule { fixed: 50, ..FeeRule::default() }, BY_USER, 20_000);
        story.play(first).unwrap();
        then.iter().for_each(|line| story.play(line).unwrap());
        for word in ["resolve paid", "resolve failed", "retire"] {
            assert_eq!(story.play(word), Err("NothingToResolve".into()), "{word} after {first}, {then:?}");
        }
    }
}

#[test]
fn the_first_word_of_failure_retires_the_number() {
    // Nothing goes out between the two words, and "not found" alone ends it never.
    let story = check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 - - s
         answers nothing      | 0 14950 5050 20000 0  0 - - s
         retire               | 0 14950 5050 20000 0  0 - - r
         sending              | refused WrongState:created
         cancel               | refused MayBeSent
         retire               | 0 14950 5050 20000 0  0 - - r
         wait 9h              | 0 14950 5050 20000 0  0 - - r
         asked notfound       | 0 14950 5050 20000 0  0 - - r
         wait 9h              | 0 14950 5050 20000 0  0 - - r
         asked notfound       | 0 14950 5050 20000 0  0 - - r
         asked nothing        | 0 14950 5050 20000 0  0 - - r
         looked notfound      | 0 14950 5050 20000 0  0 - - r
         asked working        | 2 14950 5050 20000 0  0 - - r
         wait 9h              | 2 14950 5050 20000 0  0 - - r
         asked notfound       | 2 14950 5050 20000 0  0 - - r
         sending              | refused WrongState:working
         asked paid           | 3 14950 0    15000 50 0 paid:pending - w",
    );
    assert_eq!(story.last().withdraw().unwrap().details.sending.tries, 1);
    // What the channel took.
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers dealing      | 1 14950 5050 20000 0 0 - - r
         retire               | 1 14950 5050 20000 0 0 - - r
         wait 9h              | 1 14950 5050 20000 0 0 - - r
         asked notfound       | 1 14950 5050 20000 0 0 - - r
         asked failed         | 5/rejected 20000 0 20000 0 0 closed:pending - w",
    );
    // What the channel itself refused ends by its own margin, counted from the refusal.
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers refused      | 0 14950 5050 20000 0 0 - - r
         wait 9s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 0 14950 5050 20000 0 0 - - r
         retire               | 0 14950 5050 20000 0 0 - - r
         wait 1s              | 0 14950 5050 20000 0 0 - - r
         asked notfound       | 5/rejected 20000 0 20000 0 0 closed:pending - w",
    );
}

#[test]
fn what_is_retired_is_asked_for_at_once() {
    let mut story = check(BY_USER, "withdraw 5000 | 0 14950 5050 20000 0 0 - - s");
    for line in ["answers nothing", "wait 1s", "retire"] {
        story.play(line).unwrap();
    }
    let task = story.wallet.task(TaskKind::Requery, story.last().id()).unwrap();
    assert_eq!(task.due_at, story.wallet.now);
}

#[test]
fn paid_out_after_the_hold_had_ended_waits_for_a_person() {
    let until = "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         resolve failed       | 5/rejected 20000 0 20000 0 0     closed:pending - w
         asked paid           | 5/rejected 20000 0 15000 0 -5000 closed:pending paid_out_after_release -
         notified paid        | 5/rejected 20000 0 15000 0 -5000 closed:pending paid_out_after_release -";
    let then = |decided: &str| check(BY_USER, &format!("{until}\n{decided}"));
    then(
        "charge               | 5/rejected 15000 0 15000 0 0 closed:pending charged,paid_out_after_release -
         charge               | refused SuspenseIs
         keep                 | refused SuspenseIs
         asked returned       | 5/rejected 20000 0 20000 0 0 closed:pending charged,paid_out_after_release,returned -
         asked returned       | 5/rejected 20000 0 20000 0 0 closed:pending charged,paid_out_after_release,returned -",
    );
    then(
        "keep                 | 5/rejected 20000 0 15000 0 -5000 closed:pending paid_out_after_release -
         charge               | refused SuspenseIs",
    );
    then(
        "asked returned       | 5/rejected 20000 0 20000 0 0 closed:pending paid_out_after_release,returned -
         charge               | refused SuspenseIs",
    );
    // The user has spent it meanwhile.
    then(
        "withdraw 18000       | 0 1950 18050 15000 0 -5000 - - s
         w: answers nothing   | 0 1950 18050 15000 0 -5000 - - s",
    );
}

#[test]
fn a_charge_needs_the_money() {
    let mut story = check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         resolve failed       | 5/rejected 20000 0 20000 0 0 closed:pending - w
         asked paid fee 10    | 5/rejected 20000 0 14990 0 -5000 closed:pending paid_out_after_release -",
    );
    story.names.insert("first".into(), story.last().id());
    table::check(
        story,
        table::of_withdraw,
        "withdraw 16000       | 0 3950 16050 14990 0 -5000 - - s
         charge               | refused NotInSuspense
         first: charge        | refused BalanceAtLeast",
    );
}

#[test]
fn returned_where_the_hold_had_ended_is_missing_no_money() {
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         resolve failed       | 5/rejected 20000 0 20000 0 0 closed:pending - w
         asked returned fee 9 | 5/rejected 20000 0 19991 0 0 closed:pending paid_out_after_release,returned -
         notified paid        | 5/rejected 20000 0 19991 0 0 closed:pending paid_out_after_release,returned -
         charge               | refused SuspenseIs",
    );
}
