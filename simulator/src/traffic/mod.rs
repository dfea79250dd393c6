//! Merchants and their users by themselves, at a given rate: people recharge and pay (or not) as payers do, spend
//! what they have, take money out, and get money back.
//!
//! `intent` draws what is wanted, `act` does it, `tally` counts what became of it.

mod act;
mod intent;
mod tally;

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use crate::client::Merchant;
use crate::keys;
use crate::merchant::SampleMerchant;
use crate::simulator::Simulator;
use act::{Sequel, Shop};
use intent::Intent;
pub use tally::Stats;
use tally::Tally;

/// The most orders that are being created at once; beyond that the daemon cannot keep up, and orders are left out.
const IN_FLIGHT: usize = 512;

/// The most payers and shops that are making up their minds at once.
const UNDECIDED: usize = 20_000;

/// How the traffic runs.
#[derive(Clone, Debug)]
pub struct Plans {
    /// Orders a second, over all apps.
    pub per_second: f64,
    /// The same seed makes the same wishes in the same order.
    pub seed: u64,
    /// `expires_in` of every recharge; absent: the daemon's default.
    pub expires_in: Option<String>,
    /// Which orders are made.
    pub mix: Mix,
}

/// Which orders are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Recharges alone.
    Recharges,
    /// All kinds: whoever has money spends it.
    Everything,
}

/// Traffic under way. Dropping it stops it.
#[derive(Debug)]
pub struct Traffic {
    tally: Arc<Tally>,
    driver: JoinHandle<()>,
}

impl Traffic {
    /// Starts it. The merchants must have tokens; `sample` is where they are called back, and knows what their users
    /// have.
    pub fn start(
        merchants: Vec<Merchant>,
        simulator: Arc<Simulator>,
        sample: Arc<SampleMerchant>,
        plans: Plans,
    ) -> Self {
        let tally = Arc::<Tally>::default();
        let shop = |merchant| Shop {
            merchant,
            simulator: Arc::clone(&simulator),
            sample: Arc::clone(&sample),
            tally: Arc::clone(&tally),
        };
        let shops = merchants.into_iter().map(shop).collect();
        let driver = tokio::spawn(drive(shops, plans, Arc::clone(&tally)));
        Self { tally, driver }
    }

    /// What has become of it so far.
    pub fn stats(&self) -> Stats {
        self.tally.stats()
    }

    /// No more orders from now on; payers who hold one still pay it.
    pub fn stop(&self) {
        self.driver.abort();
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn drive(shops: Vec<Shop>, plans: Plans, tally: Arc<Tally>) {
    if shops.is_empty() || plans.per_second <= 0.0 {
        return;
    }
    let mut chance = fastrand::Rng::with_seed(plans.seed);
    // Orders of another run with the same seed are other orders.
    let run = keys::random_hex(4);
    let lanes = Arc::new(Semaphore::new(IN_FLIGHT));
    let undecided = Arc::new(Semaphore::new(UNDECIDED));
    // Beyond 200 orders a second the timer is too coarse: several start at one tick.
    let per_tick = (plans.per_second / 200.0).ceil().max(1.0);
    let mut tick =
        tokio::time::interval_at(Instant::now(), Duration::from_secs_f64(per_tick / plans.per_second));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        for _ in 0..per_tick as u64 {
            let number = format!("T{run}-{}", tally.next_number());
            let shop = shops[chance.usize(..shops.len())].clone();
            let intent = Intent::draw(&mut chance, number, plans.expires_in.as_ref(), plans.mix);
            let Ok(lane) = Arc::clone(&lanes).try_acquire_owned() else {
                tally.count(|stats| stats.left_out += 1);
                continue;
            };
            let undecided = Arc::clone(&undecided);
            tokio::spawn(async move {
                let sequel = shop.ask(&intent).await;
                drop(lane);
                if let (Some(sequel), Ok(_seat)) = (sequel, undecided.try_acquire()) {
                    match sequel {
                        Sequel::Payer(order) => shop.pay(order, &intent.recharge).await,
                        Sequel::Held(order, later) => shop.finish(order, later).await,
                    }
                }
            });
        }
    }
}
