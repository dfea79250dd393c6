//! What became of the traffic, counted.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::client::{Error, Order, OrderKind};

/// What became of the traffic.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// Orders that were asked for.
    pub asked: u64,
    /// Created, with an answer that verified.
    pub created: u64,
    /// The same by kind.
    pub kinds: BTreeMap<OrderKind, u64>,
    /// Left out because the daemon could not keep up.
    pub left_out: u64,
    /// No answer.
    pub unanswered: u64,
    /// Answers without a valid signature, by code (`none`: not even that).
    pub unverified: BTreeMap<String, u64>,
    /// Signed refusals, by code.
    pub refused: BTreeMap<String, u64>,
    /// Paid by a payer.
    pub paid: u64,
    /// Given up by the payer.
    pub abandoned: u64,
    /// The provider would not take the payment (any more).
    pub pay_failed: u64,
    /// Authorised trades that were captured.
    pub captured: u64,
    /// Authorised trades that were voided.
    pub voided: u64,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    stats: Mutex<Stats>,
    last_number: AtomicU64,
}

impl Tally {
    pub(super) fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut self.stats.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn stats(&self) -> Stats {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn next_number(&self) -> u64 {
        self.last_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts what a creation was answered.
    pub(super) fn asked(&self, kind: OrderKind, answer: &Result<Order, Error>) {
        self.count(|stats| {
            stats.asked += 1;
            if answer.is_ok() {
                stats.created += 1;
                *stats.kinds.entry(kind).or_default() += 1;
            }
        });
        self.answered(answer);
    }

    /// Counts what went wrong with any call, if anything did.
    pub(super) fn answered<T>(&self, answer: &Result<T, Error>) {
        let Err(error) = answer else { return };
        self.count(|stats| match error {
            Error::Refused { code, .. } => *stats.refused.entry(code.clone()).or_default() += 1,
            Error::Unverified { .. } | Error::Shape(_) => {
                *stats.unverified.entry(error.code().unwrap_or("none").to_owned()).or_default() += 1;
            }
            _ => stats.unanswered += 1,
        });
    }
}
