//! What Sluice does: the real daemon on SQLite, the provider's gateway, a sample merchant and a load generator, all
//! on this machine.

mod callback;
mod create;
mod recharge;
mod site;

use anyhow::Context as _;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS, Rate, percentile};
use crate::progress::Progress;
use site::{Site, Span};

/// How many merchants' requests are under way at once, one after the other.
const CONCURRENCIES: [usize; 3] = [1, 8, 64];

/// Combinations of method and concurrency.
pub(crate) const CREATE_CELLS: usize = 2 * CONCURRENCIES.len();

/// Steps of the progress.
pub(crate) const STEPS: usize = 1 + CREATE_CELLS + 1 + ROUNDS + 1;

/// What was measured, and whether the books are right after it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Load {
    /// One entry a line of the table.
    pub(crate) results: Vec<Measured>,
    /// Paid orders whose callback is not acknowledged in the end: none, or it did not hold.
    pub(crate) left_at_paid: usize,
    /// `sluiced ledger check` beside the daemon, in the end.
    pub(crate) ledger_holds: bool,
}

/// One workload at one concurrency.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    /// What.
    pub(crate) workload: Workload,
    /// Requests under way at once; absent where the load is not shaped by that.
    pub(crate) concurrency: Option<usize>,
    /// How many a second.
    pub(crate) rate: Rate,
    /// From sending a request to its verified answer; absent where there is none.
    pub(crate) latency: Option<Latency>,
    /// Processor time.
    pub(crate) cpu: Cpu,
}

/// Times of requests over all rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    /// Half of them were faster.
    pub(crate) p50_ms: f64,
    /// All but one in a hundred were faster.
    pub(crate) p99_ms: f64,
}

impl Latency {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let ms = |percent| percentile(&all, percent).as_secs_f64() * 1000.0;
        Self { p50_ms: ms(50), p99_ms: ms(99) }
    }
}

/// Processor time over all rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cpu {
    /// The daemon's, per order or callback, milliseconds.
    pub(crate) daemon_ms: f64,
    /// The gateway's, the sample merchant's and the load generator's, per order or callback, milliseconds.
    pub(crate) rest_ms: f64,
    /// The part of all cores that was busy, with anything.
    pub(crate) busy: f64,
    /// The part of all cores that was busy with something that is not the benchmark.
    pub(crate) foreign: f64,
}

/// Measures all workloads on a sandbox in `folder`.
pub(crate) async fn measure(
    folder: &Path,
    overrides: Vec<String>,
    plan: &Plan,
    progress: &Progress,
) -> anyhow::Result<Load> {
    progress.step("starting the daemon, the gateway and the sample merchant");
    let site = Site::start(folder, overrides).await.context("the sandbox")?;
    let outcome = workloads(&site, plan, progress).await;
    site.stop().await;
    outcome
}

async fn workloads(site: &Site, plan: &Plan, progress: &Progress) -> anyhow::Result<Load> {
    let mut results = Vec::new();
    let mut unpaid = Vec::new();
    for workload in [Workload::CreatePage, Workload::CreateQr] {
        for concurrency in CONCURRENCIES {
            progress.step(&format!("{}, {concurrency} at once", workload.name()));
            let (measured, orders) = create::measure(site, workload, concurrency, plan).await?;
            results.push(measured);
            unpaid.extend(orders);
        }
    }
    progress.step(Workload::Recharge.name());
    results.push(recharge::measure(site, plan).await?);
    results.push(callback::measure(site, unpaid, plan, progress).await?);
    progress.step("checking the books");
    Ok(Load { results, left_at_paid: site.left_at_paid().await?, ledger_holds: site.ledger_holds().await? })
}

impl Measured {
    /// Puts together rounds of a number of orders each, and the time that all of them took.
    fn new(workload: Workload, concurrency: Option<usize>, rounds: &[(u64, Span)]) -> Self {
        let rates = rounds.iter().map(|(count, span)| crate::measure::per_second(*count, span.wall));
        let orders = rounds.iter().map(|(count, _)| *count).sum::<u64>().max(1) as f64;
        let sum = |part: fn(&Span) -> Duration| rounds.iter().map(|(_, span)| part(span)).sum::<Duration>();
        let (daemon, own, all) = (sum(|s| s.cpu.daemon), sum(|s| s.cpu.own), sum(|s| s.cpu.all));
        let capacity = sum(|s| s.wall).as_secs_f64() * crate::machine::cores() as f64;
        let ms = |time: Duration| 1000.0 * time.as_secs_f64() / orders;
        let cpu = Cpu {
            daemon_ms: ms(daemon),
            rest_ms: ms(own),
            busy: (all.as_secs_f64() / capacity).min(1.0),
            foreign: all.saturating_sub(daemon + own).as_secs_f64() / capacity,
        };
        Self { workload, concurrency, rate: Rate::of(rates.collect()), latency: None, cpu }
    }
}
