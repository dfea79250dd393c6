//! The search box: one place for any number. What is typed narrows the list at once; Enter looks for the order that
//! has exactly this number.

use crate::tui::effect::{Ask, Effect};
use crate::tui::key::Key;
use crate::tui::state::input::Input;
use crate::tui::state::layer::{Layer, Search};
use crate::tui::state::{State, Tone, View};

pub(super) fn open(state: &mut State) {
    state.layers.retain(|layer| !matches!(layer, Layer::Help { .. }));
    let narrows = state.layers.is_empty();
    let search =
        Search { input: Input::default(), before: state.filter().to_owned(), view: state.view, narrows };
    state.layers.push(Layer::Search(search));
}

pub(super) fn typed(state: &mut State, key: Key) {
    if let Some(Layer::Search(search)) = state.layers.last_mut() {
        search.input.press(key);
    }
    narrow(state);
}

/// Pasted text goes into the input that has the focus; outside one it opens the search box. It never acts as keys.
pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    match state.layers.last_mut() {
        Some(Layer::Dialog(dialog)) => {
            if let Some(input) = dialog.focused().and_then(|f| f.value.input()) {
                input.paste(text);
                dialog.problem = None;
            }
            return Vec::new();
        }
        // Nothing may cover a password that is shown once.
        Some(Layer::Secrets(_)) => return Vec::new(),
        Some(Layer::Search(_)) => {}
        _ => open(state),
    }
    if let Some(Layer::Search(search)) = state.layers.last_mut() {
        search.input.paste(text);
    }
    narrow(state);
    Vec::new()
}

pub(super) fn submit(state: &mut State) -> Vec<Effect> {
    let Some(Layer::Search(search)) = state.layers.pop() else { return Vec::new() };
    let number = search.input.text().trim().to_owned();
    if number.is_empty() {
        state.set_filter(search.view, "");
        return Vec::new();
    }
    if !state.link.is_up() {
        state.say(Tone::Warning, "no connection: only the rows that are here were searched");
        return Vec::new();
    }
    state.questions.ask(Ask::Find(number), state.now).into_iter().collect()
}

fn narrow(state: &mut State) {
    if let Some(search) = state.search().filter(|s| s.narrows) {
        let (view, text) = (search.view, search.input.text().to_owned());
        state.set_filter(view, &text);
    }
}

/// No order has exactly this number: the text stays as a filter, and the daemon looks for parts of it.
pub(super) fn no_exact_hit(state: &mut State, text: &str) -> Vec<Effect> {
    // The filtered list is the answer, so what lies over it goes.
    state.layers.clear();
    if state.view == View::Overview {
        state.view = View::Orders;
    }
    state.set_filter(state.view, text);
    state.say(Tone::Plain, format!("no order has the number {text}; the list is filtered by it, Esc clears"));
    let ask = match state.view {
        View::Orders => Ask::Search(text.to_owned()),
        View::Ledger => Ask::Accounts(state.filter().to_owned()),
        _ => return Vec::new(),
    };
    state.questions.ask(ask, state.now).into_iter().collect()
}
