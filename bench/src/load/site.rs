//! The sandbox under load.

use anyhow::{Context as _, ensure};
use sluice_sim::client::{Merchant, NewRecharge, Order};
use sluice_sim::control::Act;
use sluice_sim::provider::Plan;
use sluice_sim::sandbox::{Options, Sandbox};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::machine::CpuTime;

/// Orders that nobody pays are asked for by a schedule; those queries would be work of an earlier round in a later
/// one, so none falls into the benchmark.
const NO_QUERIES: &str = r#"channels.alipay.requery_schedule=["1h"]"#;

/// How long the last callbacks may take.
const DRAINED_WITHIN: Duration = Duration::from_secs(60);

/// A running sandbox, and numbers for its orders.
pub(super) struct Site {
    sandbox: Sandbox,
    next: AtomicU64,
}

/// A stretch of time and the processor time used in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) wall: Duration,
    pub(super) cpu: CpuTime,
}

/// The beginning of a [`Span`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    at: Instant,
    cpu: CpuTime,
}

impl Site {
    pub(super) async fn start(folder: &Path, overrides: Vec<String>) -> anyhow::Result<Self> {
        let mut options = Options::new(folder.join("sandbox"));
        options.overrides.push(NO_QUERIES.to_owned());
        options.overrides.extend(overrides);
        Ok(Self { sandbox: Sandbox::start(options).await?, next: AtomicU64::new(1) })
    }

    pub(super) async fn stop(self) {
        self.sandbox.stop().await;
    }

    /// A merchant and a recharge that it has not asked for yet. No amount is a recipe.
    pub(super) fn next_recharge(&self, method: &str) -> (&Merchant, NewRecharge) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let merchants = self.sandbox.merchants();
        let merchant = &merchants[usize::try_from(number).unwrap_or_default() % merchants.len()];
        let recharge = NewRecharge {
            user_ref: format!("u{}", number % 1000),
            method: method.to_owned(),
            ..NewRecharge::new(format!("B{number}"), 8_888)
        };
        (merchant, recharge)
    }

    /// The payer pays; the provider notifies at once.
    pub(super) async fn pay(&self, order: &Order) -> anyhow::Result<()> {
        let channel_ref = order.channel_ref.as_deref().context("an order without a channel's number")?;
        self.sandbox.simulator().act(channel_ref, Act::pay(order.payment.clone(), Plan::Now)).await?;
        Ok(())
    }

    /// Whether the daemon has taken the provider's notification of an order.
    pub(super) fn is_notified(&self, order: &Order) -> bool {
        let channel_ref = order.channel_ref.as_deref().unwrap_or_default();
        self.sandbox
            .simulator()
            .find(channel_ref)
            .is_some_and(|(_, order)| order.notifications.acknowledged > 0)
    }

    /// Callbacks that came in so far, whatever they were answered with.
    pub(super) fn received(&self) -> u64 {
        self.sandbox.sample().totals().received
    }

    /// Callbacks that came in and did not verify.
    pub(super) fn unverified(&self) -> u64 {
        let totals = self.sandbox.sample().totals();
        totals.received - totals.verified
    }

    /// How the sample merchant answers from now on.
    pub(super) async fn answer(&self, answer: serde_json::Value) -> anyhow::Result<()> {
        let file = self.sandbox.file();
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
    pub(super) fn since(&self, mark: Mark) -> Span {
        Span { wall: mark.at.elapsed(), cpu: self.cpu().since(mark.cpu) }
    }

    fn cpu(&self) -> CpuTime {
        CpuTime::now(self.sandbox.file().daemons.first().map_or(0, |daemon| daemon.pid))
    }

    /// How many orders (at most a page an app) are paid and not completed, once the daemon has had a moment.
    pub(super) async fn left_at_paid(&self) -> anyhow::Result<usize> {
        let began = Instant::now();
        loop {
            let mut left = 0;
            for merchant in self.sandbox.merchants() {
                left += merchant.recharges("state=3&limit=200").await?.items.len();
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
        command.arg("--config").arg(self.sandbox.file().config).args(["ledger", "check"]);
        let output = command.stdin(Stdio::null()).output().await.context("sluiced ledger check")?;
        Ok(output.status.success())
    }
}
