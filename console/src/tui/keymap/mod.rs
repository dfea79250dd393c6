//! The one table of keys. `update` looks keys up in it, help and footer are drawn from it, and docs/console.md is
//! written from it, so none of them can lie. A key that can do nothing now stays in its place, grey, with the reason.

mod can;
mod place;

pub use place::Place;

use super::key::{Code, Key};
use super::state::{State, View};
use can::*;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained by its binding's help text")]
pub enum Action {
    Show(View),
    NextView,
    PreviousView,
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Open,
    Back,
    Search,
    Help,
    Requery,
    Replay,
    Rotate,
    Decide,
    Evidence,
    Journals,
    Prove,
    Freeze,
    Hold,
    Times,
    Origin,
    Quit,
    Suspend,
    Repaint,
    NextField,
    PreviousField,
    NextChoice,
    PreviousChoice,
    Press,
    Submit,
    Copy,
    Close,
}

/// One line of the table.
pub struct Binding {
    /// The keys, the one that is shown in the footer first.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// One word for the footer.
    pub label: &'static str,
    /// A sentence for help and documents.
    pub help: &'static str,
    /// Where they are alive.
    pub places: &'static [Place],
    /// Whether the footer shows it.
    pub footer: bool,
    /// Whether it can do something now, or why not.
    pub can: fn(&State) -> Result<(), String>,
}

/// The binding of a key, where the keys go now.
pub fn lookup(state: &State, key: Key) -> Option<&'static Binding> {
    let place = Place::of(state);
    BINDINGS.iter().find(|b| b.places.contains(&place) && b.keys.iter().any(|k| k.is(key)))
}

/// The bindings that are alive in a place, in the table's order.
pub fn alive(place: Place) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |b| b.places.contains(&place))
}

/// The key of an action, as help names it.
pub fn key_of(action: Action) -> String {
    let binding = BINDINGS.iter().find(|b| b.action == action);
    binding.and_then(|b| b.keys.first()).map(ToString::to_string).unwrap_or_default()
}

const fn ch(c: char) -> Key {
    Key::plain(Code::Char(c))
}

const fn k(code: Code) -> Key {
    Key::plain(code)
}

/// Everywhere but where text is typed or a question waits.
const READING: &[Place] = &[
    Place::Overview,
    Place::Orders,
    Place::Limbo,
    Place::Callbacks,
    Place::Channels,
    Place::Apps,
    Place::Audit,
    Place::Ledger,
    Place::Desk,
    Place::OrderPane,
    Place::CallbackPane,
    Place::AppPane,
    Place::ThingPane,
    Place::StatementPane,
    Place::JournalPane,
    Place::SuspensePane,
    Place::Pager,
    Place::Hits,
    Place::Help,
];
const MOVING: &[Place] = &[
    Place::Orders,
    Place::Limbo,
    Place::Callbacks,
    Place::Channels,
    Place::Apps,
    Place::Audit,
    Place::Ledger,
    Place::Desk,
    Place::OrderPane,
    Place::CallbackPane,
    Place::StatementPane,
    Place::JournalPane,
    Place::Pager,
    Place::Hits,
    Place::Help,
];
const OPENING: &[Place] = &[
    Place::Orders,
    Place::Limbo,
    Place::Callbacks,
    Place::Channels,
    Place::Apps,
    Place::Audit,
    Place::Ledger,
    Place::Desk,
    Place::OrderPane,
    Place::CallbackPane,
    Place::StatementPane,
    Place::JournalPane,
    Place::SuspensePane,
    Place::Hits,
];
const OVER: &[Place] = &[
    Place::OrderPane,
    Place::CallbackPane,
    Place::AppPane,
    Place::ThingPane,
    Place::StatementPane,
    Place::JournalPane,
    Place::SuspensePane,
    Place::Pager,
    Place::Hits,
    Place::Help,
];
const WITH_ORDER: &[Place] =
    &[Place::Orders, Place::Limbo, Place::Callbacks, Place::OrderPane, Place::CallbackPane, Place::Hits];
const WITH_CALLBACK: &[Place] =
    &[Place::Orders, Place::Limbo, Place::Callbacks, Place::OrderPane, Place::CallbackPane];
const LISTS: &[Place] = &[
    Place::Orders,
    Place::Limbo,
    Place::Callbacks,
    Place::Channels,
    Place::Apps,
    Place::Audit,
    Place::Ledger,
    Place::Desk,
];
const VIEWS: &[Place] = &[
    Place::Overview,
    Place::Orders,
    Place::Limbo,
    Place::Callbacks,
    Place::Channels,
    Place::Apps,
    Place::Audit,
    Place::Ledger,
    Place::Desk,
];
const ANYWHERE: &[Place] = &Place::ALL;

/// Every key of the console.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    Binding { keys: &[k(Code::Enter)], action: Action::Open, label: "open", help: "Open what is chosen; on a timeline entry, its evidence", places: OPENING, footer: true, can: something_chosen },
    Binding { keys: &[k(Code::Esc)], action: Action::Back, label: "back", help: "One level up", places: OVER, footer: true, can: always },
    Binding { keys: &[k(Code::Esc)], action: Action::Back, label: "clear", help: "Clear the filter", places: VIEWS, footer: false, can: filter_set },
    Binding { keys: &[ch('r')], action: Action::Requery, label: "requery", help: "Ask the channel of this order now; it can only bring facts, so nothing is asked first", places: WITH_ORDER, footer: true, can: can_requery },
    Binding { keys: &[ch('d')], action: Action::Decide, label: "decide", help: "Decide on money in suspense, or say how a payout of unknown outcome ended, after a confirmation", places: &[Place::Desk, Place::SuspensePane, Place::OrderPane], footer: true, can: can_decide },
    Binding { keys: &[ch('e')], action: Action::Evidence, label: "evidence", help: "What the channel said of this money", places: &[Place::Desk, Place::SuspensePane], footer: true, can: has_evidence },
    Binding { keys: &[ch('p')], action: Action::Prove, label: "prove", help: "Prove the whole ledger now: every journal, balance and credit", places: &[Place::Ledger], footer: true, can: can_prove },
    Binding { keys: &[ch('c')], action: Action::Replay, label: "replay", help: "Send this order's callback again, after a confirmation", places: WITH_CALLBACK, footer: true, can: can_replay },
    Binding { keys: &[ch('R')], action: Action::Rotate, label: "rotate", help: "Make new access passwords of this app, after a confirmation", places: &[Place::Apps, Place::AppPane], footer: true, can: can_rotate },
    Binding { keys: &[ch('o')], action: Action::Origin, label: "origin", help: "Show only entries of the next origin, then all again", places: &[Place::OrderPane], footer: true, can: has_timeline },
    Binding { keys: &[ch('l')], action: Action::Journals, label: "journals", help: "The order's journals in the ledger", places: &[Place::OrderPane, Place::SuspensePane], footer: true, can: always },
    Binding { keys: &[ch('/')], action: Action::Search, label: "search", help: "Search: Enter goes to the order with exactly this number, else the text filters the list", places: READING, footer: true, can: always },
    Binding { keys: &[ch('f')], action: Action::Freeze, label: "freeze", help: "Freeze this list or follow again; only this console is frozen", places: LISTS, footer: true, can: always },
    Binding { keys: &[ch('h')], action: Action::Hold, label: "hold", help: "Hold the order of the rows or let them move again; values go on changing", places: LISTS, footer: false, can: always },
    Binding { keys: &[ch('t')], action: Action::Times, label: "times", help: "Show times local, in UTC, or relative", places: READING, footer: true, can: always },
    Binding { keys: &[k(Code::Down), ch('j')], action: Action::Down, label: "down", help: "One down", places: MOVING, footer: false, can: always },
    Binding { keys: &[k(Code::Up), ch('k')], action: Action::Up, label: "up", help: "One up", places: MOVING, footer: false, can: always },
    Binding { keys: &[k(Code::PageDown)], action: Action::PageDown, label: "page down", help: "One page down", places: MOVING, footer: false, can: always },
    Binding { keys: &[k(Code::PageUp)], action: Action::PageUp, label: "page up", help: "One page up", places: MOVING, footer: false, can: always },
    Binding { keys: &[ch('g'), k(Code::Home)], action: Action::First, label: "first", help: "To the first", places: MOVING, footer: false, can: always },
    Binding { keys: &[ch('G'), k(Code::End)], action: Action::Last, label: "last", help: "To the last", places: MOVING, footer: false, can: always },
    Binding { keys: &[ch('1')], action: Action::Show(View::Overview), label: "overview", help: "Overview: figures, channels, alerts, what happens", places: READING, footer: false, can: always },
    Binding { keys: &[ch('2')], action: Action::Show(View::Orders), label: "orders", help: "Orders, live, newest first", places: READING, footer: false, can: always },
    Binding { keys: &[ch('3')], action: Action::Show(View::Limbo), label: "limbo", help: "Limbo: orders whose money fact at the channel is unknown for too long", places: READING, footer: false, can: always },
    Binding { keys: &[ch('4')], action: Action::Show(View::Callbacks), label: "callbacks", help: "Callbacks that are stuck", places: READING, footer: false, can: always },
    Binding { keys: &[ch('5')], action: Action::Show(View::Channels), label: "channels", help: "Channels: health, latency, breaker", places: READING, footer: false, can: always },
    Binding { keys: &[ch('6')], action: Action::Show(View::Apps), label: "apps", help: "Apps: their passwords' age and version, keys, tokens", places: READING, footer: false, can: always },
    Binding { keys: &[ch('7')], action: Action::Show(View::Audit), label: "audit", help: "Audit: what operators did", places: READING, footer: false, can: always },
    Binding { keys: &[ch('8')], action: Action::Show(View::Ledger), label: "ledger", help: "Ledger: accounts, their statements, the trial balance", places: READING, footer: false, can: always },
    Binding { keys: &[ch('9')], action: Action::Show(View::Desk), label: "desk", help: "Desk: money in suspense and payouts that wait for a decision", places: READING, footer: false, can: always },
    Binding { keys: &[k(Code::Tab)], action: Action::NextView, label: "next view", help: "The next view", places: VIEWS, footer: false, can: always },
    Binding { keys: &[k(Code::BackTab)], action: Action::PreviousView, label: "previous view", help: "The previous view", places: VIEWS, footer: false, can: always },
    Binding { keys: &[k(Code::Enter)], action: Action::Submit, label: "find", help: "Go to the order with exactly this number; if there is none, keep the text as a filter", places: &[Place::Search], footer: true, can: always },
    Binding { keys: &[k(Code::Esc)], action: Action::Back, label: "cancel", help: "Leave the search as it was before", places: &[Place::Search], footer: true, can: always },
    Binding { keys: &[k(Code::Tab), k(Code::Down)], action: Action::NextField, label: "next field", help: "On to the next field or button", places: &[Place::Dialog], footer: true, can: always },
    Binding { keys: &[k(Code::BackTab), k(Code::Up)], action: Action::PreviousField, label: "previous", help: "Back to the field or button before", places: &[Place::Dialog], footer: false, can: always },
    Binding { keys: &[k(Code::Right)], action: Action::NextChoice, label: "change", help: "The next choice", places: &[Place::Dialog], footer: true, can: on_a_choice },
    Binding { keys: &[k(Code::Left)], action: Action::PreviousChoice, label: "change", help: "The choice before", places: &[Place::Dialog], footer: false, can: on_a_choice },
    Binding { keys: &[k(Code::Enter)], action: Action::Press, label: "press button", help: "Press the focused button; in a field, on to the next field, never to a button", places: &[Place::Dialog], footer: true, can: always },
    Binding { keys: &[k(Code::Esc)], action: Action::Back, label: "cancel", help: "Close without doing anything", places: &[Place::Dialog], footer: true, can: always },
    Binding { keys: &[ch('y')], action: Action::Copy, label: "copy", help: "Send the new passwords to the terminal's clipboard (OSC 52); whether it takes them cannot be seen", places: &[Place::Secrets], footer: true, can: always },
    Binding { keys: &[k(Code::Esc)], action: Action::Close, label: "close and wipe", help: "Wipe the new passwords from screen and memory; they are never shown again", places: &[Place::Secrets], footer: true, can: always },
    Binding { keys: &[ch('?')], action: Action::Help, label: "help", help: "The keys that are alive here", places: READING, footer: true, can: always },
    Binding { keys: &[ch('q')], action: Action::Quit, label: "quit", help: "Leave the console", places: READING, footer: true, can: always },
    Binding { keys: &[Key::ctrl('c')], action: Action::Quit, label: "quit", help: "Leave the console from anywhere", places: ANYWHERE, footer: false, can: always },
    Binding { keys: &[Key::ctrl('z')], action: Action::Suspend, label: "suspend", help: "Back to the shell; `fg` returns", places: ANYWHERE, footer: false, can: always },
    Binding { keys: &[Key::ctrl('l')], action: Action::Repaint, label: "repaint", help: "Draw the whole screen anew", places: ANYWHERE, footer: false, can: always },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_each_place_a_key_means_one_thing() {
        for &place in ANYWHERE {
            let keys: Vec<Key> = alive(place).flat_map(|b| b.keys).copied().collect();
            for (i, key) in keys.iter().enumerate() {
                let twice = keys.iter().skip(i + 1).any(|other| other.is(*key));
                assert!(!twice, "{key} is bound twice in {}", place.name());
            }
        }
    }

    #[test]
    fn no_mutation_is_on_a_ctrl_chord_or_on_enter() {
        for binding in BINDINGS {
            if matches!(binding.action, Action::Requery | Action::Replay | Action::Rotate | Action::Decide) {
                assert!(binding.keys.iter().all(|k| !k.ctrl && k.code != Code::Enter), "{}", binding.label);
            }
        }
    }

    #[test]
    fn every_place_has_a_way_out() {
        for &place in ANYWHERE {
            let out = |b: &Binding| matches!(b.action, Action::Back | Action::Close | Action::Quit);
            assert!(alive(place).any(out), "{}", place.name());
        }
    }
}
