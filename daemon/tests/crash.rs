//! `kill -9` at random moments under traffic of all kinds: the daemon is started again, and the same audit as ever holds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sluice_sim::stand::Stand;

use support::audit::{audit, settled};
use support::crowd::{Crowd, Plans};
use support::database::Database;
use support::{length, measured, stand, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments() {
    let seed = std::env::var("SLUICE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let kills = length(15, 100);
    let mut stand = stand(&support::ALL_KINDS).await;
    let db = Database::open(&stand).await;
    let began = Instant::now();
    let plans = Plans { seed, orders: usize::MAX, at_once: 24, payable: 10, spending: 60 };
    let crowd = Crowd::start(&stand, plans).await;
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut moments = Vec::new();
    for _ in 0..kills {
        let moment = Duration::from_millis(chance.u64(50..1_200));
        moments.push(moment.as_millis());
        tokio::time::sleep(moment).await;
        kill_and_wait(&mut stand).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let placed = crowd.stop().await;
    settled(&stand, &db, Duration::from_secs(150)).await;
    let summary = audit(&stand, &db, &placed, false).await;
    support::assert_no_panic(&stand);
    assert!(summary.orders > 10 * kills, "too little traffic to prove anything: {summary}");
    for (kind, end) in [("withdraw", "completed"), ("trade", "completed"), ("refund", "completed")] {
        assert!(summary.count(kind, end) >= kills, "too few of {kind}: {summary}");
    }
    measured(format!(
        "seed {seed}: {kills} kills, each so many ms after the daemon was ready: {moments:?}; {summary}; {:.0} s",
        began.elapsed().as_secs_f32()
    ));
}

/// Kills the daemon, and waits until the sandbox has another one that is ready.
async fn kill_and_wait(stand: &mut Stand) {
    let before = stand.file().daemons[0].pid;
    let pid = i32::try_from(before).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    until("another daemon is ready", Duration::from_secs(30), async || {
        let file = stand.reload().map_err(|error| error.to_string())?;
        if file.daemons[0].pid == before {
            return Err("the same process id".to_owned());
        }
        let ready = http.get(format!("{}/readyz", file.api)).send().await;
        match ready {
            Ok(answer) if answer.status().is_success() => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}
