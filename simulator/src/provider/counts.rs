//! Counts of exchanges, by channel, operation and outcome.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Channel, Op};

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Counts(Mutex<BTreeMap<(Channel, Op, &'static str), u64>>);

/// One line of the counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// At which provider.
    pub channel: Channel,
    /// Which exchange.
    pub op: Op,
    /// `ok`, `refused`, `bad_request`, or the name of the fault that struck.
    pub outcome: &'static str,
    /// How many.
    pub count: u64,
}

impl Counts {
    /// Counts one exchange.
    pub fn add(&self, channel: Channel, op: Op, outcome: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((channel, op, outcome)).or_default() += 1;
    }

    /// All lines, sorted.
    pub fn list(&self) -> Vec<Count> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(&(channel, op, outcome), &count)| Count { channel, op, outcome, count }).collect()
    }
}
