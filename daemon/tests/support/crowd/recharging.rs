//! One recharge from its creation to what its payer does.

use std::time::{Duration, Instant};

use sluice_sim::client::{Merchant, NewRecharge, Order};
use sluice_sim::control::{Act, Action, Control};
use sluice_sim::provider::Plan;

use super::{Placed, Shared, USERS, until_known};

/// What happens to it.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Paid(Plan),
    Unpaid,
    ClosedByMerchant,
    /// The amount's last two digits make it happen.
    Recipe(i64),
}

pub(super) async fn live(shared: &Shared, at: usize, number: usize, chance: &mut fastrand::Rng) {
    let (merchant, control) = (&shared.merchants[at], &shared.control);
    let fate = draw(chance);
    let recharge = recharge(number, fate, shared.plans.payable, chance);
    let (order, asked) = create(merchant, &recharge).await;
    shared.place(Placed::new(merchant, &order, asked));
    let Some(order) = with_payment(merchant, order).await else { return };
    tokio::time::sleep(Duration::from_millis(chance.u64(10..300))).await;
    match fate {
        Fate::Paid(notify) => {
            pay(control, &order, notify).await;
            shared.note_paid(at, order);
        }
        // A page's recipe begins when somebody opens it.
        Fate::Recipe(_) => {
            act(control, &order, Act { action: Action::Scan, ..Act::pay(None, Plan::Never) }).await;
        }
        Fate::ClosedByMerchant => close(merchant, &order).await,
        Fate::Unpaid => {}
    }
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
    recharge.user_ref = format!("user-{}", chance.u8(..USERS));
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

async fn create(merchant: &Merchant, recharge: &NewRecharge) -> (Order, usize) {
    let number = &recharge.merchant_order_no;
    let (order, asked) = until_known(number, || merchant.create_recharge(recharge)).await;
    (order.unwrap_or_else(|code| panic!("{number}: {code}")), asked)
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
    let closing = || merchant.close_recharge(&order.order_id);
    let (closed, _) = until_known(&order.order_id, closing).await;
    if let Err(code) = closed {
        assert_eq!(code, "order_paid", "closing {}", order.order_id);
    }
}
