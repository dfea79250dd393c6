//! The ledger (流水): double entry, append-only, integers of minor units.
//!
//! A posting's amount is signed: debit positive, credit negative; each journal sums to zero in each currency.
//! Replays are no-ops because a journal is unique per order, [`PostingKind`] and [`Journal::key`].
//!
//! Reading order: [`account`] (the chart), this file (journals), [`postings`] (which accounts each kind moves).

pub mod account;
pub mod page;
pub mod postings;

use std::collections::BTreeMap;

pub use account::{Account, Side};
pub use postings::PostingKind;

use crate::id::OrderId;
use crate::money::Currency;
use crate::time::Timestamp;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where.
    pub account: Account,
    /// How much: debit positive, credit negative.
    pub minor: i64,
}

impl Posting {
    /// What the account gains, on its own side: positive means that its balance grows.
    pub const fn gain(&self) -> i64 {
        match self.account.side() {
            Side::Debit => self.minor,
            Side::Credit => -self.minor,
        }
    }
}

/// A balanced set of postings in one currency, written as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The order whose money moves.
    pub order: OrderId,
    /// Why.
    pub kind: PostingKind,
    /// Empty where an order has one journal of this kind; else what tells them apart (a channel's payment number).
    pub key: String,
    /// In which currency.
    pub currency: Currency,
    /// When we wrote it.
    pub at: Timestamp,
    /// The lines; they sum to zero.
    pub postings: Vec<Posting>,
}

impl Journal {
    /// Whether the postings sum to zero.
    pub fn is_balanced(&self) -> bool {
        self.postings.iter().map(|p| i128::from(p.minor)).sum::<i128>() == 0
    }

    /// What each account gains, on its own side: positive means that its balance grows.
    pub fn effects(&self) -> BTreeMap<&Account, i64> {
        let mut effects = BTreeMap::new();
        for posting in &self.postings {
            *effects.entry(&posting.account).or_default() += posting.gain();
        }
        effects
    }
}
