//! Keys: looked up in the keymap, else typed into what is open.

use std::cell::Cell;

use sluice_core::time::Timestamp;

use super::{acts, due, open, search};
use crate::tui::effect::Effect;
use crate::tui::key::{Code, Key};
use crate::tui::keymap::{self, Action};
use crate::tui::state::layer::{Layer, Pager};
use crate::tui::state::{Notice, State, Tone, View};

pub(super) fn press(state: &mut State, key: Key) -> Vec<Effect> {
    // A held key may scroll and type. It must not open, confirm or do anything that a single press means.
    if key.repeat && !may_repeat(state, key) {
        return Vec::new();
    }
    let Some(binding) = keymap::lookup(state, key) else {
        type_into(state, key);
        return Vec::new();
    };
    if let Err(why) = (binding.can)(state) {
        if binding.action != Action::Back {
            state.say(Tone::Warning, format!("{}: {why}", binding.label));
        }
        return Vec::new();
    }
    act(state, binding.action)
}

fn may_repeat(state: &State, key: Key) -> bool {
    match keymap::lookup(state, key) {
        Some(binding) => {
            matches!(binding.action, Action::Down | Action::Up | Action::PageDown | Action::PageUp)
        }
        None => matches!(key.code, Code::Char(_) | Code::Backspace),
    }
}

fn type_into(state: &mut State, key: Key) {
    match state.layers.last_mut() {
        Some(Layer::Search(_)) => search::typed(state, key),
        Some(Layer::Dialog(dialog)) => {
            if let Some(field) = dialog.focused() {
                if let Some(input) = field.value.input() {
                    input.press(key);
                } else if key.code == Code::Char(' ') {
                    field.value.turn(1);
                }
                dialog.problem = None;
            }
        }
        _ => {}
    }
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let page = state.page();
    match action {
        Action::Show(view) => return show(state, view),
        Action::NextView => return show(state, state.view.turn(1)),
        Action::PreviousView => return show(state, state.view.turn(-1)),
        Action::Down => step(state, 1),
        Action::Up => step(state, -1),
        Action::PageDown => step(state, page),
        Action::PageUp => step(state, -page),
        Action::First => step(state, isize::MIN / 2),
        Action::Last => step(state, isize::MAX / 2),
        Action::Open => return open::open(state),
        Action::Back => back(state),
        Action::Close => {
            // Dropping the layer wipes what it held.
            state.layers.pop();
            state.say(Tone::Plain, "wiped from screen and memory");
        }
        Action::Search => search::open(state),
        Action::Submit => return search::submit(state),
        Action::Help => {
            if !matches!(state.layers.last(), Some(Layer::Help { .. })) {
                state.layers.push(Layer::Help { scroll: Cell::default() });
            }
        }
        Action::Requery => return acts::requery(state),
        Action::Replay => acts::ask_replay(state),
        Action::Rotate => acts::ask_rotate(state),
        Action::NextField => with_dialog(state, |d| d.move_focus(1)),
        Action::PreviousField => with_dialog(state, |d| d.move_focus(-1)),
        Action::NextChoice => turn(state, 1),
        Action::PreviousChoice => turn(state, -1),
        Action::Press => return acts::press_button(state),
        Action::Copy => return acts::copy_secrets(state),
        Action::Freeze => freeze(state),
        Action::Hold => hold(state),
        Action::Times => state.clock.style = state.clock.style.next(),
        Action::Origin => {
            if let Some(Layer::Order(pane)) = state.layers.last_mut() {
                pane.next_origin();
            }
        }
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Repaint => return vec![Effect::Repaint],
    }
    Vec::new()
}

/// Shows a view; whatever lay over the former one goes. Asked for where it is, Orders goes back to the newest.
pub(super) fn show(state: &mut State, view: View) -> Vec<Effect> {
    if state.view == view && state.layers.is_empty() && view == View::Orders {
        state.orders.follow();
    }
    state.view = view;
    state.layers.clear();
    match view {
        View::Overview => {}
        View::Orders => state.orders.enter(),
        View::Limbo => state.limbo.enter(),
        View::Callbacks => state.callbacks.enter(),
        View::Channels => state.channels.enter(),
        View::Apps => state.apps.enter(),
        View::Audit => state.audit.enter(),
    }
    due(state)
}

fn step(state: &mut State, by: isize) {
    match state.layers.last_mut() {
        Some(Layer::Order(pane)) => pane.step(by),
        Some(Layer::Callback(pane)) => pane.step(by),
        Some(Layer::Hits { list, .. }) => list.step(by),
        Some(Layer::Pager(Pager { scroll, .. }) | Layer::Help { scroll }) => {
            scroll.set(scroll.get().saturating_add_signed(by));
        }
        Some(_) => {}
        None => match state.view {
            View::Overview => {}
            View::Orders => state.orders.step(by),
            View::Limbo => state.limbo.step(by),
            View::Callbacks => state.callbacks.step(by),
            View::Channels => state.channels.step(by),
            View::Apps => state.apps.step(by),
            View::Audit => state.audit.step(by),
        },
    }
}

fn back(state: &mut State) {
    match state.layers.pop() {
        Some(Layer::Search(search)) if search.narrows => state.set_filter(search.view, &search.before),
        Some(Layer::Dialog(dialog)) => {
            state.say(Tone::Plain, format!("{}: cancelled, nothing was changed", dialog.verb()))
        }
        Some(_) => {}
        None => {
            state.set_filter(state.view, "");
            // What was said of the filter is no longer so.
            state.notice = None;
        }
    }
}

fn with_dialog(state: &mut State, change: impl FnOnce(&mut crate::tui::state::dialog::Dialog)) {
    if let Some(Layer::Dialog(dialog)) = state.layers.last_mut() {
        change(dialog);
    }
}

fn turn(state: &mut State, by: isize) {
    with_dialog(state, |dialog| {
        if let Some(field) = dialog.focused() {
            field.value.turn(by);
        }
    });
}

fn freeze(state: &mut State) {
    let now = state.now;
    let gone = match state.view {
        View::Overview => None,
        View::Orders => state.orders.toggle_freeze(now),
        View::Limbo => state.limbo.toggle_freeze(now),
        View::Callbacks => state.callbacks.toggle_freeze(now),
        View::Channels => state.channels.toggle_freeze(now),
        View::Apps => state.apps.toggle_freeze(now),
        View::Audit => state.audit.toggle_freeze(now),
    };
    tell_gone(state, state.view, gone);
}

fn hold(state: &mut State) {
    let gone = match state.view {
        View::Overview => None,
        View::Orders => state.orders.toggle_hold(),
        View::Limbo => state.limbo.toggle_hold(),
        View::Callbacks => state.callbacks.toggle_hold(),
        View::Channels => state.channels.toggle_hold(),
        View::Apps => state.apps.toggle_hold(),
        View::Audit => state.audit.toggle_hold(),
    };
    tell_gone(state, state.view, gone);
}

/// So long an act's outcome is not replaced by what follows from it, milliseconds.
const OUTCOME_MS: i64 = 5_000;

/// Says that the chosen row is gone, if it was chosen in the view that is looked at. Often that is what an act was for:
/// then its outcome stays readable.
pub(super) fn tell_gone(state: &mut State, view: View, gone: Option<String>) {
    let Some(id) = gone.filter(|_| state.view == view) else { return };
    let left = format!("{id} left {}; nothing is chosen now", view.name());
    let fresh = |at: Timestamp| state.now.millis() - at.millis() < OUTCOME_MS;
    match state.notice.take() {
        Some(Notice { text, tone: Tone::Good, at }) if fresh(at) => {
            state.say(Tone::Good, format!("{text}; {left}"));
        }
        _ => state.say(Tone::Warning, left),
    }
}
