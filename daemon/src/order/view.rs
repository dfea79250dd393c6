//! An order as operators see it: the order object, where it stands, and what comes next.

use std::time::Duration;

use sluice_core::diagnose::{self, Diagnosis, NextStep};
use sluice_core::order::AnyOrder;
use sluice_core::time::Timestamp;

use crate::daemon::Daemon;
use crate::store::StoreError;

/// An order with its diagnosis.
#[derive(Clone, Debug)]
pub(crate) struct OrderView {
    pub(crate) order: AnyOrder,
    pub(crate) diagnosis: Diagnosis,
    pub(crate) next_step: NextStep,
    pub(crate) limbo: bool,
}

/// Looks at orders; what their diagnoses need is read for all of them at once.
pub(crate) async fn views(
    d: &Daemon,
    orders: Vec<AnyOrder>,
    now: Timestamp,
) -> Result<Vec<OrderView>, StoreError> {
    let ids: Vec<_> = orders.iter().map(|o| o.id()).collect();
    let newest: Vec<&str> = orders.iter().filter_map(tried_callback).collect();
    let mut facts = d.store.callback_facts(&newest).await?;
    let mut tasks = d.store.planned_tasks(&ids).await?;
    Ok(orders
        .into_iter()
        .map(|order| {
            let facts = tried_callback(&order).and_then(|id| facts.remove(id)).unwrap_or_default();
            let tasks = tasks.remove(&order.id()).unwrap_or_default();
            OrderView {
                diagnosis: diagnose::diagnose(&order, &facts),
                next_step: diagnose::next_step(&order, &tasks),
                limbo: is_limbo(d, &order, now),
                order,
            }
        })
        .collect())
}

/// The newest callback, if it was sent at all.
fn tried_callback(order: &AnyOrder) -> Option<&str> {
    order.callbacks().last().filter(|c| c.attempts > 0).map(|c| c.callback_id.as_str())
}

fn is_limbo(d: &Daemon, order: &AnyOrder, now: Timestamp) -> bool {
    let limbo_after = order
        .attempt()
        .and_then(|a| d.channels.get(&a.channel))
        .map_or(Duration::from_secs(120), |c| c.policy.limbo_after);
    order.unknown_since().is_some_and(|since| now.since(since) >= limbo_after)
}

/// For each channel, the moment before which an unknown is limbo now.
pub(crate) fn limbo_bounds(d: &Daemon, now: Timestamp) -> Vec<(String, Timestamp)> {
    d.channels.iter().map(|c| (c.name.clone(), now - c.policy.limbo_after)).collect()
}
