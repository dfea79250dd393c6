//! 64 clients on one user's balance for a while: trades both ways, holds, captures, voids, withdrawals and refunds.
//! Nothing is ever below zero, no journal is lost or there twice, no more is refunded than was paid, and at the end the
//! merchant's books, the ledger and the provider's books agree.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sluice_sim::client::{
    Error, Merchant, Money, NewRecharge, NewRefund, NewTrade, NewWithdrawal, Order, Party,
};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use tokio::task::JoinSet;

use support::audit::{audit, settled};
use support::crowd::Placed;
use support::database::Database;
use support::{SOON, length, measured, stand};

const CLIENTS: usize = 64;

/// The one whose balance all of them want.
const USER: &str = "one";

/// What it has to begin with, in recharges of so much: less than all clients want at once.
const FUNDS: [i64; 20] = [10_000; 20];

/// The most that one order takes.
const MOST: i64 = 4_000;

/// What the clients share.
struct Rush {
    merchant: Merchant,
    until: Instant,
    next: AtomicUsize,
    placed: Mutex<Vec<Placed>>,
    /// What can be refunded, with how much was paid.
    paid: Mutex<Vec<(Order, i64)>>,
    /// Answers by what was asked and what came of it.
    answers: Mutex<BTreeMap<(&'static str, String), usize>>,
}

impl Rush {
    fn number(&self) -> String {
        format!("M-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn any_paid(&self, chance: &mut fastrand::Rng) -> (Order, i64) {
        let paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid[chance.usize(..paid.len())].clone()
    }

    /// Counts an answer. Only a want of money, and an end that came first, are reasons to refuse.
    fn note(&self, what: &'static str, outcome: Result<Order, Error>) -> Option<Order> {
        let (order, said) = match outcome {
            Ok(order) => (Some(order), "done".to_owned()),
            Err(Error::Refused { code, status: 409, .. }) => (None, code),
            Err(error) => panic!("{what}: {error}"),
        };
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner).entry((what, said)).or_default() += 1;
        order
    }

    fn created(&self, what: &'static str, outcome: Result<Order, Error>) -> Option<Order> {
        let order = self.note(what, outcome)?;
        let placed = Placed::new(&self.merchant, &order, 1);
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).push(placed);
        Some(order)
    }

    fn can_be_refunded(&self, order: Order, paid: i64) {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner).push((order, paid));
    }

    fn sum(&self, fits: impl Fn(&str, &str) -> bool) -> usize {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().filter(|((what, said), _)| fits(what, said)).map(|(_, n)| n).sum()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_clients_on_one_balance() {
    let settings = [&support::ALL_KINDS[..], &[r#"channels.alipay.payout_watch=["1s"]"#]].concat();
    let stand = stand(&settings).await;
    let db = Database::open(&stand).await;
    let lasts = Duration::from_secs(length(20, 120));
    let rush = Arc::new(fund(&stand, lasts).await);
    let began = Instant::now();
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        clients.spawn(client(rush.clone(), fastrand::Rng::with_seed(n as u64)));
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let took = began.elapsed();
    settled(&stand, &db, Duration::from_secs(90)).await;
    let placed = std::mem::take(&mut *rush.placed.lock().unwrap_or_else(PoisonError::into_inner));
    let summary = audit(&stand, &db, &placed, false).await;
    support::assert_no_panic(&stand);

    let done = rush.sum(|_, said| said == "done");
    let (poor, over) =
        (rush.sum(|_, said| said == "balance_insufficient"), rush.sum(|_, said| said == "refund_exceeds"));
    for what in ["pay", "earn", "hold", "capture", "void", "withdraw", "refund a trade", "refund a recharge"]
    {
        let done = rush.sum(|asked, said| asked == what && said == "done");
        assert!(done >= 10, "only {done} times: {what}");
    }
    assert!(poor > 100, "the balance was never short: {poor}");
    let asked = rush.sum(|_, _| true);
    let per_second = |n: usize| n as f64 / took.as_secs_f64();
    measured(format!(
        "{CLIENTS} clients on one balance for {:.0} s: {:.0} requests/s answered, {:.0}/s of them moved money; {poor} \
         refused for want of money, {over} refunds of more than was paid; {summary}; {:.0} s in all",
        took.as_secs_f32(),
        per_second(asked),
        per_second(done),
        began.elapsed().as_secs_f32(),
    ));
}

/// Recharges that are paid, so that there is something to take and to refund.
async fn fund(stand: &Stand, lasts: Duration) -> Rush {
    let merchant = stand.merchant(0).await.unwrap();
    let mut rush = Rush {
        merchant: merchant.clone(),
        until: Instant::now(),
        next: AtomicUsize::new(0),
        placed: Mutex::default(),
        paid: Mutex::default(),
        answers: Mutex::default(),
    };
    for minor in FUNDS {
        let mut recharge = NewRecharge::new(rush.number(), minor);
        recharge.user_ref = USER.to_owned();
        let order = rush.created("recharge", merchant.create_recharge(&recharge).await).unwrap();
        stand.control().pay(&order, Plan::Now).await.unwrap();
        let order = stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
        rush.can_be_refunded(order, minor);
    }
    rush.until = Instant::now() + lasts;
    rush
}

/// One client: whatever comes to its mind, again and again.
async fn client(rush: Arc<Rush>, mut chance: fastrand::Rng) {
    let merchant = &rush.merchant;
    while Instant::now() < rush.until {
        let (number, minor) = (rush.number(), chance.i64(1..MOST));
        match chance.u8(..100) {
            0..25 => {
                let trade = NewTrade::direct(number, USER, payee(&mut chance), minor);
                if let Some(order) = rush.created("pay", merchant.create_trade(&trade).await) {
                    rush.can_be_refunded(order, minor);
                }
            }
            // What was paid comes back, so that there is always something to fight for.
            25..50 => {
                let trade = NewTrade::direct(number, "other", Party::user(USER), minor);
                if let Some(order) = rush.created("earn", merchant.create_trade(&trade).await) {
                    rush.can_be_refunded(order, minor);
                }
            }
            50..70 => hold(&rush, number, minor, &mut chance).await,
            70..73 => {
                // Small: what is paid out is gone for good. No amount with a recipe.
                let minor = chance.i64(1..4) * 100 + chance.i64(0..90);
                let withdrawal = NewWithdrawal::new(number, minor).of_user(USER);
                rush.created("withdraw", merchant.create_withdrawal(&withdrawal).await);
            }
            _ => refund(&rush, number, &mut chance).await,
        }
    }
}

/// Mostly the other user, who pays it back: what the app earns comes back by refunds alone.
fn payee(chance: &mut fastrand::Rng) -> Party {
    if chance.u8(..6) == 0 { Party::app() } else { Party::user("other") }
}

async fn hold(rush: &Rush, number: String, minor: i64, chance: &mut fastrand::Rng) {
    let merchant = &rush.merchant;
    let mut trade = NewTrade::authorise(number, USER, payee(chance), minor);
    trade.expires_in = Some("5s".to_owned());
    let Some(order) = rush.created("hold", merchant.create_trade(&trade).await) else { return };
    match chance.u8(..10) {
        // Nobody captures it.
        0 => {}
        1..4 => drop(rush.note("void", merchant.void(&order.order_id).await)),
        // From two sides: one of them comes first.
        4 => {
            let (captured, voided) =
                tokio::join!(merchant.capture(&order.order_id, None), merchant.void(&order.order_id));
            if let Some(order) = rush.note("capture", captured) {
                rush.can_be_refunded(order, minor);
            }
            rush.note("void", voided);
        }
        _ => {
            let part = chance.i64(1..=minor);
            let captured = merchant.capture(&order.order_id, Some(Money::cny(part))).await;
            if let Some(order) = rush.note("capture", captured) {
                rush.can_be_refunded(order, part);
            }
        }
    }
}

async fn refund(rush: &Rush, number: String, chance: &mut fastrand::Rng) {
    let (paid, most) = rush.any_paid(chance);
    let through_channel = paid.order_id.starts_with("rch");
    let minor = match chance.u8(..4) {
        // What goes back through the channel is gone for good. No amount with a recipe.
        _ if through_channel => chance.i64(1..90),
        0 => chance.i64(1..=most),
        // Small parts, so that many refunds of one order meet.
        _ => chance.i64(1..=most / 10 + 1),
    };
    let what = if through_channel { "refund a recharge" } else { "refund a trade" };
    rush.created(what, rush.merchant.refund(&paid.order_id, &NewRefund::new(number, minor)).await);
}
