//! Freeze, hold, times, the whole state at once, evidence.

use sluice::client::watch::Feed;
use sluice::text::time::TimeStyle;
use sluice::tui::effect::{Ask, Effect, Loaded, Msg};
use sluice::tui::state::layer::Layer;
use sluice::tui::state::list::Row as _;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use super::sample::NOW;
use super::{order_of, place, press, sample, send};

#[test]
fn freeze_is_local_and_counts_and_hold_keeps_the_places() {
    let mut state = sample::state((80, 24));
    press(&mut state, "2jjf");
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
    let event =
        pb::Event { order_id: id.clone(), order: Some(sample::limbo().remove(0)), ..Default::default() };
    assert_eq!(send(&mut state, Msg::Feed(Feed::Event(Box::new(event.clone())))), []);
    let answer = Ok(Loaded::Order(Box::new(sample::detail())));
    assert_eq!(
        send(&mut state, Msg::Loaded(Ask::Order(id.clone()), answer.clone())),
        [Effect::Ask(Ask::Order(id.clone()))]
    );
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
    assert_eq!(
        place(&state),
        "Limbo 0007 > order 0007 > pager gate.passed",
        "an entry without evidence shows its facts"
    );
}
