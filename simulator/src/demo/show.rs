//! The demo without a terminal: twenty seconds of traffic, a lost payment found by the operator, a leaked password
//! replaced, and the books compared at the end. It believes nothing but what the public surfaces say.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::{ExitCode, Output, Stdio};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::weather;
use crate::client::{Merchant, NewRecharge, Order, OrderKind, OrderType, percent_encoded};
use crate::control::Control;
use crate::provider::Plan;
use crate::sandbox::{Sandbox, supervise};

/// How long traffic runs.
const RUNS: Duration = Duration::from_secs(20);

/// How long orders may take to settle after the traffic has stopped.
const SETTLES_WITHIN: Duration = Duration::from_secs(15);

/// Runs the show; the exit code says whether all of it held.
pub(super) async fn run(sandbox: &Sandbox) -> anyhow::Result<ExitCode> {
    let show = Show { control: sandbox.file().control(), sandbox, began: Instant::now() };
    show.control.faults(weather::fair()).await?;
    let mut checks = Checks::default();

    show.progress("traffic flows");
    sleep(Duration::from_secs(3)).await;
    show.progress("a payment's notification is lost, and the provider answers no query");
    checks.note("an order in limbo found and requeried", show.limbo().await);
    show.progress("an access password leaks and is rotated");
    checks.note("a rotated password: the old one refused, the new one served", show.rotation().await);
    while show.began.elapsed() < RUNS {
        sleep(Duration::from_secs(3).min(RUNS.saturating_sub(show.began.elapsed()))).await;
        show.progress("");
    }
    if let Some(traffic) = sandbox.traffic() {
        traffic.stop();
    }
    show.control.faults(json!([])).await?;
    show.progress("no more orders; what is open settles");

    checks.note("every order that was paid at the provider is credited", show.settled().await);
    checks.note("orders by state", show.by_state().await);
    checks.note("answers verified", show.answers());
    checks.note("callbacks", show.callbacks());
    checks.note("the trial balance", show.trial_balance().await);
    Ok(checks.conclude())
}

/// What held and what did not, printed as it is found out.
#[derive(Default)]
struct Checks {
    failed: usize,
    passed: usize,
}

impl Checks {
    fn note(&mut self, what: &str, outcome: anyhow::Result<String>) {
        match outcome {
            Ok(seen) => {
                self.passed += 1;
                println!("ok      {what}: {seen}");
            }
            Err(error) => {
                self.failed += 1;
                println!("FAILED  {what}: {error:#}");
            }
        }
    }

    fn conclude(&self) -> ExitCode {
        if self.failed == 0 {
            println!("all {} checks hold", self.passed);
            ExitCode::SUCCESS
        } else {
            println!("{} of {} checks failed", self.failed, self.failed + self.passed);
            ExitCode::FAILURE
        }
    }
}

struct Show<'a> {
    sandbox: &'a Sandbox,
    control: Control,
    began: Instant,
}

impl Show<'_> {
    fn progress(&self, what: &str) {
        let stats = self.sandbox.traffic().map(|traffic| traffic.stats()).unwrap_or_default();
        let callbacks = self.sandbox.sample().totals();
        println!(
            "{:>4} s  {:>4} orders created, {:>4} paid, {:>4} called back  {what}",
            self.began.elapsed().as_secs(),
            stats.created,
            stats.paid,
            callbacks.acknowledged
        );
    }

    /// A payment that nobody is told of, found by the operator: `sluice orders list --limbo`, `order requery`.
    async fn limbo(&self) -> anyhow::Result<String> {
        let merchant = self.merchant(0)?;
        self.control.faults(weather::foul()).await?;
        let order = create(merchant, 8_888).await?;
        self.control.pay(&order, Plan::Never).await?;
        let until = Instant::now() + Duration::from_secs(10);
        let found = loop {
            let limbo = self.sluice(&["orders", "list", "--limbo", "--limit", "1000", "--json"]).await?;
            let found =
                limbo.as_array().into_iter().flatten().find(|one| one["order_id"] == order.order_id.as_str());
            if let Some(found) = found {
                break found.clone();
            }
            if Instant::now() > until {
                bail!("{} was not in limbo after 10 s", order.order_id);
            }
            sleep(Duration::from_millis(250)).await;
        };
        let word = |name: &str| found["diagnosis"][name].as_str().unwrap_or_default().to_owned();
        let diagnosis = format!("{} {}: {}", word("code"), word("title"), word("text"));
        println!("        {} is in limbo: {diagnosis}", order.order_id);
        self.control.faults(weather::fair()).await?;
        self.sluice(&["order", "requery", &order.order_id, "--json"]).await?;
        let order = wait_for(merchant, &order.order_id, &[3, 4]).await?;
        Ok(format!("{} is {} after one requery", order.order_id, order.state_name))
    }

    /// The operator replaces a password: from then on the old one is worth nothing.
    async fn rotation(&self) -> anyhow::Result<String> {
        let merchant = self.merchant(2)?;
        create(merchant, 100).await.context("before the rotation")?;
        let client_id = merchant.client_id().to_owned();
        let args = [
            "password",
            "rotate",
            &client_id,
            "--type",
            "recharge",
            "--reason",
            "demo: leaked",
            "--yes",
            "--json",
        ];
        let rotated = self.sluice(&args).await?;
        let password = rotated["password"].as_str().context("the rotation answered no password")?;
        let mut refused = 0;
        for number in 0..5 {
            let recharge = NewRecharge::new(format!("OLD-{number}"), 100);
            let answer = merchant.request("POST", "/v1/recharges").json(&recharge).send().await?;
            if answer.status != 401 || answer.error_code().as_deref() != Some("signature_invalid") {
                bail!("the old password was answered with HTTP {} {:?}", answer.status, answer.error_code());
            }
            refused += 1;
        }
        merchant.set_password(OrderType::Recharge, password);
        self.control.password(&client_id, OrderType::Recharge, password).await?;
        let order = create(merchant, 100).await.context("with the new password")?;
        self.control.pay(&order, Plan::Now).await?;
        wait_for(merchant, &order.order_id, &[4]).await?;
        Ok(format!(
            "version {}, {refused} requests refused, then {} created and completed",
            rotated["version"], order.order_id
        ))
    }

    /// Waits until Sluice has credited what the provider's books say was paid.
    async fn settled(&self) -> anyhow::Result<String> {
        let until = Instant::now() + SETTLES_WITHIN;
        loop {
            let paid = self.control.orders().await?.into_iter().filter(|order| order["paid_minor"] != 0);
            let paid: Vec<_> =
                paid.filter_map(|order| order["channel_ref"].as_str().map(str::to_owned)).collect();
            let ours: BTreeMap<_, _> = self
                .orders()
                .await?
                .into_iter()
                .filter_map(|order| Some((order.channel_ref.clone()?, order)))
                .collect();
            // A wrong amount and a second payment go to suspense: the state stays, a flag says so.
            let credited = |order: &Order| matches!(order.state, 3 | 4 | 61..=63) || !order.flags.is_empty();
            let missing: Vec<_> =
                paid.iter().filter(|number| !ours.get(*number).is_some_and(credited)).collect();
            if missing.is_empty() {
                return Ok(format!("{} payments", paid.len()));
            }
            if Instant::now() > until {
                bail!("{} of {} are not, such as {}", missing.len(), paid.len(), missing[0]);
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    async fn by_state(&self) -> anyhow::Result<String> {
        let mut kinds = BTreeMap::<&str, BTreeMap<(i64, String), u64>>::new();
        let orders = self.orders().await?;
        for order in &orders {
            let kind = match order.order_id.get(..4) {
                Some("rch_") => "recharges",
                Some("wdr_") => "withdrawals",
                _ => "trades",
            };
            let state = (order.state, order.state_name.clone());
            *kinds.entry(kind).or_default().entry(state).or_default() += 1;
        }
        // Refunds are listed under what they refund: there they show as 61 to 63.
        let stats = self.sandbox.traffic().map(|traffic| traffic.stats()).unwrap_or_default();
        let created = stats.created - stats.kinds.get(&OrderKind::Refund).copied().unwrap_or_default();
        let total = u64::try_from(orders.len())?;
        if total < created || created == 0 {
            bail!("{created} were created by traffic alone, {total} are listed");
        }
        let lines = kinds.iter().map(|(kind, states)| {
            let states: Vec<_> =
                states.iter().map(|((number, name), count)| format!("{number} {name} {count}")).collect();
            format!("{kind}: {}", states.join(", "))
        });
        Ok(format!("{total} in all\n        {}", lines.collect::<Vec<_>>().join("\n        ")))
    }

    fn answers(&self) -> anyhow::Result<String> {
        let stats = self.sandbox.traffic().map(|traffic| traffic.stats()).unwrap_or_default();
        let bad: u64 = stats.unverified.values().chain(stats.refused.values()).sum();
        if bad + stats.unanswered > 0 {
            bail!("{}", serde_json::to_string(&stats)?);
        }
        Ok(format!("{} of {}", stats.created, stats.asked))
    }

    fn callbacks(&self) -> anyhow::Result<String> {
        let totals = self.sandbox.sample().totals();
        if totals.received == 0 || totals.verified != totals.received {
            bail!("{} received, {} verified", totals.received, totals.verified);
        }
        Ok(format!("{} received, all verified and acknowledged", totals.received))
    }

    async fn trial_balance(&self) -> anyhow::Result<String> {
        let mut command = Command::new(supervise::find_program("sluiced")?);
        command.arg("--config").arg(self.sandbox.file().config).args(["ledger", "check"]);
        let output = run_program(command).await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = said.trim().replace('\n', "\n        ");
        if !output.status.success() {
            bail!("{}\n        {said}", output.status);
        }
        Ok(format!("zero\n        {said}"))
    }

    /// All orders of all apps, as their merchants see them.
    async fn orders(&self) -> anyhow::Result<Vec<Order>> {
        let mut all = vec![];
        for merchant in self.sandbox.merchants() {
            for kind in ["recharges", "withdrawals", "trades"] {
                let mut query = "limit=100".to_owned();
                loop {
                    let page = match kind {
                        "recharges" => merchant.recharges(&query).await?,
                        "withdrawals" => merchant.withdrawals(&query).await?,
                        _ => merchant.trades(&query).await?,
                    };
                    all.extend(page.items);
                    match page.next_cursor {
                        Some(cursor) => query = format!("cursor={}&limit=100", percent_encoded(&cursor)),
                        None => break,
                    }
                }
            }
        }
        Ok(all)
    }

    fn merchant(&self, index: usize) -> anyhow::Result<&Merchant> {
        self.sandbox.merchants().get(index).context("the demo has three apps")
    }

    /// Runs the console as a user would, and reads its JSON.
    async fn sluice(&self, args: &[&str]) -> anyhow::Result<Value> {
        let mut command = Command::new(supervise::find_program("sluice")?);
        command.args(args).envs(&self.sandbox.file().env);
        let output = run_program(command).await?;
        if !output.status.success() {
            bail!(
                "`sluice {}`: {}: {}",
                args.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`sluice {}` printed no JSON", args.join(" ")))
    }
}

async fn run_program(mut command: Command) -> anyhow::Result<Output> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    Ok(tokio::time::timeout(Duration::from_secs(30), output).await.context("no end after 30 s")??)
}

async fn create(merchant: &Merchant, minor: i64) -> anyhow::Result<Order> {
    let recharge = NewRecharge::new(format!("DEMO-{}", crate::keys::random_hex(6)), minor);
    let mut order = merchant.create_recharge(&recharge).await?;
    // The provider may have answered the creation with an error; then a task sends it again.
    let until = Instant::now() + Duration::from_secs(10);
    while order.payment.is_none() {
        if Instant::now() > until {
            bail!("{} has no payment after 10 s", order.order_id);
        }
        sleep(Duration::from_millis(200)).await;
        order = merchant.recharge(&order.order_id).await?;
    }
    Ok(order)
}

async fn wait_for(merchant: &Merchant, order_id: &str, states: &[i64]) -> anyhow::Result<Order> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let order = merchant.recharge(order_id).await?;
        if states.contains(&order.state) {
            return Ok(order);
        }
        if Instant::now() > until {
            bail!("{order_id} is {} ({}) after 10 s", order.state, order.state_name);
        }
        sleep(Duration::from_millis(100)).await;
    }
}
