//! Refunds of a recharge of 100.00 that people decide on: an unknown one, and one that was made after its hold had ended.
//! Columns as in `refund_tables`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use sluice_core::change::TaskKind;
use sluice_core::fee::{FeeRule, FeeTerms};
use support::story::Story;
use support::table;

/// A paid recharge of 100.00, and a user who has 50.00 more.
fn story() -> Story {
    let mut story = Story::funded(FeeRule::default(), FeeTerms::default(), 5_000);
    story.play("recharge 10000").unwrap();
    story.play("notified 10000 T1").unwrap();
    story
}

fn check(table: &str) -> Story {
    table::check(story(), table::of_refund, table)
}

#[test]
fn two_operators_resolve_what_is_unknown() {
    for before in [
        &["answers nothing"][..],
        &["answers refunding"],
        &["answers refunding", "asked nothing"],
        &["answers refused"],
        &["answers nothing", "retire"],
    ] {
        for (outcome, after) in [
            ("refunded", "3 62 3000 12000 0 12000 0 refunded:pending -"),
            ("failed", "5 63 0    15000 0 15000 0 failed:pending   w"),
        ] {
            let mut story = check("refund 3000 | 0 61 0 12000 3000 15000 0 - s");
            before.iter().for_each(|line| story.play(line).unwrap());
            let again = format!(
                "resolve {outcome} | {after}
                 resolve failed | refused NothingToResolve
                 retire | refused NothingToResolve"
            );
            table::check(story, table::of_refund, &again);
        }
    }
}

#[test]
fn what_is_known_is_not_resolved_by_people() {
    for then in [
        // On its way just now.
        &[][..],
        // The channel does not have it: it is sent again by itself.
        &["answers nothing", "asked notfound"],
        &["answers refunding", "asked notfound"],
        // Ended.
        &["asked refunded"],
        &["asked refunded", "asked nothing"],
        &["asked failed", "asked nothing"],
    ] {
        let mut story = story();
        story.play("refund 3000").unwrap();
        then.iter().for_each(|line| story.play(line).unwrap());
        for word in ["resolve refunded", "resolve failed", "retire"] {
            assert_eq!(story.play(word), Err("NothingToResolve".into()), "{word} after {then:?}");
        }
    }
    // The second of two waits for its turn.
    let mut story = story();
    for line in ["refund 1000", "refund 1000", "asked nothing"] {
        story.play(line).unwrap();
    }
    for word in ["resolve failed", "retire"] {
        assert_eq!(story.play(word), Err("NothingToResolve".into()), "{word}: nothing was sent");
    }
}

#[test]
fn the_first_word_of_failure_retires_the_number() {
    let story = check(
        "refund 3000          | 0 61 0    12000 3000 15000 0 - s
         answers nothing      | 0 61 0    12000 3000 15000 0 - s
         retire               | 0 61 0    12000 3000 15000 0 - r
         sending              | refused WrongState:requested
         retire               | 0 61 0    12000 3000 15000 0 - r
         wait 9h              | 0 61 0    12000 3000 15000 0 - r
         asked notfound       | 0 61 0    12000 3000 15000 0 - r
         wait 9h              | 0 61 0    12000 3000 15000 0 - r
         asked notfound       | 0 61 0    12000 3000 15000 0 - r
         looked notfound      | 0 61 0    12000 3000 15000 0 - r
         asked refunding      | 2 61 0    12000 3000 15000 0 - r
         asked notfound       | 2 61 0    12000 3000 15000 0 - r
         asked refunded       | 3 62 3000 12000 0    12000 0 refunded:pending -",
    );
    assert_eq!(story.last().refund().unwrap().details.sending.tries, 1);
    // What the channel itself refused ends by its own margin, counted from the refusal.
    check(
        "refund 3000          | 0 61 0 12000 3000 15000 0 - s
         answers refused      | 0 61 0 12000 3000 15000 0 - r
         wait 9s              | 0 61 0 12000 3000 15000 0 - r
         asked notfound       | 0 61 0 12000 3000 15000 0 - r
         retire               | 0 61 0 12000 3000 15000 0 - r
         wait 1s              | 0 61 0 12000 3000 15000 0 - r
         asked notfound       | 5 63 0 15000 0    15000 0 failed:pending w",
    );
}

#[test]
fn a_failed_one_is_looked_at_by_its_schedule_and_no_longer() {
    for same in ["failed", "notfound", "refunding"] {
        let mut story = check(
            "refund 3000          | 0 61 0 12000 3000 15000 0 -              s
             asked nothing        | 0 61 0 12000 3000 15000 0 -              s
             asked failed         | 5 63 0 15000 0    15000 0 failed:pending w",
        );
        let due = |story: &Story| {
            let task = story.wallet.task(TaskKind::Watch, story.last().id());
            task.map(|t| t.due_at.since(story.wallet.now).as_secs())
        };
        assert_eq!(due(&story), Some(3_600));
        story.play("wait 1h").unwrap();
        story.play(&format!("looked {same}")).unwrap();
        assert_eq!(due(&story), Some(0), "only a look by schedule is one");
        story.play(&format!("asked {same}")).unwrap();
        assert_eq!(due(&story), Some(86_400));
        story.play("wait 24h").unwrap();
        story.play(&format!("asked {same}")).unwrap();
        assert_eq!(due(&story), None);
    }
}

#[test]
fn given_back_after_the_hold_had_ended_holds_the_original_up() {
    for how in ["asked", "looked", "notified"] {
        let mut story = check(&format!(
            "refund 3000          | 0 61 0 12000 3000 15000 0 -              s
             asked failed         | 5 63 0 15000 0    15000 0 failed:pending w
             r: refund 2000       | 0 61 0 13000 2000 15000 0 -              s
             f1: {how} refunded   | 5 61 0 13000 2000 15000 0 failed:pending -
             {how} refunded       | 5 61 0 13000 2000 15000 0 failed:pending -"
        ));
        let flag = "refunded_after_release";
        assert_eq!(["f1", "r"].map(|name| table::flags(story.order(name))), [flag, flag]);
        let stands = |story: &Story, name: &str| table::stands(story, story.order(name));
        assert_eq!(stands(&story, "f1"), ("uncovered", "operator"));
        assert_eq!(stands(&story, "r"), ("d2", "operator"));
        for refund in ["r: refund 1", "refund-of-app 1"] {
            let refused = story.play(refund).unwrap_err();
            assert!(refused.starts_with("WrongState:held up"), "{refused}");
        }
        // What is under way goes on.
        table::check(
            story,
            table::of_refund,
            "f2: asked refunded | 3 62 2000 13000 0 13000 0 refunded:pending -",
        );
    }
}
