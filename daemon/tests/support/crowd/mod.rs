//! A crowd of merchants and payers: each order has a fate that is drawn from a seed before anything happens.
//!
//! The merchants keep the API's rule: an answer that is missing or unsigned proves nothing, so they ask again with
//! the same number, signed anew, until they know. Recharges are in [`recharging`]; what users do with their money then,
//! in [`spending`].

mod recharging;
mod spending;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sluice_sim::client::{Error, Merchant, Order, OrderKind};
use sluice_sim::control::Control;
use sluice_sim::stand::Stand;
use tokio::task::JoinSet;

/// How long a merchant asks until it knows.
const PATIENCE: Duration = Duration::from_secs(90);

/// Users of each app.
const USERS: u8 = 10;

/// How a crowd behaves.
#[derive(Clone, Copy)]
pub(crate) struct Plans {
    /// Draws every fate.
    pub(crate) seed: u64,
    /// How many orders; the crowd also ends when it is told to.
    pub(crate) orders: usize,
    /// Orders that are being made and paid at once.
    pub(crate) at_once: usize,
    /// How long an order can be paid, in seconds: long enough to be paid in however the provider answers, short enough
    /// for the test to see its end.
    pub(crate) payable: u8,
    /// So many of a hundred are withdrawals, trades and refunds; the others are recharges.
    pub(crate) spending: u8,
}

/// An order that the API took, with what the merchant knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) client_id: String,
    pub(crate) merchant_order_no: String,
    pub(crate) order_id: String,
    /// Answers to its creation, the last one included.
    pub(crate) asked: usize,
}

impl Placed {
    pub(crate) fn new(merchant: &Merchant, order: &Order, asked: usize) -> Self {
        Self {
            client_id: merchant.client_id().to_owned(),
            merchant_order_no: order.merchant_order_no.clone(),
            order_id: order.order_id.clone(),
            asked,
        }
    }

    /// As in the order object's `type`.
    pub(crate) fn kind(&self) -> &'static str {
        OrderKind::of_id(&self.order_id).unwrap().word()
    }
}

/// What all members of a crowd share.
struct Shared {
    plans: Plans,
    merchants: Vec<Merchant>,
    control: Control,
    stop: AtomicBool,
    next: AtomicUsize,
    placed: Mutex<Vec<Placed>>,
    /// Orders that were paid, each with its merchant's place: what can be refunded.
    paid: Mutex<Vec<(usize, Order)>>,
}

impl Shared {
    fn place(&self, one: Placed) {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    fn note_paid(&self, merchant: usize, order: Order) {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner).push((merchant, order));
    }

    /// Something that was paid.
    fn any_paid(&self, chance: &mut fastrand::Rng) -> Option<(usize, Order)> {
        let paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.is_empty() { None } else { Some(paid[chance.usize(..paid.len())].clone()) }
    }
}

/// A crowd at work.
pub(crate) struct Crowd {
    shared: Arc<Shared>,
    working: JoinSet<()>,
}

impl Crowd {
    /// Starts with all apps of the sandbox.
    pub(crate) async fn start(stand: &Stand, plans: Plans) -> Self {
        let mut merchants = Vec::new();
        for index in 0..stand.file().apps.len() {
            merchants.push(stand.merchant(index).await.unwrap());
        }
        let shared = Arc::new(Shared {
            plans,
            merchants,
            control: stand.control(),
            stop: AtomicBool::default(),
            next: AtomicUsize::default(),
            placed: Mutex::default(),
            paid: Mutex::default(),
        });
        let mut working = JoinSet::new();
        for _ in 0..plans.at_once {
            working.spawn(work(shared.clone()));
        }
        Self { shared, working }
    }

    /// Begins no more orders, and gives those that were placed once all are through.
    pub(crate) async fn stop(self) -> Vec<Placed> {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.all().await
    }

    /// All orders, once the last one is through.
    pub(crate) async fn all(mut self) -> Vec<Placed> {
        while let Some(ended) = self.working.join_next().await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        std::mem::take(&mut *self.shared.placed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn work(shared: Arc<Shared>) {
    while !shared.stop.load(Ordering::Relaxed) {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        if number >= shared.plans.orders {
            return;
        }
        // Each order has its own chance: what the others do does not change it.
        let mut chance = fastrand::Rng::with_seed(shared.plans.seed ^ (number as u64) << 20);
        let merchant = chance.usize(..shared.merchants.len());
        // Nothing can be spent before something was recharged.
        if chance.u8(..100) < shared.plans.spending && number >= 4 * usize::from(USERS) {
            spending::live(&shared, merchant, number, &mut chance).await;
        } else {
            recharging::live(&shared, merchant, number, &mut chance).await;
        }
    }
}

/// Asks until there is an answer that proves something: the order, or the code of the refusal; and how often it asked.
async fn until_known<F>(what: &str, ask: impl Fn() -> F) -> (Result<Order, String>, usize)
where
    F: Future<Output = Result<Order, Error>>,
{
    let end = Instant::now() + PATIENCE;
    for asked in 1.. {
        match ask().await {
            Ok(order) => return (Ok(order), asked),
            Err(Error::Refused { code, status, .. }) if status < 500 => return (Err(code), asked),
            Err(error) => {
                // A fault of the other side's, or none of its words: what came of it is unknown.
                let unknown = matches!(error, Error::Transport(_) | Error::Unverified { .. });
                assert!(unknown, "{what}: {error}");
                assert!(Instant::now() < end, "{what}: no proof: {error}");
            }
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    unreachable!("patience ends first")
}
