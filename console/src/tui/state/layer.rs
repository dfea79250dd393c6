//! What lies over a view. Layers are a stack: Esc takes the uppermost off.

use std::cell::Cell;
use std::time::Duration;

use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use super::View;
use super::dialog::Dialog;
use super::input::Input;
use super::ledger::{JournalPane, StatementPane};
use super::list::List;
use crate::tui::effect::NewPassword;

/// One thing over the view.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The keys that are alive below.
    Help {
        /// Lines scrolled down; the view, which knows where the text ends, stops it there.
        scroll: Cell<usize>,
    },
    /// One order.
    Order(Box<OrderPane>),
    /// One callback.
    Callback(Box<CallbackPane>),
    /// One channel, by name.
    Channel(String),
    /// One app, by id.
    App(String),
    /// One audit entry, by sequence number as text.
    Audit(String),
    /// One account's statement.
    Statement(Box<StatementPane>),
    /// One order's journals.
    Journal(Box<JournalPane>),
    /// Money in suspense, by its row's id.
    Suspense(String),
    /// Text to scroll through: evidence, or the facts of a timeline entry.
    Pager(Pager),
    /// Several orders that one number fits.
    Hits {
        /// What was looked for.
        number: String,
        /// The orders.
        list: Box<List<pb::OrderView>>,
    },
    /// The search box.
    Search(Search),
    /// A question before an act.
    Dialog(Box<Dialog>),
    /// New passwords, shown once.
    Secrets(Secrets),
}

/// One order with its timeline.
#[derive(Clone, Debug)]
pub struct OrderPane {
    /// Ours.
    pub order_id: String,
    /// Once it is there.
    pub detail: Option<pb::OrderDetail>,
    /// When it was loaded.
    pub loaded_at: Option<Timestamp>,
    /// Why it could not be loaded.
    pub fault: Option<String>,
    /// The chosen timeline entry's number.
    pub entry: Option<i64>,
    /// Only entries of this origin.
    pub origin: Option<String>,
}

impl OrderPane {
    /// A pane that waits for its order.
    pub fn new(order_id: String) -> Self {
        Self { order_id, detail: None, loaded_at: None, fault: None, entry: None, origin: None }
    }

    /// The timeline entries that pass the origin filter, oldest first.
    pub fn entries(&self) -> Vec<&pb::TimelineEntry> {
        let all = self.detail.iter().flat_map(|d| &d.timeline);
        all.filter(|e| self.origin.as_ref().is_none_or(|o| *o == e.origin)).collect()
    }

    /// The chosen entry.
    pub fn chosen(&self) -> Option<&pb::TimelineEntry> {
        let seq = self.entry?;
        self.entries().into_iter().find(|e| e.seq == seq)
    }

    /// Moves among the entries.
    pub fn step(&mut self, by: isize) {
        let seqs: Vec<i64> = self.entries().iter().map(|e| e.seq).collect();
        let Some(last) = seqs.len().checked_sub(1) else { return };
        let at = seqs.iter().position(|s| Some(*s) == self.entry);
        self.entry = seqs.get(at.map_or(last, |at| at.saturating_add_signed(by).min(last))).copied();
    }

    /// Shows the entries of the next origin that occurs, then all again.
    pub fn next_origin(&mut self) {
        let mut origins: Vec<String> = Vec::new();
        for entry in self.detail.iter().flat_map(|d| &d.timeline) {
            if !origins.contains(&entry.origin) {
                origins.push(entry.origin.clone());
            }
        }
        let at = self.origin.as_ref().and_then(|o| origins.iter().position(|known| known == o));
        self.origin = match (&self.origin, at) {
            (None, _) => origins.into_iter().next(),
            (Some(_), Some(at)) => origins.into_iter().nth(at + 1),
            (Some(_), None) => None,
        };
        if self.chosen().is_none() {
            self.entry = self.entries().last().map(|e| e.seq);
        }
    }
}

/// One callback with its attempts.
#[derive(Clone, Debug)]
pub struct CallbackPane {
    /// Which.
    pub callback_id: String,
    /// Once it is there.
    pub detail: Option<pb::CallbackDetail>,
    /// Why it could not be loaded.
    pub fault: Option<String>,
    /// The chosen attempt's number.
    pub attempt: Option<u32>,
}

impl CallbackPane {
    /// A pane that waits for its callback.
    pub fn new(callback_id: String) -> Self {
        Self { callback_id, detail: None, fault: None, attempt: None }
    }

    /// The attempts, oldest first.
    pub fn attempts(&self) -> &[pb::CallbackAttempt] {
        self.detail.as_ref().map_or(&[], |d| &d.attempts)
    }

    /// Moves among the attempts.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.attempts().len().checked_sub(1) else { return };
        let at = self.attempts().iter().position(|a| Some(a.no) == self.attempt);
        self.attempt =
            self.attempts().get(at.map_or(last, |at| at.saturating_add_signed(by).min(last))).map(|a| a.no);
    }
}

/// Text to scroll through.
#[derive(Clone, Debug)]
pub struct Pager {
    /// The title.
    pub title: String,
    /// The evidence it waits for or shows, if it is evidence.
    pub evidence_id: Option<String>,
    /// Once it is there; not yet made safe.
    pub text: Option<String>,
    /// Lines scrolled down; the view, which knows where the text ends, stops it there.
    pub scroll: Cell<usize>,
}

/// The search box.
#[derive(Clone, Debug)]
pub struct Search {
    /// What is typed.
    pub input: Input,
    /// The filter that was there before, for Esc.
    pub before: String,
    /// The view that the filter narrows.
    pub view: View,
    /// Whether that view is what lies below, so that typing narrows it before the eyes.
    pub narrows: bool,
}

/// New passwords on the screen; wiped from memory when this goes.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The app.
    pub client_id: String,
    /// The passwords.
    pub passwords: Vec<NewPassword>,
    /// The audit row.
    pub audit_seq: i64,
    /// How long requests with the former ones are still accepted.
    pub grace: Duration,
    /// How many tokens are refused from now on.
    pub revoked_tokens: u32,
    /// Sent to the terminal's clipboard.
    pub copied: bool,
}
