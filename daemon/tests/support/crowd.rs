//! A crowd of merchants and payers: each order has a fate that is drawn from a seed before anything happens.
//!
//! The merchants keep the API's rule: an answer that is missing or unsigned proves nothing, so they ask again with
//! the same number, signed anew, until they know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sluice_sim::client::{Error, Merchant, NewRecharge, Order};
use sluice_sim::control::{Act, Action, Control};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// How long a merchant asks until it knows.
const PATIENCE: Duration = Duration::from_secs(90);

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
}

/// What happens to one order.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Paid(Plan),
    Unpaid,
    ClosedByMerchant,
    /// The amount's last two digits make it happen.
    Recipe(i64),
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

/// A crowd at work.
pub(crate) struct Crowd {
    stop: Arc<AtomicBool>,
    placed: Arc<Mutex<Vec<Placed>>>,
    working: JoinSet<()>,
}

impl Crowd {
    /// Starts with all apps of the sandbox.
    pub(crate) async fn start(stand: &Stand, plans: Plans) -> Self {
        let mut merchants = Vec::new();
        for index in 0..stand.file().apps.len() {
            merchants.push(stand.merchant(index).await.unwrap());
        }
        let merchants = Arc::new(merchants);
        let (stop, placed) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<Placed>>>::default());
        let next = Arc::new(AtomicUsize::new(0));
        let mut working = JoinSet::new();
        for _ in 0..plans.at_once {
            let (stop, placed, next) = (stop.clone(), placed.clone(), next.clone());
            let (merchants, control) = (merchants.clone(), stand.control());
            working.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= plans.orders {
                        return;
                    }
                    // Each order has its own chance: what the others do does not change it.
                    let mut chance = fastrand::Rng::with_seed(plans.seed ^ (number as u64) << 20);
                    let merchant = &merchants[chance.usize(..merchants.len())];
                    let one = live(merchant, &control, number, plans.payable, &mut chance).await;
                    placed.lock().await.push(one);
                }
            });
        }
        Self { stop, placed, working }
    }

    /// How many orders it has placed so far.
    pub(crate) async fn count(&self) -> usize {
        self.placed.lock().await.len()
    }

    /// Begins no more orders, and gives those that were placed once all are through.
    pub(crate) async fn stop(self) -> Vec<Placed> {
        self.stop.store(true, Ordering::Relaxed);
        self.all().await
    }

    /// All orders, once the last one is through.
    pub(crate) async fn all(mut self) -> Vec<Placed> {
        while let Some(ended) = self.working.join_next().await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        std::mem::take(&mut *self.placed.lock().await)
    }
}

/// One order from its creation to what its payer does.
async fn live(
    merchant: &Merchant,
    control: &Control,
    number: usize,
    payable: u8,
    chance: &mut fastrand::Rng,
) -> Placed {
    let fate = draw(chance);
    let recharge = recharge(number, fate, payable, chance);
    let (order, asked) = create(merchant, &recharge).await;
    let placed = Placed {
        client_id: merchant.client_id().to_owned(),
        merchant_order_no: recharge.merchant_order_no.clone(),
        order_id: order.order_id.clone(),
        asked,
    };
    let Some(order) = with_payment(merchant, order).await else { return placed };
    tokio::time::sleep(Duration::from_millis(chance.u64(10..300))).await;
    match fate {
        Fate::Paid(notify) => pay(control, &order, notify).await,
        // A page's recipe begins when somebody opens it.
        Fate::Recipe(_) => {
            act(control, &order, Act { action: Action::Scan, ..Act::pay(None, Plan::Never) }).await
        }
        Fate::ClosedByMerchant => close(merchant, &order).await,
        Fate::Unpaid => {}
    }
    placed
}

fn draw(chance: &mut fastrand::Rng) -> Fate {
    match chance.u8(..100) {
        0..44 => Fate::Paid(Plan::Now),
        44..54 => Fate::Paid(Plan::Never),
        54..62 => Fate::Paid(Plan::Twice),
        62..68 => Fate::Paid(Plan::AfterMs(700)),
        68..76 => Fate::Unpaid,
        76..84 => Fate::ClosedByMerchant,
        _ => Fate::Recipe(chance.i64(90..100)),
    }
}

fn recharge(number: usize, fate: Fate, payable: u8, chance: &mut fastrand::Rng) -> NewRecharge {
    let digits = match fate {
        Fate::Recipe(digits) => digits,
        _ => chance.i64(0..90),
    };
    let mut recharge = NewRecharge::new(format!("C-{number}"), chance.i64(1..500) * 100 + digits);
    recharge.user_ref = format!("user-{}", chance.u8(..40));
    if chance.u8(..4) == 0 {
        recharge.method = "page".to_owned();
    }
    let seconds = match fate {
        Fate::Unpaid | Fate::Recipe(92 | 93) => chance.u8(2..5),
        _ => payable,
    };
    recharge.expires_in = Some(format!("{seconds}s"));
    recharge
}

/// Asks until there is an answer that proves something.
async fn create(merchant: &Merchant, recharge: &NewRecharge) -> (Order, usize) {
    let end = Instant::now() + PATIENCE;
    for asked in 1.. {
        match merchant.create_recharge(recharge).await {
            Ok(order) => return (order, asked),
            Err(error @ (Error::Transport(_) | Error::Unverified { .. })) => {
                assert!(Instant::now() < end, "{}: no proof: {error}", recharge.merchant_order_no);
            }
            Err(error) => panic!("{}: {error}", recharge.merchant_order_no),
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    unreachable!("patience ends first")
}

/// Waits for what the payer is shown; `None` where the order ended, or the creation's answer is lost for good.
async fn with_payment(merchant: &Merchant, mut order: Order) -> Option<Order> {
    let end = Instant::now() + Duration::from_secs(20);
    while order.payment.is_none() {
        if order.state != 0 || Instant::now() > end {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        if let Ok(now) = merchant.recharge(&order.order_id).await {
            order = now;
        }
    }
    Some(order)
}

async fn pay(control: &Control, order: &Order, notify: Plan) {
    act(control, order, Act::pay(None, notify)).await;
}

async fn act(control: &Control, order: &Order, act: Act) {
    let act = Act { payment: order.payment.clone(), ..act };
    // The provider may have closed it meanwhile; then its books say so, and they are what the audit goes by.
    let _ = control.act(order.channel_ref.as_deref().unwrap_or_default(), &act).await;
}

async fn close(merchant: &Merchant, order: &Order) {
    let end = Instant::now() + PATIENCE;
    loop {
        match merchant.close_recharge(&order.order_id).await {
            Ok(_) => return,
            Err(Error::Refused { code, .. }) if code == "order_paid" => return,
            Err(error @ (Error::Transport(_) | Error::Unverified { .. })) => {
                assert!(Instant::now() < end, "{}: no proof of the close: {error}", order.order_id);
            }
            Err(error) => panic!("closing {}: {error}", order.order_id),
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}
