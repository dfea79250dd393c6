//! Whole recharges: created, paid at the provider, notified, credited, called back, acknowledged.

use anyhow::ensure;
use futures_util::future::try_join_all;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::Measured;
use super::create::create;
use super::site::{Site, Span};
use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS};

/// Merchants' requests under way.
const CONCURRENCY: usize = 64;

/// Paid orders whose callback has not come: beyond that no more are made, so that the slowest part sets the pace.
const UNDER_WAY: u64 = 256;

/// Keeps recharges flowing, and counts callbacks in stretches of time once the flow is steady.
pub(super) async fn measure(site: &Site, plan: &Plan) -> anyhow::Result<Measured> {
    let (done, paid, before) = (AtomicBool::new(false), AtomicU64::new(0), site.received());
    let worker = || async {
        while !done.load(Ordering::Relaxed) {
            while paid.load(Ordering::Relaxed) > site.received() - before + UNDER_WAY {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let order = create(site, "qr").await?;
            site.pay(&order).await?;
            paid.fetch_add(1, Ordering::Relaxed);
        }
        anyhow::Ok(())
    };
    let flow = try_join_all((0..CONCURRENCY).map(|_| worker()));
    let clock = async {
        let rounds = rounds(site, plan).await;
        done.store(true, Ordering::Relaxed);
        anyhow::Ok(rounds)
    };
    let (_, rounds) = tokio::try_join!(flow, clock)?;
    site.until_received(before + paid.into_inner()).await?;
    ensure!(site.unverified() == 0, "{} callbacks did not verify", site.unverified());
    Ok(Measured::new(Workload::Recharge, Some(CONCURRENCY), &rounds))
}

async fn rounds(site: &Site, plan: &Plan) -> Vec<(u64, Span)> {
    tokio::time::sleep(plan.warm_up).await;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let (mark, received) = (site.mark(), site.received());
        tokio::time::sleep(plan.recharge).await;
        rounds.push((site.received() - received, site.since(mark)));
    }
    rounds
}
