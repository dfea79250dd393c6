//! Orders created: signed by the merchant, answered by Sluice, the answer verified.

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use sluice_sim::client::Order;
use std::time::{Duration, Instant};

use super::site::Site;
use super::{Latency, Measured};
use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS};

/// Creates orders with `concurrency` requests under way. Also returns the orders, for others to pay.
pub(super) async fn measure(
    site: &Site,
    workload: Workload,
    concurrency: usize,
    plan: &Plan,
) -> anyhow::Result<(Measured, Vec<Order>)> {
    let method = if workload == Workload::CreatePage { "page" } else { "qr" };
    let mut created = round(site, method, concurrency, plan.warm_up).await?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mark = site.mark();
        let round = round(site, method, concurrency, plan.create).await?;
        rounds.push((round.len() as u64, site.since(mark)));
        times.extend(round.iter().map(|(_, time)| *time));
        created.extend(round);
    }
    let latency = Some(Latency::of(times));
    let measured = Measured { latency, ..Measured::new(workload, Some(concurrency), &rounds) };
    Ok((measured, created.into_iter().map(|(order, _)| order).collect()))
}

async fn round(
    site: &Site,
    method: &str,
    concurrency: usize,
    duration: Duration,
) -> anyhow::Result<Vec<(Order, Duration)>> {
    let began = Instant::now();
    let worker = || async {
        let mut created = Vec::new();
        while began.elapsed() < duration {
            let asked = Instant::now();
            created.push((create(site, method).await?, asked.elapsed()));
        }
        anyhow::Ok(created)
    };
    let created = try_join_all((0..concurrency).map(|_| worker())).await?;
    Ok(created.into_iter().flatten().collect())
}

/// One order, with something to show to its payer.
pub(super) async fn create(site: &Site, method: &str) -> anyhow::Result<Order> {
    let (merchant, recharge) = site.next_recharge(method);
    let order = merchant.create_recharge(&recharge).await.context("a recharge was not created")?;
    ensure!(order.payment.is_some(), "{} was created without a payment", order.order_id);
    Ok(order)
}
