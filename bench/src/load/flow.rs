//! Whole orders: kept flowing from their creation to the acknowledged callback, and counted by the callbacks.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::site::{Mark, Site, Span};
use super::{Latency, Measured, at_once};
use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS};

/// Orders whose callback has not come: beyond that no more are made, so that the slowest part sets the pace.
const UNDER_WAY: u64 = 256;

/// What came of asking for one order.
pub(super) struct Made<T> {
    /// From sending the request to its verified answer; of several requests for one order, all of them together.
    pub(super) took: Duration,
    /// For whoever measures what follows.
    pub(super) thing: T,
}

/// Keeps orders flowing with `concurrency` requests under way, and counts callbacks in stretches of time once the flow
/// is steady. `make` makes one order that has exactly one callback. Also returns all that was made.
pub(super) async fn measure<T, F>(
    site: &Site,
    workload: Workload,
    concurrency: usize,
    plan: &Plan,
    make: impl Fn(Site) -> F + Clone + Send + Sync + 'static,
) -> anyhow::Result<(Measured, Vec<T>)>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<Made<T>>> + Send,
{
    let flow = Arc::new(Flow::new(site));
    let makers = at_once(concurrency, || {
        let (flow, site, make) = (Arc::clone(&flow), site.clone(), make.clone());
        async move {
            let mut made = Vec::new();
            while flow.wants_more(&site).await {
                made.push((Instant::now(), make(site.clone()).await?));
                flow.made.fetch_add(1, Ordering::Relaxed);
            }
            Ok(made)
        }
    });
    let clock = async {
        let rounds = rounds(site, plan).await;
        flow.ended.store(true, Ordering::Relaxed);
        Ok(rounds)
    };
    let (made, (steady, rounds)) = tokio::try_join!(makers, clock)?;
    site.until_received(flow.before + flow.made.load(Ordering::Relaxed)).await?;
    site.all_verified()?;

    let made: Vec<_> = made.into_iter().flatten().collect();
    let times = made.iter().filter(|(at, _)| *at >= steady.at).map(|(_, made)| made.took).collect();
    let latency = Some(Latency::of(times));
    let measured = Measured { latency, ..Measured::new(workload, Some(concurrency), &rounds) };
    Ok((measured, made.into_iter().map(|(_, made)| made.thing).collect()))
}

/// How far it is.
struct Flow {
    /// Callbacks that had come in before it began.
    before: u64,
    made: AtomicU64,
    ended: AtomicBool,
}

impl Flow {
    fn new(site: &Site) -> Self {
        Self { before: site.received(), made: AtomicU64::new(0), ended: AtomicBool::new(false) }
    }

    /// Waits for room, or for the end.
    async fn wants_more(&self, site: &Site) -> bool {
        while !self.ended.load(Ordering::Relaxed) {
            if self.made.load(Ordering::Relaxed) <= site.received() - self.before + UNDER_WAY {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        false
    }
}

/// Callbacks and time of each round, and when the first round began.
async fn rounds(site: &Site, plan: &Plan) -> (Mark, Vec<(u64, Span)>) {
    tokio::time::sleep(plan.warm_up).await;
    let steady = site.mark();
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let (mark, received) = (site.mark(), site.received());
        tokio::time::sleep(plan.flow).await;
        rounds.push((site.received() - received, site.since(&mark)));
    }
    (steady, rounds)
}
