//! Orders created: signed by the merchant, answered by Sluice, the answer verified.

use anyhow::{Context as _, ensure};
use sluice_sim::client::{NewRecharge, Order};
use std::time::{Duration, Instant};

use super::site::Site;
use super::{AMOUNT, Latency, Measured, at_once};
use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS};

/// Users of the recharges.
const USERS: u64 = 1000;

/// Creates orders with `concurrency` requests under way. Also returns the orders, for others to pay.
pub(super) async fn measure(
    site: &Site,
    workload: Workload,
    concurrency: usize,
    plan: &Plan,
) -> anyhow::Result<(Measured, Vec<Order>)> {
    let method = if workload == Workload::CreatePage { "page" } else { "qr" };
    let warm_up = round(site, method, concurrency, plan.warm_up).await?;
    let mut created: Vec<_> = warm_up.into_iter().map(|(order, _)| order).collect();
    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mark = site.mark();
        let round = round(site, method, concurrency, plan.create).await?;
        rounds.push((round.len() as u64, site.since(&mark)));
        for (order, took) in round {
            created.push(order);
            times.push(took);
        }
    }
    let latency = Some(Latency::of(times));
    let measured = Measured { latency, ..Measured::new(workload, Some(concurrency), &rounds) };
    Ok((measured, created))
}

async fn round(
    site: &Site,
    method: &'static str,
    concurrency: usize,
    duration: Duration,
) -> anyhow::Result<Vec<(Order, Duration)>> {
    let began = Instant::now();
    let created = at_once(concurrency, || {
        let site = site.clone();
        async move {
            let mut created = Vec::new();
            while began.elapsed() < duration {
                let asked = Instant::now();
                created.push((create(&site, method).await?, asked.elapsed()));
            }
            Ok(created)
        }
    });
    Ok(created.await?.into_iter().flatten().collect())
}

/// One order, with something to show to its payer.
pub(super) async fn create(site: &Site, method: &str) -> anyhow::Result<Order> {
    let (number, merchant) = site.turn();
    let recharge = NewRecharge {
        user_ref: format!("u{}", number % USERS),
        method: method.to_owned(),
        ..NewRecharge::new(format!("B{number}"), AMOUNT)
    };
    let order = merchant.create_recharge(&recharge).await.context("a recharge was not created")?;
    ensure!(order.payment.is_some(), "{} was created without a payment", order.order_id);
    Ok(order)
}
