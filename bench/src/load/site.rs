//! The sandbox under load.

use anyhow::{Context as _, ensure};
use sluice_sim::client::{Merchant, Order};
use sluice_sim::control::Act;
use sluice_sim::provider::Plan;
use sluice_sim::sandbox::{Options, Sandbox};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::machine::CpuTime;

/// What the daemon is not to do during the benchmark, and what it must let happen.
const SETTINGS: [&str; 6] = [
    // Orders that nobody pays are asked for by a schedule, and so are payouts that a bank may return; those queries
    // would be work of an earlier round in a later one, so none falls into the benchmark.
    r#"channels.alipay.requery_schedule=["1h"]"#,
    r#"channels.alipay.payout_watch=["1h"]"#,
    // Two apps at one address ask as fast as they can.
    "limits.app_per_second=1000000",
    "limits.app_burst=1000000",
    "limits.network_per_second=1000000",
    "limits.network_burst=1000000",
];

/// How long the last callbacks may take.
const DRAINED_WITHIN: Duration = Duration::from_secs(60);

/// A running sandbox, and numbers for its orders. Clones are the same one.
#[derive(Clone)]
pub(super) struct Site(Arc<Inner>);

struct Inner {
    sandbox: Sandbox,
    next: AtomicU64,
}

/// A stretch of time and the processor time used in it.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) wall: Duration,
    pub(super) cpu: CpuTime,
}

/// The beginning of a [`Span`].
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) at: Instant,
    cpu: CpuTime,
}

impl Site {
    pub(super) async fn start(folder: &Path, overrides: Vec<String>) -> anyhow::Result<Self> {
        let mut options = Options::new(folder.join("sandbox"));
        options.overrides.extend(SETTINGS.map(str::to_owned));
        options.overrides.extend(overrides);
        let sandbox = Sandbox::start(options).await?;
        Ok(Self(Arc::new(Inner { sandbox, next: AtomicU64::new(1) })))
    }

    /// Stops it. Nobody else has it by then: whoever loads it has ended.
    pub(super) async fn stop(self) {
        if let Some(inner) = Arc::into_inner(self.0) {
            inner.sandbox.stop().await;
        }
    }

    /// A number that no order has had, and the merchant whose turn it is.
    pub(super) fn turn(&self) -> (u64, &Merchant) {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let merchants = self.merchants();
        (number, &merchants[usize::try_from(number).unwrap_or_default() % merchants.len()])
    }

    /// The apps' clients.
    pub(super) fn merchants(&self) -> &[Merchant] {
        self.0.sandbox.merchants()
    }

    /// The payer pays; the provider notifies at once.
    pub(super) async fn pay(&self, order: &Order) -> anyhow::Result<()> {
        let channel_ref = order.channel_ref.as_deref().context("an order without a channel's number")?;
        self.0.sandbox.simulator().act(channel_ref, Act::pay(order.payment.clone(), Plan::Now)).await?;
        Ok(())
    }

    /// Whether the daemon has taken the provider's notification of an order.
    pub(super) fn is_notified(&self, order: &Order) -> bool {
        let channel_ref = order.channel_ref.as_deref().unwrap_or_default();
        let found = self.0.sandbox.simulator().find(channel_ref);
        found.is_some_and(|(_, order)| order.notifications.acknowledged > 0)
    }

    /// Callbacks that came in so far, whatever they were answered with.
    pub(super) fn received(&self) -> u64 {
        self.0.sandbox.sample().totals().received
    }

    /// Fails if callbacks came in that did not verify.
    pub(super) fn all_verified(&self) -> anyhow::Result<()> {
        let totals = self.0.sandbox.sample().totals();
        let unverified = totals.received - totals.verified;
        ensure!(unverified == 0, "{unverified} callbacks did not verify");
        Ok(())
    }

    /// How the sample merchant answers from now on.
    pub(super) async fn answer(&self, answer: serde_json::Value) -> anyhow::Result<()> {
        let file = self.0.sandbox.file();
        for app in &file.apps {
            file.control().answer(&app.client_id, answer.clone()).await?;
        }
        Ok(())
    }

    /// Waits until so many callbacks have come in.
    pub(super) async fn until_received(&self, count: u64) -> anyhow::Result<Instant> {
        let began = Instant::now();
        while self.received() < count {
            ensure!(
                began.elapsed() < DRAINED_WITHIN,
                "{} of {count} callbacks came within {} s",
                self.received(),
                DRAINED_WITHIN.as_secs()
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Instant::now())
    }

    /// Begins a span.
    pub(super) fn mark(&self) -> Mark {
        Mark { at: Instant::now(), cpu: self.cpu() }
    }

    /// Ends a span.
    pub(super) fn since(&self, mark: &Mark) -> Span {
        Span { wall: mark.at.elapsed(), cpu: self.cpu().since(&mark.cpu) }
    }

    fn cpu(&self) -> CpuTime {
        CpuTime::now(self.0.sandbox.file().daemons.first().map_or(0, |daemon| daemon.pid))
    }

    /// How many orders (at most a page an app and kind) are paid or settled and not completed, once the daemon has had
    /// a moment. Refunds of trades have no list of their own; their callbacks were counted.
    pub(super) async fn left_at_paid(&self) -> anyhow::Result<usize> {
        const PAID: &str = "state=3&limit=200";
        let began = Instant::now();
        loop {
            let mut left = 0;
            for merchant in self.merchants() {
                left += merchant.recharges(PAID).await?.items.len();
                left += merchant.trades(PAID).await?.items.len();
                left += merchant.withdrawals(PAID).await?.items.len();
            }
            if left == 0 || began.elapsed() > DRAINED_WITHIN {
                return Ok(left);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// `sluiced ledger check`, beside the running daemon.
    pub(super) async fn ledger_holds(&self) -> anyhow::Result<bool> {
        let program = std::env::current_exe()?.with_file_name("sluiced");
        let mut command = tokio::process::Command::new(program);
        command.arg("--config").arg(self.0.sandbox.file().config).args(["ledger", "check"]);
        let output = command.stdin(Stdio::null()).output().await.context("sluiced ledger check")?;
        Ok(output.status.success())
    }
}
