//! The update function as tables: a state, keys or messages, and what they come to. One group per safety criterion.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;

mod acts;
mod books;
mod cursor;
mod desk;
mod link;
mod moving;
mod seeing;

use sluice::tui::effect::{Ask, Effect, Msg};
use sluice::tui::key::{Code, Key};
use sluice::tui::state::State;
use sluice::tui::state::layer::Layer;
use sluice_proto::v1 as pb;

use sluice::tui::update::update;

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
        use Ask::{Accounts, Apps, Audit, Callbacks, Channels, Desk, Limbo, Overview, Trial};
        matches!(
            effect,
            Effect::Ask(
                Overview
                    | Limbo
                    | Callbacks
                    | Channels
                    | Apps
                    | Audit
                    | Desk
                    | Accounts(_)
                    | Trial { prove: false }
            )
        )
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
            Layer::Statement(pane) => {
                format!(" > statement {} {}", pane.account, pane.lines.chosen_id().unwrap_or("-"))
            }
            Layer::Journal(pane) => {
                format!(" > journals {} {}", tail(&pane.order_id), pane.journal_id.as_deref().unwrap_or("-"))
            }
            Layer::Suspense(id) => format!(" > suspense {}", tail(id)),
            Layer::Pager(pager) => format!(" > pager {}", pager.title),
            Layer::Hits { number, list } => format!(" > hits {number} {}", list.total()),
            Layer::Search(search) => format!(" > search '{}'", search.input.text()),
            Layer::Dialog(dialog) => format!(" > dialog {} {:?}", dialog.verb(), dialog.focus),
            Layer::Secrets(_) => " > secrets".to_owned(),
        })
        .collect();
    let chosen = state.list(state.view).and_then(|list| list.chosen_id());
    let filter = if state.filter().is_empty() { String::new() } else { format!(" /{}/", state.filter()) };
    format!("{} {}{filter}{layers}", state.view.name(), chosen.map_or("-".to_owned(), tail))
}

fn tail(id: &str) -> String {
    // An account's name is read from its beginning.
    if id.len() > 20 && !id.contains(':') { id[id.len() - 4..].to_owned() } else { id.to_owned() }
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
