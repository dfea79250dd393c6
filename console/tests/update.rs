//! The update function as tables: a state, keys or messages, and what they come to. One group per safety criterion.

#[path = "common/sample.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;

use std::time::Duration;

use sluice::client::watch::Feed;
use sluice::exit::{Exit, Failure};
use sluice::text::time::TimeStyle;
use sluice::tui::effect::{Act, Acted, Ask, Effect, Loaded, Msg, NewPassword, Secret};
use sluice::tui::key::{Code, Key};
use sluice::tui::keymap::{self, Action};
use sluice::tui::state::dialog::{Focus, Purpose};
use sluice::tui::state::layer::Layer;
use sluice::tui::state::list::Row as _;
use sluice::tui::state::{State, View};
use sluice::tui::update::update;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use sample::NOW;

fn keys_of(text: &str) -> Vec<Key> {
    let code = |c| match c {
        '⏎' => Code::Enter,
        '⇥' => Code::Tab,
        '⇤' => Code::BackTab,
        '␛' => Code::Esc,
        '→' => Code::Right,
        '←' => Code::Left,
        '↓' => Code::Down,
        '↑' => Code::Up,
        '⌫' => Code::Backspace,
        c => Code::Char(c),
    };
    text.chars().map(|c| Key::plain(code(c))).collect()
}

/// Plays keys; gives the effects of all of them but the polls that views make.
fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    keys_of(keys).into_iter().flat_map(|key| send(state, Msg::Key(key))).collect()
}

fn send(state: &mut State, msg: Msg) -> Vec<Effect> {
    let polled = |effect: &Effect| {
        use Ask::{Apps, Audit, Callbacks, Channels, Limbo, Overview};
        matches!(effect, Effect::Ask(Overview | Limbo | Callbacks | Channels | Apps | Audit))
    };
    let mut effects = update(state, NOW, msg);
    effects.retain(|effect| !polled(effect));
    effects
}

/// The whole of what an operator sees of where they are, in one line: the view, the layers, what a key would act on.
fn place(state: &State) -> String {
    let layers: String = state
        .layers
        .iter()
        .map(|layer| match layer {
            Layer::Help { .. } => " > help".to_owned(),
            Layer::Order(pane) => format!(" > order {}", tail(&pane.order_id)),
            Layer::Callback(pane) => format!(" > callback {}", tail(&pane.callback_id)),
            Layer::Channel(name) => format!(" > channel {name}"),
            Layer::App(id) => format!(" > app {id}"),
            Layer::Audit(id) => format!(" > audit {id}"),
            Layer::Pager(pager) => format!(" > pager {}", pager.title),
            Layer::Hits { number, list } => format!(" > hits {number} {}", list.total()),
            Layer::Search(search) => format!(" > search '{}'", search.input.text()),
            Layer::Dialog(dialog) => format!(" > dialog {} {:?}", dialog.verb(), dialog.focus),
            Layer::Secrets(_) => " > secrets".to_owned(),
        })
        .collect();
    let chosen = match state.view {
        View::Overview => None,
        View::Orders => state.orders.chosen_id(),
        View::Limbo => state.limbo.chosen_id(),
        View::Callbacks => state.callbacks.chosen_id(),
        View::Channels => state.channels.chosen_id(),
        View::Apps => state.apps.chosen_id(),
        View::Audit => state.audit.chosen_id(),
    };
    let filter = if state.filter().is_empty() { String::new() } else { format!(" /{}/", state.filter()) };
    format!("{} {}{filter}{layers}", state.view.name(), chosen.map_or("-".to_owned(), tail))
}

fn tail(id: &str) -> String {
    if id.len() > 20 { id[id.len() - 4..].to_owned() } else { id.to_owned() }
}

fn notice(state: &State) -> &str {
    state.notice.as_ref().map_or("", |n| &n.text)
}

fn check(table: &[(&str, &str)]) {
    for (keys, want) in table {
        let mut state = sample::state((80, 24));
        press(&mut state, keys);
        assert_eq!(place(&state), *want, "after {keys:?}");
    }
}

fn order_of(view: &pb::OrderView) -> pb::Order {
    view.order.clone().unwrap()
}

// Moving

#[test]
fn views_and_rows() {
    check(&[
        ("", "Overview -"),
        ("2", "Orders 0260"),
        ("2jj", "Orders 0258"),
        ("2↓↓↑", "Orders 0259"),
        ("2jjk", "Orders 0259"),
        ("2kkk", "Orders 0260"),
        ("2G", "Orders 0007"),
        ("2Gg", "Orders 0260"),
        ("⇥⇥", "Limbo 0007"),
        ("⇤", "Audit 418"),
        ("⇥⇤", "Overview -"),
        ("5j", "Channels unionpay-b2c"),
        ("6j", "Apps app_xingchen"),
        ("2jj3j2", "Orders 0258"),
    ]);
}

#[test]
fn escape_is_one_level_up() {
    check(&[
        ("3⏎", "Limbo 0007 > order 0007"),
        ("3⏎?", "Limbo 0007 > order 0007 > help"),
        ("3⏎?␛", "Limbo 0007 > order 0007"),
        ("3⏎?␛␛", "Limbo 0007"),
        ("3⏎?␛␛␛", "Limbo 0007"),
        ("4c", "Callbacks 0012 > dialog Replay Cancel"),
        ("4⏎␛", "Callbacks 0012"),
        ("4c␛", "Callbacks 0012"),
        ("2/0259", "Orders 0259 /0259/ > search '0259'"),
        ("2/0259␛", "Orders 0259"),
        ("5⏎", "Channels alipay > channel alipay"),
        ("5⏎␛", "Channels alipay"),
        ("7⏎", "Audit 418 > audit 418"),
        ("6⏎R", "Apps app_bookshop > app app_bookshop > dialog Rotate Cancel"),
        ("6⏎R␛␛", "Apps app_bookshop"),
        ("3⏎2", "Orders 0260"),
    ]);
}

#[test]
fn q_quits_where_nothing_is_typed() {
    for (keys, quits) in [("q", true), ("3⏎q", true), ("?q", true), ("2/q", false), ("4cq", false), ("4c⇥q", false)] {
        let mut state = sample::state((80, 24));
        assert_eq!(press(&mut state, keys).contains(&Effect::Quit), quits, "{keys:?}");
    }
    let mut state = sample::state((80, 24));
    press(&mut state, "4c");
    assert_eq!(send(&mut state, Msg::Key(Key::ctrl('c'))), [Effect::Quit], "Ctrl-C leaves from anywhere");
}

// Safety: the cursor is an id

#[test]
fn what_a_key_acts_on_does_not_move_with_the_rows() {
    let mut state = sample::state((80, 24));
    press(&mut state, "3j");
    let id = state.limbo.chosen_id().unwrap().to_owned();
    // The row above settles, an older one arrives above, and the list is loaded anew.
    let mut settled = sample::limbo().remove(0);
    settled.limbo = false;
    send(&mut state, Msg::Feed(Feed::Order(Box::new(settled))));
    let mut older = sample::limbo().remove(2);
    older.order.as_mut().unwrap().order_id = "rch_01KBFZ0P5Q7WJQ0C0X3M9N0001".into();
    older.attempts[0].unknown_since_ms = sample::ago(3_600_000);
    let mut rows = sample::limbo();
    rows.insert(0, older);
    rows.reverse();
    send(&mut state, Msg::Loaded(Ask::Limbo, Ok(Loaded::Orders(rows))));
    assert_eq!(state.limbo.chosen_id(), Some(id.as_str()));
    match press(&mut state, "r").as_slice() {
        [Effect::Act(Act::Requery { order_id, .. })] => assert_eq!(*order_id, id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_that_vanishes_is_dropped_visibly_and_no_other_takes_its_place() {
    let mut state = sample::state((80, 24));
    press(&mut state, "3");
    let mut settled = sample::limbo().remove(0);
    settled.limbo = false;
    send(&mut state, Msg::Feed(Feed::Order(Box::new(settled))));
    assert_eq!(place(&state), "Limbo -");
    assert!(notice(&state).contains("left Limbo"), "{}", notice(&state));
    assert_eq!(press(&mut state, "r"), [], "there is nothing that a key could act on");
    assert!(notice(&state).contains("no order is chosen"), "{}", notice(&state));
    press(&mut state, "j");
    assert_eq!(place(&state), "Limbo 0019");
}

#[test]
fn a_dialog_holds_its_target_whatever_happens_below() {
    let mut state = sample::state((80, 24));
    press(&mut state, "4jc");
    let rows = sample::callbacks().split_off(2);
    send(&mut state, Msg::Loaded(Ask::Callbacks, Ok(Loaded::Callbacks(rows))));
    let effects = press(&mut state, "⇥⇥0031⇥⏎");
    assert!(matches!(effects.as_slice(), [Effect::Act(Act::Replay { callback_id, .. })] if callback_id.ends_with("0031")));
}

// Safety: no mutation by accident

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
        ("6R⇥⇥⇥⇥app_bookshop⇥⏎", false),
        ("6R⇥⇥leaked⇥⇥app_xingchen⇥⏎", false),
        ("6R⇥⇥leaked⇥⇥⇥⏎", false),
        ("6R⇥⇥leaked⇥⇥app_bookshop⇥⏎", true),
    ] {
        let mut state = sample::state((80, 24));
        let acted = press(&mut state, keys).iter().any(|e| matches!(e, Effect::Act(_)));
        assert_eq!(acted, acts, "{keys}");
    }
    let mut state = sample::state((80, 24));
    let effects = press(&mut state, "6R⇥→→→⇥INC-17⇥ ⇥app_bookshop⇥⏎");
    let want = Act::Rotate {
        client_id: "app_bookshop".into(),
        kind: "all".into(),
        reason: "INC-17".into(),
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
        assert!(!dialog.target.is_empty() && !dialog.effects.is_empty());
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

// Safety: pasted text

#[test]
fn pasted_text_never_acts_as_keys() {
    let paste = |keys: &str, text: &str| {
        let mut state = sample::state((80, 24));
        press(&mut state, keys);
        let effects = send(&mut state, Msg::Paste(text.to_owned()));
        assert_eq!(effects, [], "{text:?}");
        place(&state)
    };
    assert_eq!(paste("2", "  A-20261124-0259 \nrRq"), "Orders 0259 /a-20261124-0259/ > search 'A-20261124-0259'");
    assert_eq!(paste("3⏎", "q"), "Limbo 0007 > order 0007 > search 'q'");
    assert_eq!(paste("?", "cR\x1b[2J"), "Overview - > search 'cR[2J'");
    assert_eq!(paste("4c", "0012\n\n"), "Callbacks 0012 > dialog Replay Cancel", "a button takes no text");
    assert_eq!(paste("2/A-", "20261124-0259"), "Orders 0259 /a-20261124-0259/ > search 'A-20261124-0259'");
    // Into the field that has the focus it goes; it still presses nothing.
    let mut state = sample::state((80, 24));
    press(&mut state, "4c⇥⇥");
    assert_eq!(send(&mut state, Msg::Paste("0012\n".into())), []);
    assert_eq!(place(&state), "Callbacks 0012 > dialog Replay Field(1)");
    assert_eq!(press(&mut state, "⇥⏎").len(), 1);
}

// Searching

#[test]
fn a_number_is_found_or_the_text_filters() {
    let hits = |n: usize| Ok(Loaded::Orders(sample::orders().into_iter().take(n).collect()));
    for (n, want) in [
        (1, "Orders 0260 > order 0007"),
        (3, "Orders 0260 > hits A-1 3"),
        (0, "Orders - /a-1/"),
    ] {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, "2/ A-1 ⏎");
        assert_eq!(effects, [Effect::Ask(Ask::Find("A-1".into()))], "spaces are trimmed");
        send(&mut state, Msg::Loaded(Ask::Find("A-1".into()), hits(n)));
        assert_eq!(place(&state), want);
    }
    let mut state = sample::state((80, 24));
    press(&mut state, "1/bookshop⏎");
    send(&mut state, Msg::Loaded(Ask::Find("bookshop".into()), hits(0)));
    assert_eq!(place(&state), "Orders 0259 /bookshop/", "from Overview it goes to Orders");
    press(&mut state, "␛");
    assert_eq!(place(&state), "Orders 0259");
}

#[test]
fn a_late_answer_never_covers_a_question_or_a_password() {
    let mut state = sample::state((80, 24));
    press(&mut state, "4/A-20261124⏎");
    press(&mut state, "c");
    let before = place(&state);
    assert!(before.ends_with("dialog Replay Cancel"), "{before}");
    send(&mut state, Msg::Loaded(Ask::Find("A-20261124".into()), Ok(Loaded::Orders(sample::limbo().split_off(2)))));
    assert_eq!(place(&state), before);
}

// Seeing

#[test]
fn freeze_is_local_and_counts_and_hold_keeps_the_places() {
    let mut state = sample::state((80, 24));
    press(&mut state, "2jf");
    let mut fresh = sample::orders().remove(4);
    fresh.order.as_mut().unwrap().order_id = "rch_01KBFZ0P5Q7WJQ0C0X3M9N9999".into();
    fresh.order.as_mut().unwrap().created_at_ms = NOW.millis();
    send(&mut state, Msg::Feed(Feed::Order(Box::new(fresh))));
    assert_eq!(state.orders.frozen(), Some((NOW, 1)));
    assert_eq!(state.orders.shown()[0].id(), "rch_01KBFZ0P5Q7WJQ0C0X3M9N0260");
    press(&mut state, "f");
    assert_eq!(state.orders.shown()[0].id(), "rch_01KBFZ0P5Q7WJQ0C0X3M9N9999");
    assert_eq!(place(&state), "Orders 0259", "and the cursor is where it was");
}

#[test]
fn times_go_local_utc_relative() {
    let mut state = sample::state((80, 24));
    for want in [TimeStyle::Utc, TimeStyle::Relative, TimeStyle::Local] {
        press(&mut state, "t");
        assert_eq!(state.clock.style, want);
    }
}

#[test]
fn the_daemons_clock_is_known_and_used_for_countdowns() {
    let mut state = sample::state((80, 24));
    send(&mut state, Msg::Feed(Feed::Heartbeat { now_ms: NOW.millis() - 5_000 }));
    assert_eq!(state.link.skew_ms, -5_000);
    assert_eq!(state.daemon_now(), Timestamp(NOW.millis() - 5_000));
}

#[test]
fn a_whole_state_is_swapped_in_at_once() {
    let mut state = sample::state((80, 24));
    press(&mut state, "2");
    send(&mut state, Msg::Feed(Feed::Full));
    let kept = sample::orders().remove(5);
    send(&mut state, Msg::Feed(Feed::Order(Box::new(kept.clone()))));
    assert_eq!(state.orders.total(), 63, "half a state is not shown");
    send(&mut state, Msg::Feed(Feed::Ready { now_ms: NOW.millis() }));
    assert_eq!(state.orders.shown(), [&kept], "what did not come again is gone");
}

#[test]
fn an_open_order_follows_its_events() {
    let mut state = sample::state((80, 24));
    press(&mut state, "3⏎");
    let id = order_of(&sample::limbo()[0]).order_id;
    // The first question is in flight; what happens meanwhile is asked for after its answer.
    let event = pb::Event { order_id: id.clone(), order: Some(sample::limbo().remove(0)), ..Default::default() };
    assert_eq!(send(&mut state, Msg::Feed(Feed::Event(Box::new(event.clone())))), []);
    let answer = Ok(Loaded::Order(Box::new(sample::detail())));
    assert_eq!(send(&mut state, Msg::Loaded(Ask::Order(id.clone()), answer.clone())), [Effect::Ask(Ask::Order(id.clone()))]);
    assert_eq!(send(&mut state, Msg::Loaded(Ask::Order(id.clone()), answer)), []);
    assert_eq!(send(&mut state, Msg::Feed(Feed::Event(Box::new(event)))), [Effect::Ask(Ask::Order(id))]);
}

#[test]
fn evidence_is_one_key_away_and_origins_filter() {
    let mut state = sample::state((80, 24));
    press(&mut state, "3⏎");
    let id = order_of(&sample::limbo()[0]).order_id;
    send(&mut state, Msg::Loaded(Ask::Order(id), Ok(Loaded::Order(Box::new(sample::detail())))));
    assert_eq!(press(&mut state, "⏎"), [Effect::Ask(Ask::Evidence("ev_4".into()))]);
    press(&mut state, "␛oo");
    let Some(Layer::Order(pane)) = state.layers.last() else { panic!() };
    assert_eq!(pane.origin.as_deref(), Some("gate"));
    assert_eq!(pane.entries().len(), 1);
    press(&mut state, "⏎");
    assert_eq!(place(&state), "Limbo 0007 > order 0007 > pager gate.passed", "an entry without evidence shows its facts");
}

// The link

fn lose(state: &mut State) {
    let lost = Feed::Lost { why: "connection refused".into(), attempt: 1, retry_in: Duration::from_secs(1) };
    send(state, Msg::Feed(lost));
}

#[test]
fn without_a_link_everything_but_acts_goes_on_working() {
    for (keys, want) in [
        ("2jj", "Orders 0258"),
        ("3⏎", "Limbo 0007 > order 0007"),
        ("?", "Overview - > help"),
        ("2/0259", "Orders 0259 /0259/ > search '0259'"),
        ("3r", "Limbo 0007"),
        ("4c", "Callbacks 0012"),
        ("6R", "Apps app_bookshop"),
    ] {
        let mut state = sample::state((80, 24));
        lose(&mut state);
        let acted = press(&mut state, keys).iter().any(|e| matches!(e, Effect::Act(_)));
        assert!(!acted, "{keys:?} acts");
        assert_eq!(place(&state), want, "after {keys:?}");
    }
    let mut state = sample::state((80, 24));
    lose(&mut state);
    press(&mut state, "3r");
    assert!(notice(&state).contains("no connection"), "the reason is said: {}", notice(&state));
    assert_eq!(press(&mut state, "q"), [Effect::Quit]);
}

#[test]
fn a_dialog_that_was_open_when_the_link_went_does_not_act() {
    let mut state = sample::state((80, 24));
    press(&mut state, "4c⇥⇥0012⇥");
    lose(&mut state);
    assert_eq!(press(&mut state, "⏎"), []);
    let Some(Layer::Dialog(dialog)) = state.layers.last() else { panic!("it stays open") };
    assert_eq!(dialog.problem.as_deref(), Some("no connection to the daemon"));
}

#[test]
fn roles_and_read_only_profiles_grey_the_acts() {
    for (role, read_only, keys, allowed) in [
        ("admin", false, "6R", true),
        ("operator", false, "6R", false),
        ("operator", false, "3r", true),
        ("operator", false, "4c", true),
        ("viewer", false, "3r", false),
        ("viewer", false, "4c", false),
        ("admin", true, "3r", false),
        ("admin", true, "6R", false),
    ] {
        let mut state = sample::state((80, 24));
        send(&mut state, Msg::Feed(Feed::Up(pb::HelloReply { role: role.into(), ..sample::hello() })));
        state.profile.read_only = read_only;
        let effects = press(&mut state, keys);
        let went_on = !effects.is_empty() || matches!(state.layers.last(), Some(Layer::Dialog(_)));
        assert_eq!(went_on, allowed, "{role} {keys}");
        let greyed = keymap::alive(keymap::Place::of(&state))
            .any(|b| matches!(b.action, Action::Requery | Action::Replay | Action::Rotate) && (b.can)(&state).is_err());
        assert!(allowed || greyed, "{role} {keys}: the footer shows it");
    }
}

// After an act

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
}

#[test]
fn a_lost_answer_leaves_the_outcome_open_and_says_where_to_look() {
    for (exit, open) in [(Exit::NoConnection, true), (Exit::Refused, false)] {
        let mut state = sample::state((80, 24));
        let effects = press(&mut state, "6R⇥⇥leaked⇥⇥app_bookshop⇥⏎");
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
        revoke_tokens: false,
        request_id: "r".into(),
    };
    let password = |kind: &&str| NewPassword {
        kind: (*kind).to_owned(),
        version: 4,
        password: Secret::new(format!("secret-of-{kind}")),
    };
    (act, Acted::Rotate { passwords: kinds.iter().map(password).collect(), audit_seq: 420, revoked_tokens: 0 })
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
