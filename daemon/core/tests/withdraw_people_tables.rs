//! What people decide on withdrawals of 50.00 with a fee of 0.50, as an accountant reads it: two operators on an unknown
//! one, one on money that went out without its hold. Columns as in `withdraw_tables`.

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
fn two_operators_resolve_what_is_unknown() {
    for before in ["answers nothing", "answers dealing", "answers refused"] {
        for (resolve, after) in [
            ("paid", "3 14950 0 15000 50 0 paid:pending - w"),
            ("failed", "5/rejected 20000 0 20000 0 0 closed:pending - -"),
        ] {
            let story = Story::funded(FeeRule { fixed: 50, ..FeeRule::default() }, BY_USER, 20_000);
            let mut story =
                table::check(story, table::of_withdraw, "withdraw 5000 | 0 14950 5050 20000 0 0 - - s");
            story.play(before).unwrap();
            let again = format!("resolve {resolve} | {after}\nresolve paid | refused NothingToResolve");
            table::check(story, table::of_withdraw, &again);
        }
    }
}

#[test]
fn what_is_known_is_not_resolved_by_people() {
    check(
        BY_USER,
        "withdraw-later 5000 | 0 14950 5050 20000 0 0 - - s\nresolve failed | refused NothingToResolve",
    );
    check(
        BY_USER,
        "withdraw 5000        | 0 14950 5050 20000 0  0 -            - s
         asked paid           | 3 14950 0    15000 50 0 paid:pending - w
         resolve failed       | refused NothingToResolve",
    );
}

#[test]
fn paid_out_after_the_hold_had_ended_waits_for_a_person() {
    let until = "withdraw 5000        | 0 14950 5050 20000 0 0 - - s
         answers nothing      | 0 14950 5050 20000 0 0 - - s
         resolve failed       | 5/rejected 20000 0 20000 0 0     closed:pending - -
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
         resolve failed       | 5/rejected 20000 0 20000 0 0 closed:pending - -
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
         resolve failed       | 5/rejected 20000 0 20000 0 0 closed:pending - -
         asked returned fee 9 | 5/rejected 20000 0 19991 0 0 closed:pending paid_out_after_release,returned -
         notified paid        | 5/rejected 20000 0 19991 0 0 closed:pending paid_out_after_release,returned -
         charge               | refused SuspenseIs",
    );
}
