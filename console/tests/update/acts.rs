//! No mutation by accident, and what is told after one.

use std::time::Duration;

use sluice::exit::{Exit, Failure};
use sluice::tui::effect::{Act, Acted, Ask, Effect, Loaded, Msg, NewPassword, Secret};
use sluice::tui::key::{Code, Key};
use sluice::tui::state::dialog::{Focus, Purpose};
use sluice::tui::state::layer::Layer;
use sluice_proto::v1 as pb;

use super::{notice, place, press, sample, send};

#[test]
fn a_replay_needs_its_confirmation() {
    for (keys, acts, why) in [
        ("4c⏎", false, "Enter presses Cancel"),
        ("4cc", false, "a doubled key"),
        ("4c⏎⏎", false, "a doubled Enter"),
        ("4c⇥⇥⇥⏎", false, "nothing typed"),
        ("4c⇥⇥0013⇥⏎", false, "another number typed"),
        ("4c⇥⇥0012⏎⏎⏎⏎", false, "Enter never leads from a field to the button"),
        ("4c⇥⇥0012⇥␛", false, "cancelled"),
        ("4c⇥⇥0012⇥⇥⏎", false, "the focus went on to Cancel"),
        ("4c⇥⇥0012⇥⏎", true, "the last four of the id"),
        ("4c⇤⇤A-20261124-0012⇥⏎", true, "the whole order number"),
        ("4c⇥repaired⏎0012⇥⏎", true, "with a reason"),
    ] {
        let mut state = sample::state((80, 24));
        let acted = press(&mut state, keys).iter().any(|e| matches!(e, Effect::Act(_)));
        assert_eq!(acted, acts, "{why}");
    }
}

#[test]
fn a_rotation_needs_a_reason_and_the_client_id_typed() {
    for (keys, acts) in [
        ("6R⇥⇥⇥⇥⇥app_bookshop⇥⏎", false),
        ("6R⇥⇥leaked⇥⇥⇥app_xingchen⇥⏎", false),
        ("6R⇥⇥leaked⇥⇥⇥⇥⏎", false),
        ("6R⇥⇥leaked⇥⇥⇥app_bookshop⇥⏎", true),
    ] {
        let mut state = sample::state((80, 24));
        let acted = press(&mut state, keys).iter().any(|e| matches!(e, Effect::Act(_)));
        assert_eq!(acted, acts, "{keys}");
    }
    let mut state = sample::state((80, 24));
    let effects = press(&mut state, "6R⇥→→→⇥INC-17⇥→⇥ ⇥app_bookshop⇥⏎");
    let want = Act::Rotate {
        client_id: "app_bookshop".into(),
        kind: "all".into(),
        reason: "INC-17".into(),
        grace: Duration::from_secs(600),
        revoke_tokens: true,
        request_id: "01KBFZ0P5Q-1".into(),
    };
    assert_eq!(effects, [Effect::Act(want)]);
}

#[test]
fn a_held_key_confirms_nothing() {
    let held = |code| Msg::Key(Key { repeat: true, ..Key::plain(code) });
    let mut state = sample::state((80, 24));
    press(&mut state, "4c⇥⇥0012⇥");
    assert_eq!(send(&mut state, held(Code::Enter)), []);
    assert_eq!(place(&state), "Callbacks 0012 > dialog Replay Confirm");

    let mut state = sample::state((80, 24));
    press(&mut state, "3");
    assert_eq!(send(&mut state, held(Code::Char('r'))), [], "nor asks a channel again and again");
    send(&mut state, held(Code::Char('j')));
    assert_eq!(place(&state), "Limbo 0019", "but it scrolls");
}

#[test]
fn every_dialog_focuses_cancel_and_names_target_and_effect() {
    for keys in ["4c", "6R"] {
        let mut state = sample::state((80, 24));
        press(&mut state, keys);
        let Some(Layer::Dialog(dialog)) = state.layers.last() else { panic!("{keys}") };
        assert_eq!(dialog.focus, Focus::Cancel);
        assert!(!dialog.target.is_empty() && !dialog.consequences().is_empty());
        if let Purpose::Replay { .. } = dialog.purpose {
            assert!(dialog.target.iter().any(|(name, value)| *name == "amount" && value == "133.32 CNY"));
        }
    }
}

#[test]
fn each_act_has_its_own_request_id_and_a_pressed_dialog_is_gone() {
    let mut state = sample::state((80, 24));
    let mut ids = Vec::new();
    for effect in press(&mut state, "3rjr") {
        if let Effect::Act(Act::Requery { request_id, .. }) = effect {
            ids.push(request_id);
        }
    }
    assert_eq!(ids, ["01KBFZ0P5Q-1", "01KBFZ0P5Q-2"]);
    assert_eq!(press(&mut state, "r"), [], "an order whose channel is being asked is not asked twice");
}

#[test]
fn a_requery_tells_the_observation_and_the_settled_order_leaves_limbo() {
    let mut state = sample::state((80, 24));
    let effects = press(&mut state, "3r");
    let [Effect::Act(act)] = effects.as_slice() else { panic!("{effects:?}") };
    let mut settled = sample::limbo().remove(0);
    settled.limbo = false;
    let reply = pb::RequeryReply {
        answered: true,
        presence: "paid".into(),
        message: "TRADE_SUCCESS".into(),
        order: Some(settled),
        audit_seq: 419,
        ..Default::default()
    };
    send(&mut state, Msg::Acted(act.clone(), Ok(Acted::Requery(Box::new(reply)))));
    assert!(notice(&state).ends_with("paid · TRADE_SUCCESS   audit #419"), "{}", notice(&state));
    assert_eq!((state.limbo.total(), state.requerying.len()), (2, 0));
}

#[test]
fn the_audit_row_is_shown_after_a_replay() {
    let mut state = sample::state((80, 24));
    let effects = press(&mut state, "4jc⇥fixed⇥0031⇥⏎");
    let [Effect::Act(act)] = effects.as_slice() else { panic!("{effects:?}") };
    let reply = pb::ReplayCallbackReply { callback: sample::callbacks().into_iter().next(), audit_seq: 417 };
    send(&mut state, Msg::Acted(act.clone(), Ok(Acted::Replay(Box::new(reply)))));
    send(&mut state, Msg::Loaded(Ask::Audit, Ok(Loaded::Audit(sample::audit()))));
    assert!(notice(&state).starts_with("audit #417: bob callback.replay"), "{}", notice(&state));
    // It was delivered and leaves the list, which is no reason to lose sight of the audit row.
    let others = sample::callbacks().into_iter().filter(|c| !c.callback_id.ends_with("0031")).collect();
    send(&mut state, Msg::Loaded(Ask::Callbacks, Ok(Loaded::Callbacks(others))));
    assert!(notice(&state).starts_with("audit #417: bob callback.replay"), "{}", notice(&state));
    assert!(notice(&state).ends_with("left Callbacks; nothing is chosen now"), "{}", notice(&state));
}

#[test]
fn a_lost_answer_leaves_the_outcome_open_and_says_where_to_look() {
    for (exit, open) in [(Exit::NoConnection, true), (Exit::Refused, false)] {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, "6R⇥⇥leaked⇥⇥⇥app_bookshop⇥⏎");
        let [Effect::Act(act)] = effects.as_slice() else { panic!("{effects:?}") };
        send(&mut state, Msg::Acted(act.clone(), Err(Failure::new(exit, "it did not work"))));
        assert_eq!(notice(&state).contains("it may be rotated"), open, "{}", notice(&state));
    }
}

fn rotated(kinds: &[&str]) -> (Act, Acted) {
    let act = Act::Rotate {
        client_id: "app_bookshop".into(),
        kind: "all".into(),
        reason: "leaked".into(),
        grace: Duration::ZERO,
        revoke_tokens: false,
        request_id: "r".into(),
    };
    let password = |kind: &&str| NewPassword {
        kind: (*kind).to_owned(),
        version: 4,
        password: Secret::new(format!("secret-of-{kind}")),
    };
    (
        act,
        Acted::Rotate { passwords: kinds.iter().map(password).collect(), audit_seq: 420, revoked_tokens: 0 },
    )
}

#[test]
fn a_new_password_is_shown_once_copied_on_demand_and_gone_on_escape() {
    let mut state = sample::state((80, 24));
    let (act, acted) = rotated(&["trade"]);
    press(&mut state, "6");
    send(&mut state, Msg::Acted(act, Ok(acted)));
    assert_eq!(place(&state), "Apps app_bookshop > secrets");
    assert_eq!(press(&mut state, "⏎q12jR "), [], "no other key closes it by accident");
    assert_eq!(send(&mut state, Msg::Paste("q".into())), []);
    assert_eq!(place(&state), "Apps app_bookshop > secrets");
    assert_eq!(press(&mut state, "y"), [Effect::Copy(Secret::new("secret-of-trade".into()))]);
    press(&mut state, "␛");
    assert_eq!(place(&state), "Apps app_bookshop");
    assert!(!format!("{state:?}").contains("secret-of-trade"));
}

#[test]
fn secrets_never_show_in_debug_output() {
    let (act, acted) = rotated(&["recharge", "withdraw", "trade"]);
    let mut state = sample::state((80, 24));
    let message = Msg::Acted(act, Ok(acted));
    assert!(!format!("{message:?}").contains("secret-of"));
    send(&mut state, message);
    let effects = press(&mut state, "y");
    assert!(!format!("{state:?}{effects:?}").contains("secret-of"));
    let all = "recharge secret-of-recharge\nwithdraw secret-of-withdraw\ntrade secret-of-trade\n";
    assert_eq!(effects, [Effect::Copy(Secret::new(all.into()))]);
}
