//! An order as operators see it: the order object, where it stands, and what comes next.

use std::time::Duration;

use sluice_core::diagnose::{self, CallbackFacts, Diagnosis, NextStep};
use sluice_core::order::Recharge;
use sluice_core::time::Timestamp;

use crate::daemon::Daemon;
use crate::store::StoreError;

/// An order with its diagnosis.
#[derive(Clone, Debug)]
pub(crate) struct OrderView {
    pub(crate) order: Recharge,
    pub(crate) diagnosis: Diagnosis,
    pub(crate) next_step: NextStep,
    pub(crate) limbo: bool,
}

/// Looks at an order.
pub(crate) async fn view(d: &Daemon, order: Recharge, now: Timestamp) -> Result<OrderView, StoreError> {
    let mut facts = CallbackFacts::default();
    if let Some(callback) = order.callbacks.last().filter(|c| c.attempts > 0) {
        if let Some(row) = d.store.callback(&callback.callback_id).await? {
            facts = CallbackFacts { last_error: row.last_error, last_attempt_at: row.last_attempt_at };
        }
    }
    let tasks = d.store.planned_tasks(order.id).await?;
    let limbo_after = order
        .attempt()
        .and_then(|a| d.channels.get(&a.channel))
        .map_or(Duration::from_secs(120), |c| c.policy.limbo_after);
    Ok(OrderView {
        diagnosis: diagnose::diagnose(&order, &facts),
        next_step: diagnose::next_step(&order, &tasks),
        limbo: order.unknown_since().is_some_and(|since| now.since(since) >= limbo_after),
        order,
    })
}

/// For each channel, the moment before which an unknown is limbo now.
pub(crate) fn limbo_bounds(d: &Daemon, now: Timestamp) -> Vec<(String, Timestamp)> {
    d.channels.iter().map(|c| (c.name.clone(), now - c.policy.limbo_after)).collect()
}
