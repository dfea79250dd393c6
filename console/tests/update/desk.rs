//! Decisions about money: never by accident, never by one where two are needed, and told as they are.

use sluice::cli::desk::Decision;
use sluice::cli::payouts::Outcome;
use sluice::client::watch::Feed;
use sluice::exit::{Exit, Failure};
use sluice::tui::effect::{Act, Acted, Ask, Effect, Loaded, Msg};
use sluice::tui::state::State;
use sluice::tui::state::desk::DeskRow;
use sluice::tui::state::dialog::{Dialog, Focus};
use sluice::tui::state::layer::Layer;
use sluice_proto::v1 as pb;

use super::sample::books;
use super::{notice, place, press, sample, send};

/// A confirmed decision on the open row: the second payment of an order.
const REFUND: &str = "9d⇥⇥INC-21⇥A-20261124-0012⇥⏎";

fn dialog(state: &State) -> &Dialog {
    match state.layers.last() {
        Some(Layer::Dialog(dialog)) => dialog,
        _ => panic!("no dialog: {}", place(state)),
    }
}

/// A console in which the withdrawal of unknown outcome is open.
fn with_payout() -> State {
    let mut state = sample::state((80, 24));
    press(&mut state, "9G");
    let detail = sample::orders::unknown_payout();
    let id = detail.view.as_ref().unwrap().order.as_ref().unwrap().order_id.clone();
    press(&mut state, "kkj⏎");
    assert_eq!(place(&state), "Desk 0003 > order 0003");
    send(&mut state, Msg::Loaded(Ask::Order(id), Ok(Loaded::Order(Box::new(detail)))));
    state
}

#[test]
fn a_decision_needs_a_reason_and_the_whole_number_typed() {
    for (keys, acts, why) in [
        ("9d⏎", false, "Enter presses Cancel"),
        ("9dd", false, "a doubled key"),
        ("9d⇥⇥INC-21⇥0012⇥⏎", false, "the last four are not enough where money moves"),
        ("9d⇥⇥INC-21⇥A-20261124-0013⇥⏎", false, "another number"),
        ("9d⇥⇥⇥A-20261124-0012⇥⏎", false, "no reason"),
        ("9d⇥⇥INC-21⏎A-20261124-0012⏎⏎", false, "Enter never leads from a field to the button"),
        ("9jjjd⇥⇥INC-21⇥A-20261123-0044⇥⏎", false, "it is decided already"),
        (REFUND, true, "all of it"),
        ("9d⇥⇥INC-21⇥rch_01KBFZ0P5Q7WJQ0C0X3M9N0012⇥⏎", true, "our number"),
    ] {
        let mut state = sample::state((80, 24));
        let acted = press(&mut state, keys).iter().any(|e| matches!(e, Effect::Act(_)));
        assert_eq!(acted, acts, "{why}");
    }
}

#[test]
fn what_is_chosen_is_what_is_asked() {
    for (keys, decision) in
        [("", Decision::Refund), ("→", Decision::Keep), ("→→", Decision::Apply), ("←", Decision::Apply)]
    {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, &format!("9d⇥{keys}⇥INC-21⇥A-20261124-0012⇥⏎"));
        let want = Act::Decide {
            order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N0012".into(),
            key: "2026112422001400012".into(),
            decision,
            reason: "INC-21".into(),
            request_id: "01KBFZ0P5Q-1".into(),
        };
        assert_eq!(effects, [Effect::Act(want)]);
    }
}

#[test]
fn the_dialog_says_what_each_decision_changes_and_a_forbidden_one_cannot_be_pressed() {
    let mut state = sample::state((80, 24));
    press(&mut state, "9jd");
    assert_eq!(dialog(&state).focus, Focus::Cancel);
    let shown = |state: &State| dialog(state).consequences().join(" ");
    assert!(shown(&state).contains("gives 12,000.00 CNY back to the payer"), "{}", shown(&state));
    assert!(
        shown(&state).contains("bob decided refund: the same from you carries it out"),
        "{}",
        shown(&state)
    );
    press(&mut state, "⇥→→");
    assert!(shown(&state).contains("Not possible: the user is frozen"), "{}", shown(&state));
    assert_eq!(press(&mut state, "⇥INC-21⇥A-20261124-0031⇥⏎"), []);
    assert_eq!(dialog(&state).problem.as_deref(), Some("apply: the user is frozen"));
}

#[test]
fn the_first_of_two_operators_is_told_that_another_has_to_decide() {
    let mut state = sample::state((80, 24));
    // Bob's own console.
    let bob = pb::HelloReply { operator: "bob".into(), role: "operator".into(), ..sample::hello() };
    send(&mut state, Msg::Feed(Feed::Up(bob)));
    press(&mut state, "9jd");
    let shown = dialog(&state).consequences().join(" ");
    assert!(shown.contains("You decided refund already: another operator has to"), "{shown}");

    let mut state = sample::state((80, 24));
    let mut rows = books::suspense();
    (rows[1].four_eyes, rows[1].state) = (true, "open".into());
    send(&mut state, Msg::Loaded(Ask::Desk, Ok(Loaded::Desk(rows.into_iter().map(DeskRow::from).collect()))));
    press(&mut state, "9d");
    let shown = dialog(&state).consequences().join(" ");
    assert!(shown.contains("Needs two operators"), "{shown}");
}

#[test]
fn what_came_of_a_decision_is_told_and_stays_with_the_audit_row() {
    for (decided, says) in [(true, "refunding"), (false, "waits for a second operator")] {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, REFUND);
        let [Effect::Act(act)] = effects.as_slice() else { panic!("{effects:?}") };
        let mut suspense = books::suspense().remove(1);
        suspense.state = if decided { "refunding" } else { "proposed" }.into();
        let reply = pb::DecideSuspenseReply { decided, suspense: Some(suspense), audit_seq: 417 };
        send(&mut state, Msg::Acted(act.clone(), Ok(Acted::Decide(Box::new(reply)))));
        assert!(notice(&state).contains(says) && notice(&state).contains("audit #417"), "{}", notice(&state));
        send(&mut state, Msg::Loaded(Ask::Audit, Ok(Loaded::Audit(sample::audit()))));
        assert!(notice(&state).starts_with("audit #417: bob "), "{}", notice(&state));
        assert!(notice(&state).ends_with(says), "{}", notice(&state));
    }
}

#[test]
fn a_lost_answer_leaves_the_outcome_open() {
    for (exit, open) in [(Exit::NoConnection, true), (Exit::Refused, false)] {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, REFUND);
        let [Effect::Act(act)] = effects.as_slice() else { panic!("{effects:?}") };
        send(&mut state, Msg::Acted(act.clone(), Err(Failure::new(exit, "it did not work"))));
        assert_eq!(notice(&state).contains("it may be decided"), open, "{}", notice(&state));
    }
}

#[test]
fn a_payout_is_resolved_by_its_bill_line() {
    for (keys, acts, why) in [
        ("d⇥⇥⇥INC-22⇥A-20261124-0003⇥⏎", false, "no bill line"),
        ("d⇥⇥-350.00⇥⇥A-20261124-0003⇥⏎", false, "no reason"),
        ("d⇥⇥-350.00⇥INC-22⇥A-20261124-0003⇥⏎", true, "all of it"),
    ] {
        let mut state = with_payout();
        let acted = press(&mut state, keys).iter().any(|e| matches!(e, Effect::Act(_)));
        assert_eq!(acted, acts, "{why}: {:?}", state.layers.last());
    }
    let mut state = with_payout();
    let effects = press(&mut state, "d⇥→⇥not on the bill⇥INC-22⇥A-20261124-0003⇥⏎");
    let want = Act::Resolve {
        order_id: "wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003".into(),
        outcome: Outcome::Failed,
        bill_line: "not on the bill".into(),
        reason: "INC-22".into(),
        request_id: "01KBFZ0P5Q-1".into(),
    };
    assert_eq!(effects, [Effect::Act(want)]);
}

#[test]
fn a_refund_was_refunded_or_failed_and_was_never_paid() {
    for (keys, outcome) in [("", Outcome::Refunded), ("→", Outcome::Failed), ("→→", Outcome::Refunded)]
    {
        let mut state = sample::state((80, 24));
        let mut waiting = books::proposed_payout();
        waiting.order_id = "rfd_01KBFZ0P5Q7WJQ0C0X3M9N0003".into();
        waiting.decision.clear();
        send(&mut state, Msg::Loaded(Ask::Desk, Ok(Loaded::Desk(vec![DeskRow::from(waiting)]))));
        let effects = press(&mut state, &format!("9d⇥{keys}⇥-350.00⇥INC-22⇥A-20261124-0003⇥⏎"));
        assert!(
            matches!(&effects[..], [Effect::Act(Act::Resolve { outcome: said, .. })] if *said == outcome),
            "{keys}: {effects:?}"
        );
    }
}

#[test]
fn a_payout_shows_what_the_first_operator_read_and_can_be_resolved_from_its_row() {
    let mut state = with_payout();
    for keys in ["d", "␛␛d"] {
        press(&mut state, keys);
        let target = &dialog(&state).target;
        let has = |name: &str, text: &str| target.iter().any(|(n, v)| *n == name && v.contains(text));
        assert!(has("said", "paid by bob, 6m00s ago: the bill of today has it"), "{target:?}");
        assert!(has("their line", "转账 -350.00"), "{target:?}");
    }
    assert_eq!(place(&state), "Desk 0003 > dialog Resolve Cancel");
}

#[test]
fn an_opened_order_says_why_there_is_nothing_to_decide_or_decides_its_own_suspense() {
    let opened = |order_id: &str, resolve: Option<&str>| {
        let mut state = sample::state((80, 24));
        press(&mut state, "3⏎");
        let mut detail = sample::detail();
        detail.view.as_mut().unwrap().order.as_mut().unwrap().order_id = order_id.into();
        detail.actions.extend(resolve.map(|why_not| pb::Action {
            name: "resolve_payout".into(),
            why_not: why_not.into(),
            ..Default::default()
        }));
        let id = "rch_01KBFZ0P5Q7WJQ0C0X3M9N0007".to_owned();
        send(&mut state, Msg::Loaded(Ask::Order(id), Ok(Loaded::Order(Box::new(detail)))));
        press(&mut state, "d");
        state
    };
    let own = opened("rch_01KBFZ0P5Q7WJQ0C0X3M9N0012", None);
    assert_eq!(place(&own), "Limbo 0007 > order 0007 > dialog Decide Cancel");
    for (order_id, resolve, why) in [
        ("rch_01KBFZ0P5Q7WJQ0C0X3M9N0007", None, "nothing of this order waits for a decision"),
        ("rch_01KBFZ0P5Q7WJQ0C0X3M9N0044", None, "nothing of this order waits for a decision"),
        ("wdr_01KBFZ0P5Q7WJQ0C0X3M9N0005", Some("the channel works on it"), "the channel works on it"),
    ] {
        let state = opened(order_id, resolve);
        assert!(notice(&state).contains(why), "{}", notice(&state));
    }
}

#[test]
fn evidence_and_journals_are_one_key_away() {
    for (keys, ask, want) in [
        ("9e", Ask::Evidence("ev_1".into()), "Desk 0012 > pager evidence of money in suspense"),
        (
            "9⏎e",
            Ask::Evidence("ev_1".into()),
            "Desk 0012 > suspense 0012 > pager evidence of money in suspense",
        ),
        (
            "9⏎l",
            Ask::Journal("rch_01KBFZ0P5Q7WJQ0C0X3M9N0012".into()),
            "Desk 0012 > suspense 0012 > journals 0012 -",
        ),
        (
            "9⏎⏎",
            Ask::Order("rch_01KBFZ0P5Q7WJQ0C0X3M9N0012".into()),
            "Desk 0012 > suspense 0012 > order 0012",
        ),
    ] {
        let mut state = sample::state((80, 24));
        assert_eq!(press(&mut state, keys), [Effect::Ask(ask)], "{keys}");
        assert_eq!(place(&state), want);
    }
}

#[test]
fn an_older_daemon_without_a_desk_disturbs_nobody_who_does_not_look_at_it() {
    let failed =
        || Msg::Loaded(Ask::Desk, Err(Failure::new(Exit::Unexpected, "the daemon does not know this call")));
    let mut state = sample::state((80, 24));
    send(&mut state, failed());
    assert_eq!(notice(&state), "");
    press(&mut state, "9");
    send(&mut state, failed());
    assert_eq!(notice(&state), "the daemon does not know this call");
}
