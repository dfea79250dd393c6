//! What works without a link, and what roles and profiles may do.

use sluice::client::watch::Feed;
use sluice::tui::effect::{Effect, Msg};
use sluice::tui::keymap;
use sluice::tui::keymap::Action;
use sluice::tui::state::State;
use sluice::tui::state::layer::Layer;
use sluice_proto::v1 as pb;
use std::time::Duration;

use super::{notice, place, press, sample, send};

fn lose(state: &mut State) {
    let lost = Feed::Lost { why: "connection refused".into(), attempt: 1, retry_in: Duration::from_secs(1) };
    send(state, Msg::Feed(lost));
}

#[test]
fn without_a_link_everything_but_acts_goes_on_working() {
    for (keys, want) in [
        ("2jjj", "Orders 0258"),
        ("3⏎", "Limbo 0007 > order 0007"),
        ("?", "Overview - > help"),
        ("2/0259", "Orders 0259 /0259/ > search '0259'"),
        ("3r", "Limbo 0007"),
        ("4c", "Callbacks 0012"),
        ("6R", "Apps app_bookshop"),
        ("9d", "Desk 0012"),
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
        ("operator", false, "9d", true),
        ("viewer", false, "9d", false),
        ("admin", true, "9d", false),
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
        let greyed = keymap::alive(keymap::Place::of(&state)).any(|b| {
            matches!(b.action, Action::Requery | Action::Replay | Action::Rotate | Action::Decide)
                && (b.can)(&state).is_err()
        });
        assert!(allowed || greyed, "{role} {keys}: the footer shows it");
    }
}
