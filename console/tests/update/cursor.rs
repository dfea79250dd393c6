//! The cursor is an id, and text never acts as keys.

use sluice::client::watch::Feed;
use sluice::tui::effect::{Act, Ask, Effect, Loaded, Msg};

use super::{notice, place, press, sample, send};

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
fn the_live_list_has_no_cursor_that_nobody_took() {
    let mut state = sample::state((80, 24));
    assert_eq!(press(&mut state, "2⏎rc"), [], "the newest row is another one in a moment");
    assert_eq!(place(&state), "Orders -");
    let mut fresh = sample::orders().remove(4);
    fresh.order.as_mut().unwrap().order_id = "rch_01KBFZ0P5Q7WJQ0C0X3M9N9999".into();
    fresh.order.as_mut().unwrap().created_at_ms = sample::NOW.millis();
    press(&mut state, "j");
    send(&mut state, Msg::Feed(Feed::Order(Box::new(fresh))));
    assert_eq!((place(&state).as_str(), state.orders.newer()), ("Orders 0260", Some(1)));
    press(&mut state, "2");
    assert_eq!((place(&state).as_str(), state.orders.seat()), ("Orders -", 0), "asked for again, it follows");
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
    assert!(
        matches!(effects.as_slice(), [Effect::Act(Act::Replay { callback_id, .. })] if callback_id.ends_with("0031"))
    );
}

#[test]
fn pasted_text_never_acts_as_keys() {
    let paste = |keys: &str, text: &str| {
        let mut state = sample::state((80, 24));
        press(&mut state, keys);
        let effects = send(&mut state, Msg::Paste(text.to_owned()));
        assert_eq!(effects, [], "{text:?}");
        place(&state)
    };
    assert_eq!(
        paste("2", "  A-20261124-0259 \nrRq"),
        "Orders 0259 /a-20261124-0259/ > search 'A-20261124-0259'"
    );
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
