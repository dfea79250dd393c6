//! Callbacks alone: a backlog builds up before a merchant who is slow, who then becomes quick.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use sluice_sim::client::Order;
use std::time::Duration;

use super::Measured;
use super::create::create;
use super::site::{Site, Span};
use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS};
use crate::progress::Progress;

/// How slow the merchant is at first. Its few places are taken, so that the rest waits in the database.
const SLOW_MS: u64 = 400;

/// Payers who pay at once.
const PAYERS: usize = 64;

/// Pays orders (of `unpaid`, or fresh ones) and drains the callbacks, several times.
pub(super) async fn measure(
    site: &Site,
    mut unpaid: Vec<Order>,
    plan: &Plan,
    progress: &Progress,
) -> anyhow::Result<Measured> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 1..=ROUNDS {
        progress.step(&format!("callbacks from a backlog, round {round}"));
        let waiting = unpaid.split_off(unpaid.len().saturating_sub(plan.backlog));
        rounds.push(self::round(site, waiting, plan.backlog).await?);
    }
    site.all_verified()?;
    Ok(Measured::new(Workload::Callback, None, &rounds))
}

async fn round(site: &Site, mut orders: Vec<Order>, backlog: usize) -> anyhow::Result<(u64, Span)> {
    let missing = backlog.saturating_sub(orders.len());
    let fresh: Vec<_> =
        stream::iter(0..missing).map(|_| create(site, "qr")).buffer_unordered(PAYERS).try_collect().await?;
    orders.extend(fresh);

    let before = site.received();
    site.answer(json!({ "slow_ms": SLOW_MS })).await?;
    let paid: anyhow::Result<Vec<()>> =
        stream::iter(&orders).map(|order| site.pay(order)).buffer_unordered(PAYERS).try_collect().await;
    paid?;
    while !orders.iter().all(|order| site.is_notified(order)) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    site.answer(json!("success")).await?;

    // The first and the last are not counted: slow answers are still on their way, and the end is not full.
    let (started, all) = (site.received(), before + orders.len() as u64);
    let margin = (all - started) / 20;
    site.until_received(started + margin).await?;
    let (mark, from) = (site.mark(), site.received());
    site.until_received(all - margin).await?;
    let drained = (site.received() - from, site.since(&mark));
    site.until_received(all).await?;
    Ok(drained)
}
