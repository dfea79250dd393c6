//! What the machine can do without Sluice: the parts that an order is made of, each alone.

mod disk;
mod http;
mod rsa;
mod sqlite;

use serde::Serialize;
use std::path::Path;
use tokio::runtime::Runtime;

use crate::measure::{Plan, ROUNDS, Rate};
use crate::progress::Progress;
pub(crate) use sqlite::GROUP;

/// Steps of the progress.
pub(crate) const STEPS: usize = 9;

/// The raw limits.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Raw {
    /// RSA-2048 signatures, PKCS#1 v1.5 with SHA-256, by aws-lc-rs.
    pub(crate) sign: Cores,
    /// Checks of such signatures.
    pub(crate) verify: Cores,
    /// 4 KiB appended to a file and forced to the disk.
    pub(crate) append: Rate,
    /// Order-like transactions on SQLite (WAL, `synchronous=FULL`) by sqlx, each with a commit of its own.
    pub(crate) commit_alone: Rate,
    /// The same in groups that share a commit.
    pub(crate) commit_grouped: Rate,
    /// Trade-like transactions in such groups, all of one payer.
    pub(crate) trade_grouped: Rate,
    /// HTTP POSTs of a small JSON body, kept-alive connections, client and server both here.
    pub(crate) http: Rate,
}

/// A rate on one core and on all of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Cores {
    /// On one.
    pub(crate) one: Rate,
    /// On all at once.
    pub(crate) all: Rate,
    /// Processor time of one, on all at once, milliseconds.
    pub(crate) cpu_ms: f64,
}

/// Measures all of it.
pub(crate) fn measure(
    runtime: &Runtime,
    folder: &Path,
    plan: &Plan,
    progress: &Progress,
) -> anyhow::Result<Raw> {
    let (sign, verify) = rsa::measure(plan, progress)?;
    progress.step("4 KiB appends, each forced to the disk");
    let append = disk::measure(folder, plan)?;
    progress.step("SQLite: order-like transactions, each its own commit");
    let commit_alone = runtime.block_on(sqlite::measure(folder, plan, &sqlite::ORDER, 1))?;
    progress.step("SQLite: the same, in groups");
    let commit_grouped = runtime.block_on(sqlite::measure(folder, plan, &sqlite::ORDER, GROUP))?;
    progress.step("SQLite: trade-like transactions of one payer, in groups");
    let trade_grouped = runtime.block_on(sqlite::measure(folder, plan, &sqlite::TRADE, GROUP))?;
    progress.step("bare HTTP");
    let http = runtime.block_on(http::measure(plan))?;
    Ok(Raw { sign, verify, append, commit_alone, commit_grouped, trade_grouped, http })
}

/// One round to warm up, then those that count.
fn rounds(mut round: impl FnMut() -> anyhow::Result<f64>) -> anyhow::Result<Rate> {
    round()?;
    Ok(Rate::of((0..ROUNDS).map(|_| round()).collect::<anyhow::Result<_>>()?))
}
