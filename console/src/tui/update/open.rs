//! Enter: opens what is chosen.

use std::cell::Cell;

use serde_json::Value;

use crate::tui::effect::{Ask, Effect};
use crate::tui::state::desk::DeskItem;
use crate::tui::state::layer::{CallbackPane, Layer, OrderPane, Pager};
use crate::tui::state::ledger::{JournalPane, StatementPane};
use crate::tui::state::list::Row as _;
use crate::tui::state::{State, View};

pub(super) fn open(state: &mut State) -> Vec<Effect> {
    match state.layers.last() {
        Some(Layer::Order(pane)) => match pane.chosen().cloned() {
            Some(entry) if !entry.evidence_id.is_empty() => {
                return evidence(state, &entry.kind, entry.evidence_id);
            }
            Some(entry) => {
                let facts = pretty(&entry.detail_json);
                let text = format!("{}\n\n{facts}", entry.summary).trim_end().to_owned();
                state.layers.push(pager(entry.kind, Some(text)));
            }
            None => {}
        },
        Some(Layer::Callback(pane)) => {
            if let Some(a) = pane.attempts().iter().find(|a| Some(a.no) == pane.attempt) {
                let answer = if a.body.is_empty() { "(no body)".to_owned() } else { pretty(&a.body) };
                let title = format!("attempt {} · {} {}", a.no, a.status, a.error);
                let text =
                    format!("{}\n\nanswer of the merchant:\n{answer}", a.detail).trim_start().to_owned();
                let page = pager(title, Some(text));
                state.layers.push(page);
            }
        }
        Some(Layer::Hits { list, .. }) => {
            if let Some(id) = list.chosen_id().map(str::to_owned) {
                return order(state, id);
            }
        }
        Some(Layer::Statement(pane)) => {
            if let Some(row) = pane.lines.chosen() {
                let (order_id, journal_id) = (row.line.order_id.clone(), row.line.journal_id.clone());
                return journal(state, order_id, Some(journal_id));
            }
        }
        Some(Layer::Journal(pane)) => {
            let id = pane.order_id.clone();
            return order(state, id);
        }
        Some(Layer::Suspense(id)) => {
            if let Some(id) = state.desk.get(id).map(|row| row.order_id().to_owned()) {
                return order(state, id);
            }
        }
        Some(_) => {}
        None => return from_view(state),
    }
    Vec::new()
}

fn from_view(state: &mut State) -> Vec<Effect> {
    match state.view {
        View::Overview => {}
        View::Orders => {
            if let Some(id) = state.orders.chosen_id().map(str::to_owned) {
                return order(state, id);
            }
        }
        View::Limbo => {
            if let Some(id) = state.limbo.chosen_id().map(str::to_owned) {
                return order(state, id);
            }
        }
        View::Callbacks => {
            if let Some(id) = state.callbacks.chosen_id().map(str::to_owned) {
                state.layers.push(Layer::Callback(Box::new(CallbackPane::new(id.clone()))));
                return state.questions.ask(Ask::Callback(id), state.now).into_iter().collect();
            }
        }
        View::Channels => {
            state.layers.extend(state.channels.chosen_id().map(|id| Layer::Channel(id.to_owned())))
        }
        View::Apps => state.layers.extend(state.apps.chosen_id().map(|id| Layer::App(id.to_owned()))),
        View::Ledger => {
            if let Some(row) = state.accounts.chosen() {
                let pane = StatementPane::new(row.name().to_owned(), row.currency().to_owned());
                let ask = pane.newest();
                state.layers.push(Layer::Statement(Box::new(pane)));
                return state.questions.ask(ask, state.now).into_iter().collect();
            }
        }
        View::Desk => match state.desk.chosen().map(|row| (&row.item, row.id().to_owned())) {
            Some((DeskItem::Suspense(_), id)) => state.layers.push(Layer::Suspense(id)),
            Some((DeskItem::Payout(_), id)) => return order(state, id),
            None => {}
        },
        View::Audit => state.layers.extend(state.audit.chosen_id().map(|id| Layer::Audit(id.to_owned()))),
    }
    Vec::new()
}

/// Opens an order over what is there.
pub(super) fn order(state: &mut State, order_id: String) -> Vec<Effect> {
    state.layers.push(Layer::Order(Box::new(OrderPane::new(order_id.clone()))));
    state.questions.ask(Ask::Order(order_id), state.now).into_iter().collect()
}

fn journal(state: &mut State, order_id: String, journal_id: Option<String>) -> Vec<Effect> {
    state.layers.push(Layer::Journal(Box::new(JournalPane::new(order_id.clone(), journal_id))));
    state.questions.ask(Ask::Journal(order_id), state.now).into_iter().collect()
}

/// The journals of the order that is looked at.
pub(super) fn journals(state: &mut State) -> Vec<Effect> {
    let order_id = match state.top() {
        Some(Layer::Order(pane)) => pane.order_id.clone(),
        _ => match state.target_desk_row() {
            Some(row) => row.order_id().to_owned(),
            None => return Vec::new(),
        },
    };
    journal(state, order_id, None)
}

/// What the channel said of the money in suspense that is looked at.
pub(super) fn evidence_of_suspense(state: &mut State) -> Vec<Effect> {
    let evidence_id = match state.target_desk_row().map(|row| &row.item) {
        Some(DeskItem::Suspense(s)) => s.evidence_id.clone(),
        _ => return Vec::new(),
    };
    evidence(state, "evidence of money in suspense", evidence_id)
}

fn evidence(state: &mut State, kind: &str, evidence_id: String) -> Vec<Effect> {
    let mut page = Pager { title: kind.to_owned(), evidence_id: None, text: None, scroll: Cell::default() };
    page.evidence_id = Some(evidence_id.clone());
    state.layers.push(Layer::Pager(page));
    state.questions.ask(Ask::Evidence(evidence_id), state.now).into_iter().collect()
}

fn pager(title: String, text: Option<String>) -> Layer {
    Layer::Pager(Pager { title, evidence_id: None, text, scroll: Cell::default() })
}

/// JSON indented; any other text as it is.
pub(super) fn pretty(text: &str) -> String {
    let parsed = serde_json::from_str::<Value>(text).ok().filter(|v| v.is_object() || v.is_array());
    parsed.and_then(|v| serde_json::to_string_pretty(&v).ok()).unwrap_or_else(|| text.to_owned())
}
