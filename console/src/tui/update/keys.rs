//! Keys: looked up in the keymap, else typed into what is open.

use std::cell::Cell;

use sluice_core::time::Timestamp;

use super::{acts, desk, due, open, search};
use crate::tui::effect::{Ask, Effect};
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
        Action::Down => return step(state, 1),
        Action::Up => return step(state, -1),
        Action::PageDown => return step(state, page),
        Action::PageUp => return step(state, -page),
        Action::First => return step(state, isize::MIN / 2),
        Action::Last => return step(state, isize::MAX / 2),
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
        Action::Decide => desk::ask(state),
        Action::Evidence => return open::evidence_of_suspense(state),
        Action::Journals => return open::journals(state),
        Action::Prove => return prove(state),
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
    if let Some(list) = state.list_mut(view) {
        list.enter();
    }
    due(state)
}

fn step(state: &mut State, by: isize) -> Vec<Effect> {
    match state.layers.last_mut() {
        Some(Layer::Order(pane)) => pane.step(by),
        Some(Layer::Callback(pane)) => pane.step(by),
        Some(Layer::Hits { list, .. }) => list.step(by),
        Some(Layer::Journal(pane)) => pane.step(by),
        Some(Layer::Statement(pane)) => {
            pane.lines.step(by);
            let older = pane.wants_older();
            return older.and_then(|ask| state.questions.ask_once(ask, state.now)).into_iter().collect();
        }
        Some(Layer::Pager(Pager { scroll, .. }) | Layer::Help { scroll }) => {
            scroll.set(scroll.get().saturating_add_signed(by));
        }
        Some(_) => {}
        None => {
            if let Some(list) = state.list_mut(state.view) {
                list.step(by);
            }
        }
    }
    Vec::new()
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
    let gone = state.list_mut(state.view).and_then(|list| list.toggle_freeze(now));
    tell_gone(state, state.view, gone);
}

fn hold(state: &mut State) {
    let gone = state.list_mut(state.view).and_then(|list| list.toggle_hold());
    tell_gone(state, state.view, gone);
}

/// A proof changes nothing, so nothing is asked first.
fn prove(state: &mut State) -> Vec<Effect> {
    state.say(Tone::Plain, "the whole ledger is being proved");
    state.questions.ask_once(Ask::Trial { prove: true }, state.now).into_iter().collect()
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
