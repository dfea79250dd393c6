//! `update`: what happens to the state with each message, and what is to be done outside. It is pure: the time comes
//! with the message, and everything else that it needs is in the state.

mod acts;
mod answers;
mod desk;
mod feed;
mod keys;
mod open;
mod search;

use sluice_core::time::Timestamp;

use super::effect::{Ask, Effect, Msg};
use super::state::layer::Layer;
use super::state::{State, View};

/// Notices go after so long.
const NOTICE_MS: i64 = 12_000;

/// One message in, the effects out.
pub fn update(state: &mut State, now: Timestamp, msg: Msg) -> Vec<Effect> {
    state.now = now;
    match msg {
        Msg::Key(key) => keys::press(state, key),
        Msg::Paste(text) => search::paste(state, &text),
        Msg::Resize(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Msg::Tick => tick(state),
        Msg::Feed(feed) => feed::take(state, feed),
        Msg::Loaded(ask, answer) => answers::loaded(state, ask, answer),
        Msg::Acted(act, answer) => answers::acted(state, act, answer),
    }
}

fn tick(state: &mut State) -> Vec<Effect> {
    if state.notice.as_ref().is_some_and(|n| state.now.millis() - n.at.millis() > NOTICE_MS) {
        state.notice = None;
    }
    due(state)
}

/// The questions that are due. What is on the screen is asked more often than what is not.
fn due(state: &mut State) -> Vec<Effect> {
    if !state.link.is_up() {
        return Vec::new();
    }
    let on = |view: View| state.view == view;
    let often = |visible: bool| if visible { 2_000 } else { 6_000 };
    let mut asks = vec![
        (Ask::Overview, often(on(View::Overview))),
        (Ask::Limbo, often(on(View::Limbo))),
        (Ask::Callbacks, often(on(View::Callbacks))),
        (Ask::Channels, often(on(View::Channels) || on(View::Overview))),
    ];
    // These two change only by what people do, but they are to be there when somebody comes to see them.
    asks.push((Ask::Apps, if on(View::Apps) { 5_000 } else { 60_000 }));
    asks.push((Ask::Audit, if on(View::Audit) { 3_000 } else { 60_000 }));
    // Decisions wait for hours, but whoever opens an order is to see what of it waits.
    asks.push((Ask::Desk, if on(View::Desk) { 3_000 } else { 15_000 }));
    if on(View::Ledger) {
        asks.push((Ask::Accounts(state.accounts.filter().to_owned()), 3_000));
        asks.push((Ask::Trial { prove: false }, 3_000));
    }
    for layer in &state.layers {
        match layer {
            Layer::Statement(pane) => asks.push((pane.newest(), 5_000)),
            Layer::Journal(pane) => asks.push((Ask::Journal(pane.order_id.clone()), 5_000)),
            Layer::Order(pane) => asks.push((Ask::Order(pane.order_id.clone()), 5_000)),
            Layer::Callback(pane) => asks.push((Ask::Callback(pane.callback_id.clone()), 5_000)),
            _ => {}
        }
    }
    let now = state.now;
    let filter = state.accounts.filter();
    state.questions.forget(|ask| matches!(ask, Ask::Accounts(text) if text != filter));
    asks.into_iter().filter_map(|(ask, every)| state.questions.ask_if_due(ask, every, now)).collect()
}
