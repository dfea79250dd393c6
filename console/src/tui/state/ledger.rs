//! The books as they are looked at: accounts, one account's statement, one order's journals.

use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use super::list::{List, Row};
use crate::tui::effect::Ask;

/// The most lines of a statement that are kept; `sluice ledger statement` gives all.
const MOST_LINES: usize = 5_000;

/// An account with its currency as an id.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    id: String,
    /// The account.
    pub account: pb::Account,
}

impl AccountRow {
    /// The account's name.
    pub fn name(&self) -> &str {
        &self.account.account
    }

    /// The account's currency.
    pub fn currency(&self) -> &str {
        self.account.balance.as_ref().map_or("", |b| &b.currency)
    }
}

impl From<pb::Account> for AccountRow {
    fn from(account: pb::Account) -> Self {
        let currency = account.balance.as_ref().map_or("", |b| &b.currency);
        Self { id: format!("{} {currency}", account.account), account }
    }
}

impl Row for AccountRow {
    fn id(&self) -> &str {
        &self.id
    }

    /// The name alone: it is what the daemon searches too.
    fn haystack(&self) -> String {
        self.account.account.to_lowercase()
    }
}

/// A line of a statement with its entry's number as an id.
#[derive(Clone, Debug, PartialEq)]
pub struct LineRow {
    id: String,
    /// The line.
    pub line: pb::StatementLine,
    /// Of which currency.
    pub currency: String,
}

impl Row for LineRow {
    fn id(&self) -> &str {
        &self.id
    }

    fn haystack(&self) -> String {
        format!("{} {} {}", self.line.kind, self.line.order_id, self.line.merchant_order_no).to_lowercase()
    }
}

/// One account's lines, newest first, as far back as they were loaded.
#[derive(Clone, Debug)]
pub struct StatementPane {
    /// The account's name.
    pub account: String,
    /// In which currency.
    pub currency: String,
    /// As it stands, once it is there.
    pub head: Option<pb::Account>,
    /// The lines.
    pub lines: List<LineRow>,
    /// Where the older lines begin; empty: there are none.
    pub older: String,
    /// Why it could not be loaded.
    pub fault: Option<String>,
}

impl StatementPane {
    /// A pane that waits for its first lines.
    pub fn new(account: String, currency: String) -> Self {
        let lines = List::new(|row: &LineRow| -row.line.entry, MOST_LINES);
        Self { account, currency, head: None, lines, older: String::new(), fault: None }
    }

    /// The question for its newest lines.
    pub fn newest(&self) -> Ask {
        self.page(String::new())
    }

    /// The question for older lines, when the cursor stands on the oldest that is here.
    pub fn wants_older(&self) -> Option<Ask> {
        let total = self.lines.total();
        let at_the_end = total > 0 && total < MOST_LINES && self.lines.seat() + 1 >= total;
        (at_the_end && !self.older.is_empty()).then(|| self.page(self.older.clone()))
    }

    fn page(&self, cursor: String) -> Ask {
        Ask::Statement { account: self.account.clone(), currency: self.currency.clone(), cursor }
    }

    /// Takes lines over: older ones below; the newest above, or in place of all where they do not join. Gives the
    /// chosen line's number if it is not here any more.
    pub fn take(&mut self, cursor: &str, statement: pb::Statement, now: Timestamp) -> Option<String> {
        self.fault = None;
        self.head = statement.account.or(self.head.take());
        let currency = self.currency.clone();
        let row = |line: pb::StatementLine| LineRow {
            id: line.entry.to_string(),
            line,
            currency: currency.clone(),
        };
        let rows: Vec<LineRow> = statement.items.into_iter().map(row).collect();
        let joins = rows.iter().any(|row| self.lines.get(row.id()).is_some());
        if cursor.is_empty() && !joins {
            self.older = statement.next_cursor;
            return self.lines.replace(rows, now);
        }
        if cursor.is_empty() || cursor == self.older {
            let gone = rows.into_iter().filter_map(|row| self.lines.put(row)).last();
            if !cursor.is_empty() {
                self.older = statement.next_cursor;
            }
            return gone;
        }
        None
    }
}

/// The journals of an order.
#[derive(Clone, Debug)]
pub struct JournalPane {
    /// Of which order.
    pub order_id: String,
    /// The chosen journal.
    pub journal_id: Option<String>,
    /// Once they are there.
    pub reply: Option<pb::GetJournalReply>,
    /// Why they could not be loaded.
    pub fault: Option<String>,
}

impl JournalPane {
    /// A pane that waits for its journals.
    pub fn new(order_id: String, journal_id: Option<String>) -> Self {
        Self { order_id, journal_id, reply: None, fault: None }
    }

    /// The journals, oldest first.
    pub fn journals(&self) -> &[pb::Journal] {
        self.reply.as_ref().map_or(&[], |r| &r.items)
    }

    /// Where the cursor stands.
    pub fn position(&self) -> Option<usize> {
        let id = self.journal_id.as_ref()?;
        self.journals().iter().position(|j| j.journal_id == *id)
    }

    /// Takes the journals over; the cursor stays, or takes the newest.
    pub fn take(&mut self, reply: pb::GetJournalReply) {
        self.fault = None;
        self.reply = Some(reply);
        if self.position().is_none() {
            self.journal_id = self.journals().last().map(|j| j.journal_id.clone());
        }
    }

    /// Moves among the journals.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.journals().len().checked_sub(1) else { return };
        let to = self.position().map_or(last, |at| at.saturating_add_signed(by).min(last));
        self.journal_id = self.journals().get(to).map(|j| j.journal_id.clone());
    }
}
