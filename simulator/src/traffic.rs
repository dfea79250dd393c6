//! Merchants and payers by themselves: recharges at a given rate, paid (or not) as payers do.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

use crate::client::{Error, Merchant, NewRecharge, Order};
use crate::control::Act;
use crate::keys;
use crate::provider::Plan;
use crate::simulator::Simulator;

/// The most orders that are being created at once; beyond that the daemon cannot keep up, and orders are left out.
const IN_FLIGHT: usize = 512;

/// The most payers that are making up their minds at once.
const PAYERS: usize = 20_000;

/// What people buy, and for how much (fen). None of the amounts is a recipe.
const GOODS: [(&str, &[i64]); 8] = [
    ("话费充值", &[1_000, 3_000, 5_000, 10_000, 20_000]),
    ("会员月卡", &[1_500, 2_500, 3_000]),
    ("游戏点券", &[600, 3_000, 6_800, 12_800, 32_800, 64_800]),
    ("校园卡充值", &[5_000, 10_000, 20_000]),
    ("乘车码余额", &[2_000, 5_000]),
    ("外卖红包 + 加餐", &[1_250, 1_880, 2_660]),
    ("书店储值卡", &[8_888, 16_666, 50_000]),
    ("水电燃气缴费", &[7_342, 11_627, 23_405]),
];

/// One in so many orders has a recipe's amount.
const RECIPE_EVERY: u64 = 40;

/// How the traffic runs.
#[derive(Clone, Debug)]
pub struct Plans {
    /// Orders a second, over all apps.
    pub per_second: f64,
    /// The same seed makes the same orders in the same order.
    pub seed: u64,
    /// `expires_in` of every order; absent: the daemon's default.
    pub expires_in: Option<String>,
}

/// What became of the traffic.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// Recharges that were asked for.
    pub asked: u64,
    /// Created, with an answer that verified.
    pub created: u64,
    /// Left out because the daemon could not keep up.
    pub left_out: u64,
    /// No answer.
    pub unanswered: u64,
    /// Answers without a valid signature, by code (`none`: not even that).
    pub unverified: BTreeMap<String, u64>,
    /// Signed refusals, by code.
    pub refused: BTreeMap<String, u64>,
    /// Paid by a payer.
    pub paid: u64,
    /// Given up by the payer.
    pub abandoned: u64,
    /// The provider would not take the payment (any more).
    pub pay_failed: u64,
}

/// Traffic under way. Dropping it stops it.
#[derive(Debug)]
pub struct Traffic {
    stats: Arc<Tally>,
    driver: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Tally {
    stats: Mutex<Stats>,
    last_number: AtomicU64,
}

impl Tally {
    fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut self.stats.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// One order and its payer's will, drawn from the seed before anything happens.
#[derive(Debug)]
struct Intent {
    recharge: NewRecharge,
    patience: Duration,
    /// Absent: never pays by himself.
    notify: Option<Plan>,
}

impl Traffic {
    /// Starts it. The merchants must have tokens.
    pub fn start(merchants: Vec<Merchant>, simulator: Arc<Simulator>, plans: Plans) -> Self {
        let stats = Arc::<Tally>::default();
        let driver = tokio::spawn(drive(merchants, simulator, plans, Arc::clone(&stats)));
        Self { stats, driver }
    }

    /// What has become of it so far.
    pub fn stats(&self) -> Stats {
        self.stats.stats.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

async fn drive(merchants: Vec<Merchant>, simulator: Arc<Simulator>, plans: Plans, tally: Arc<Tally>) {
    if merchants.is_empty() || plans.per_second <= 0.0 {
        return;
    }
    let mut chance = fastrand::Rng::with_seed(plans.seed);
    // Orders of another run with the same seed are other orders.
    let run = keys::random_hex(4);
    let lanes = Arc::new(Semaphore::new(IN_FLIGHT));
    let payers = Arc::new(Semaphore::new(PAYERS));
    // Beyond 200 orders a second the timer is too coarse: several start at one tick.
    let per_tick = (plans.per_second / 200.0).ceil().max(1.0);
    let mut tick =
        tokio::time::interval_at(Instant::now(), Duration::from_secs_f64(per_tick / plans.per_second));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        for _ in 0..per_tick as u64 {
            let number = tally.last_number.fetch_add(1, Ordering::Relaxed);
            let merchant = merchants[chance.usize(..merchants.len())].clone();
            let intent = intend(&mut chance, &format!("T{run}-{number}"), plans.expires_in.as_ref());
            let Ok(lane) = Arc::clone(&lanes).try_acquire_owned() else {
                tally.count(|stats| stats.left_out += 1);
                continue;
            };
            let (simulator, tally, payers) =
                (Arc::clone(&simulator), Arc::clone(&tally), Arc::clone(&payers));
            tokio::spawn(async move {
                let order = ask(&merchant, &intent.recharge, &tally).await;
                drop(lane);
                if let (Some(order), Ok(_seat)) = (order, payers.try_acquire()) {
                    decide(&simulator, order, &intent, &tally).await;
                }
            });
        }
    }
}

fn intend(chance: &mut fastrand::Rng, number: &str, expires_in: Option<&String>) -> Intent {
    let (subject, amounts) = GOODS[chance.usize(..GOODS.len())];
    let mut amount = amounts[chance.usize(..amounts.len())];
    let is_recipe = chance.u64(..RECIPE_EVERY) == 0;
    if is_recipe {
        amount = amount / 100 * 100 + chance.i64(90..100);
    }
    let mut recharge = NewRecharge::new(number, amount);
    recharge.subject = subject.to_owned();
    recharge.user_ref = format!("user-{:04}", chance.u32(..2_000));
    recharge.expires_in = expires_in.cloned();
    if chance.u8(..5) == 0 {
        recharge.method = "page".to_owned();
    }
    let notify = match chance.u8(..100) {
        _ if is_recipe => None,
        0..78 => Some(Plan::Now),
        78..82 => Some(Plan::Twice),
        82..86 => Some(Plan::AfterMs(chance.u64(200..2_000))),
        86..90 => Some(Plan::Never),
        _ => None,
    };
    Intent { recharge, patience: Duration::from_millis(chance.u64(100..1_500)), notify }
}

async fn ask(merchant: &Merchant, recharge: &NewRecharge, tally: &Tally) -> Option<Order> {
    tally.count(|stats| stats.asked += 1);
    let answer = merchant.create_recharge(recharge).await;
    tally.count(|stats| match &answer {
        Ok(_) => stats.created += 1,
        Err(Error::Refused { code, .. }) => *stats.refused.entry(code.clone()).or_default() += 1,
        Err(error @ (Error::Unverified { .. } | Error::Shape(_))) => {
            *stats.unverified.entry(error.code().unwrap_or("none").to_owned()).or_default() += 1;
        }
        Err(_) => stats.unanswered += 1,
    });
    // A restarted daemon may have been given a database that does not know the token.
    if answer.as_ref().is_err_and(|error| error.code() == Some("token_invalid")) {
        let _ = merchant.login().await;
    }
    answer.ok()
}

async fn decide(simulator: &Simulator, order: Order, intent: &Intent, tally: &Tally) {
    let (Some(channel_ref), Some(payment)) = (order.channel_ref, order.payment) else { return };
    tokio::time::sleep(intent.patience).await;
    let Some(notify) = intent.notify else {
        // A recipe's page still has to be opened by somebody.
        let mut act = Act::pay(Some(payment), Plan::Never);
        act.action = crate::control::Action::Scan;
        let _ = simulator.act(&channel_ref, act).await;
        tally.count(|stats| stats.abandoned += 1);
        return;
    };
    let paid = simulator.act(&channel_ref, Act::pay(Some(payment), notify)).await;
    tally.count(|stats| if paid.is_ok() { stats.paid += 1 } else { stats.pay_failed += 1 });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::recipe::Recipe;

    #[test]
    fn a_seed_makes_the_same_orders() {
        let orders = |seed| {
            let mut chance = fastrand::Rng::with_seed(seed);
            (0..200).map(|n| format!("{:?}", intend(&mut chance, &n.to_string(), None))).collect::<Vec<_>>()
        };
        assert_eq!(orders(1), orders(1));
        assert_ne!(orders(1), orders(2));
    }

    #[test]
    fn goods_have_no_recipe_and_recipes_pay_themselves() {
        for amount in GOODS.iter().flat_map(|(_, amounts)| *amounts) {
            assert_eq!(Recipe::of(*amount), None, "{amount}");
        }
        let mut chance = fastrand::Rng::with_seed(3);
        let intents: Vec<_> = (0..4_000).map(|_| intend(&mut chance, "n", None)).collect();
        let recipes = intents.iter().filter(|i| Recipe::of(i.recharge.amount.minor).is_some());
        let (mut count, mut paid_by_hand) = (0, 0);
        for intent in recipes {
            count += 1;
            paid_by_hand += u32::from(intent.notify.is_some());
        }
        assert!((60..140).contains(&count), "{count}");
        assert_eq!(paid_by_hand, 0);
    }
}
