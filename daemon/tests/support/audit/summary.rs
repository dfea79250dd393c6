//! What came of a crowd's orders, in a line.

use std::collections::BTreeMap;
use std::fmt;

use super::provider::Provider;
use super::rows::{Books, OrderRow};
use crate::support::crowd::Placed;

/// What came of a crowd's orders.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) orders: usize,
    /// By kind, and by how they ended.
    pub(crate) ends: BTreeMap<String, BTreeMap<String, usize>>,
    /// Open for ever: their money waits for a person.
    pub(crate) waiting_for_a_person: usize,
    pub(crate) payments: usize,
    pub(crate) suspended: usize,
    pub(crate) refunds: usize,
    pub(crate) payouts: usize,
    pub(crate) callbacks: usize,
    pub(crate) asked_again: usize,
}

impl Summary {
    pub(super) fn of(books: &Books, provider: &Provider, placed: &[Placed], callbacks: usize) -> Self {
        let mut summary = Self {
            orders: books.orders.len(),
            payments: provider.payments().count(),
            suspended: books.suspense.len(),
            refunds: provider.of_kind("refund").count(),
            payouts: provider.of_kind("payout").count(),
            callbacks,
            asked_again: placed.iter().filter(|order| order.asked > 1).count(),
            ..Self::default()
        };
        for order in &books.orders {
            let end = end(order);
            summary.waiting_for_a_person += usize::from(end == "open");
            *summary.ends.entry(order.kind.clone()).or_default().entry(end.to_owned()).or_default() += 1;
        }
        summary
    }

    /// How many of a kind ended so.
    pub(crate) fn count(&self, kind: &str, end: &str) -> usize {
        self.ends.get(kind).and_then(|ends| ends.get(end)).copied().unwrap_or_default()
    }
}

fn end(order: &OrderRow) -> &str {
    match (order.kind.as_str(), order.machine) {
        (_, 4) => "completed",
        ("refund", 5) => "failed",
        (_, 5) => order.reason.as_deref().unwrap_or("closed"),
        (_, 6) => "returned",
        _ => "open",
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<_> = self
            .ends
            .iter()
            .map(|(kind, ends)| {
                let ends: Vec<_> = ends.iter().map(|(end, n)| format!("{n} {end}")).collect();
                format!("{kind}: {}", ends.join(", "))
            })
            .collect();
        write!(
            f,
            "{} orders ({} asked for more than once); {}; {} payments at the provider, each booked once, {} of them in \
             suspense; {} refunds and {} payouts there, each as asked for; {} callbacks received, all verified; \
             merchants, ledger and provider agree; nothing was ever below zero",
            self.orders,
            self.asked_again,
            kinds.join("; "),
            self.payments,
            self.suspended,
            self.refunds,
            self.payouts,
            self.callbacks
        )
    }
}
