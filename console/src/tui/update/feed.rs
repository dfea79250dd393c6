//! The live feed: the link's state, the whole state at once, then event by event.

use sluice_proto::v1 as pb;

use super::due;
use super::keys::tell_gone;
use crate::client::watch::Feed;
use crate::tui::effect::{Ask, Effect};
use crate::tui::state::layer::Layer;
use crate::tui::state::link::LinkStatus;
use crate::tui::state::{State, Tone, View};

pub(super) fn take(state: &mut State, feed: Feed) -> Vec<Effect> {
    let now = state.now;
    match feed {
        Feed::Up(hello) => {
            state.link.heard(now, Some(hello.now_ms));
            state.link.hello = Some(hello);
        }
        Feed::Full => state.arriving = Some(Vec::new()),
        Feed::Order(view) => match &mut state.arriving {
            Some(arriving) => arriving.push(*view),
            None => put_order(state, *view),
        },
        Feed::Ready { now_ms } => return ready(state, now_ms),
        Feed::Event(event) => {
            let their_now = event.entry.as_ref().map(|e| e.at_ms);
            state.link.heard(now, None);
            // An event's time is when it happened, which is a little ago: it corrects the clock only if ours is behind.
            if let Some(theirs) = their_now.filter(|t| *t > state.daemon_now().millis()) {
                state.link.heard(now, Some(theirs));
            }
            return happened(state, *event);
        }
        Feed::Heartbeat { now_ms } => state.link.heard(now, Some(now_ms)),
        Feed::Lost { why, attempt, retry_in } => {
            state.arriving = None;
            state.link.lost(now, why, attempt, retry_in);
        }
    }
    Vec::new()
}

fn ready(state: &mut State, now_ms: i64) -> Vec<Effect> {
    let anew = state.arriving.is_some();
    if let Some(arrived) = state.arriving.take() {
        let in_limbo = arrived.iter().filter(|v| v.limbo).cloned().collect();
        let gone = state.limbo.replace(in_limbo, state.now);
        tell_gone(state, View::Limbo, gone);
        let gone = state.orders.replace(arrived, state.now);
        tell_gone(state, View::Orders, gone);
    }
    state.link.heard(state.now, Some(now_ms));
    if matches!(state.link.status, LinkStatus::Lost { .. }) {
        let how = if anew { "the whole state was loaded anew" } else { "nothing was missed" };
        state.say(Tone::Good, format!("connected again; {how}"));
    }
    state.link.status = LinkStatus::Up;
    state.questions.all_due();
    due(state)
}

fn happened(state: &mut State, event: pb::Event) -> Vec<Effect> {
    if let Some(view) = event.order.clone() {
        put_order(state, view);
    }
    let mut asks = Vec::new();
    for layer in &state.layers {
        match layer {
            Layer::Order(pane) if pane.order_id == event.order_id => {
                asks.push(Ask::Order(pane.order_id.clone()))
            }
            Layer::Callback(pane) => {
                let of_order = pane.detail.as_ref().and_then(|d| d.callback.as_ref()).map(|c| &c.order_id);
                if of_order == Some(&event.order_id) {
                    asks.push(Ask::Callback(pane.callback_id.clone()));
                }
            }
            _ => {}
        }
    }
    state.remember(event);
    let now = state.now;
    asks.into_iter().filter_map(|ask| state.questions.ask(ask, now)).collect()
}

/// Takes an order's new value over wherever it stands; Limbo gains or loses it.
pub(super) fn put_order(state: &mut State, view: pb::OrderView) {
    let id = view.order.as_ref().map(|o| o.order_id.clone()).unwrap_or_default();
    let gone = if view.limbo { state.limbo.put(view.clone()) } else { state.limbo.remove(&id) };
    if gone.is_some() && state.view == View::Limbo {
        let diagnosis = view.diagnosis.as_ref().map_or("", |d| d.title.as_str());
        state.say(Tone::Good, format!("{id} left Limbo: {diagnosis}"));
    }
    let gone = state.orders.put(view);
    tell_gone(state, View::Orders, gone);
}
