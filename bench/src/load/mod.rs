//! What Sluice does: the real daemon on SQLite, the provider's gateway, a sample merchant and a load generator, all
//! on this machine.

mod balance;
mod callback;
mod create;
mod flow;
mod recharge;
mod site;

use anyhow::Context as _;
use serde::Serialize;
use std::future::Future;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;

use crate::arithmetic::Workload;
use crate::measure::{Plan, ROUNDS, Rate, percentile};
use crate::progress::Progress;
use site::{Site, Span};

/// How many merchants' requests for recharges are under way at once, one after the other.
const CONCURRENCIES: [usize; 3] = [1, 8, 64];

/// The same for direct trades, which wait for nothing but the daemon.
const TRADE_CONCURRENCIES: [usize; 2] = [1, CONCURRENCY];

/// Merchants' requests under way where that is not varied.
const CONCURRENCY: usize = 64;

/// What an order is about, in fen. No provider's recipe.
const AMOUNT: i64 = 8_888;

/// Combinations of method and concurrency.
pub(crate) const CREATE_CELLS: usize = 2 * CONCURRENCIES.len();

/// Workloads of whole orders: recharges, direct trades, those of one user, captures, refunds, withdrawals.
pub(crate) const FLOWS: usize = 5 + TRADE_CONCURRENCIES.len();

/// Steps of the progress: besides the workloads, starting, funding and checking the books.
pub(crate) const STEPS: usize = 1 + CREATE_CELLS + FLOWS + 1 + ROUNDS + 1;

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
    /// Of that, the database's writer's.
    pub(crate) writer_ms: f64,
    /// The part of one core that the database's writer kept busy; it can't use more than one.
    pub(crate) writer_busy: f64,
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
    results.extend(balances(site, plan, progress).await?);
    results.push(callback::measure(site, unpaid, plan, progress).await?);
    progress.step("checking the books");
    Ok(Load { results, left_at_paid: site.left_at_paid().await?, ledger_holds: site.ledger_holds().await? })
}

/// What moves money that is there.
async fn balances(site: &Site, plan: &Plan, progress: &Progress) -> anyhow::Result<Vec<Measured>> {
    let mut results = Vec::new();
    progress.step("funding balances");
    balance::fund(site).await?;
    let mut trades = Vec::new();
    for concurrency in TRADE_CONCURRENCIES {
        progress.step(&format!("{}, {concurrency} at once", Workload::Trade.name()));
        let (measured, made) = balance::trades(site, concurrency, plan).await?;
        results.push(measured);
        trades = made;
    }
    progress.step(Workload::HotTrade.name());
    results.push(balance::hot_trades(site, plan).await?);
    progress.step(Workload::Capture.name());
    results.push(balance::captures(site, plan).await?);
    progress.step(Workload::Refund.name());
    results.push(balance::refunds(site, trades, plan).await?);
    progress.step(Workload::Withdrawal.name());
    results.push(balance::withdrawals(site, plan).await?);
    Ok(results)
}

/// Runs so many of a worker at once, on all cores. If one fails, none is left running.
async fn at_once<T, F>(count: usize, worker: impl Fn() -> F) -> anyhow::Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let mut running: JoinSet<_> = (0..count).map(|_| worker()).collect();
    let mut ended = Vec::with_capacity(count);
    while let Some(end) = running.join_next().await {
        match end.context("a worker of the load panicked").flatten() {
            Ok(value) => ended.push(value),
            Err(error) => {
                running.shutdown().await;
                return Err(error);
            }
        }
    }
    Ok(ended)
}

impl Measured {
    /// Puts together rounds of a number of orders each, and the time that all of them took.
    fn new(workload: Workload, concurrency: Option<usize>, rounds: &[(u64, Span)]) -> Self {
        let rates = rounds.iter().map(|(count, span)| crate::measure::per_second(*count, span.wall));
        let orders = rounds.iter().map(|(count, _)| *count).sum::<u64>().max(1) as f64;
        let sum = |part: fn(&Span) -> Duration| rounds.iter().map(|(_, span)| part(span)).sum::<Duration>();
        let (daemon, own, all) = (sum(|s| s.cpu.daemon), sum(|s| s.cpu.own), sum(|s| s.cpu.all));
        let writer = sum(|s| s.cpu.writer());
        let wall = sum(|s| s.wall).as_secs_f64();
        let capacity = wall * crate::machine::cores() as f64;
        let ms = |time: Duration| 1000.0 * time.as_secs_f64() / orders;
        let cpu = Cpu {
            daemon_ms: ms(daemon),
            writer_ms: ms(writer),
            writer_busy: (writer.as_secs_f64() / wall).min(1.0),
            rest_ms: ms(own),
            busy: (all.as_secs_f64() / capacity).min(1.0),
            foreign: all.saturating_sub(daemon + own).as_secs_f64() / capacity,
        };
        Self { workload, concurrency, rate: Rate::of(rates.collect()), latency: None, cpu }
    }
}
