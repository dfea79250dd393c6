//! Requests that the gate turned away, counted by whom and why.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sluice_core::code::ApiCode;
use sluice_core::signing::OrderType;

/// Different refusals that are told apart between two tellings.
const KINDS: usize = 200;

/// Refusals since they were last taken.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<Refusal, u64>>);

/// One kind of refusal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Refusal {
    /// The app, once the token has told.
    pub(crate) client_id: Option<String>,
    pub(crate) code: ApiCode,
    pub(crate) order_type: OrderType,
    /// The risk rule that refused.
    pub(crate) rule: Option<&'static str>,
}

impl Refusals {
    /// Counts one.
    pub(crate) fn note(&self, refusal: Refusal) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() < KINDS || counts.contains_key(&refusal) {
            *counts.entry(refusal).or_default() += 1;
        }
    }

    /// Takes what was counted, and begins anew.
    pub(crate) fn take(&self) -> HashMap<Refusal, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
