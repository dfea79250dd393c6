//! What users and merchants do with money that is there: withdraw it, pay with it, give it back.
//!
//! Whether there is enough is the daemon's to say: a refusal for want of money is as good as an order.

use std::time::Duration;

use sluice_sim::client::{Error, Merchant, Money, NewRefund, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::provider::course::Outcome;

use super::{Placed, Shared, USERS, until_known};

/// What may be said instead of an order.
const NOT_NOW: [&str; 3] = ["balance_insufficient", "refund_exceeds", "state_conflict"];

pub(super) async fn live(shared: &Shared, at: usize, number: usize, chance: &mut fastrand::Rng) {
    match chance.u8(..10) {
        0..3 => withdraw(shared, at, number, chance).await,
        3..7 => trade(shared, at, number, chance).await,
        _ => match shared.any_paid(chance) {
            Some((at, paid)) => refund(shared, at, &paid, number, chance).await,
            None => trade(shared, at, number, chance).await,
        },
    }
}

fn user(chance: &mut fastrand::Rng) -> String {
    format!("user-{}", chance.u8(..USERS))
}

/// Creates an order, or hears that there is no money for it now.
async fn place<F>(shared: &Shared, merchant: &Merchant, number: &str, ask: impl Fn() -> F) -> Option<Order>
where
    F: Future<Output = Result<Order, Error>>,
{
    let (made, asked) = until_known(number, ask).await;
    match made {
        Ok(order) => {
            shared.place(Placed::new(merchant, &order, asked));
            Some(order)
        }
        Err(code) => {
            assert!(NOT_NOW.contains(&code.as_str()), "{number}: {code}");
            None
        }
    }
}

async fn withdraw(shared: &Shared, at: usize, number: usize, chance: &mut fastrand::Rng) {
    let merchant = &shared.merchants[at];
    // Returned, refused in two ways, late, unanswered, failed late, worked on until somebody says how it ends.
    let digits = match chance.u8(..100) {
        0..60 => chance.i64(0..90),
        60..70 => 92,
        _ => chance.i64(94..100),
    };
    let wanted =
        NewWithdrawal::new(format!("C-{number}"), chance.i64(1..60) * 100 + digits).of_user(user(chance));
    let asking = || merchant.create_withdrawal(&wanted);
    let Some(order) = place(shared, merchant, &wanted.merchant_order_no, asking).await else { return };
    if digits == 95 {
        let outcome = if chance.bool() { Outcome::Success } else { Outcome::Failed };
        decided_later(shared, &order, outcome).await;
    }
    if chance.u8(..8) == 0 {
        let cancelling = || merchant.cancel_withdrawal(&order.order_id);
        if let (Err(code), _) = until_known(&order.order_id, cancelling).await {
            assert_eq!(code, "state_conflict", "cancelling {}", order.order_id);
        }
    }
}

/// A payout or refund that the provider works on until it is said how it ends. Said before the provider has heard of
/// the number, it counts as well.
async fn decided_later(shared: &Shared, order: &Order, outcome: Outcome) {
    tokio::time::sleep(Duration::from_millis(700)).await;
    let channel_ref = order.channel_ref.as_deref().unwrap_or_default();
    if order.order_id.starts_with("wdr") {
        shared.control.payout_result(channel_ref, outcome, 0).await.unwrap();
    } else {
        shared.control.refund_result(channel_ref, outcome, 0).await.unwrap();
    }
}

async fn trade(shared: &Shared, at: usize, number: usize, chance: &mut fastrand::Rng) {
    let merchant = &shared.merchants[at];
    let from = user(chance);
    let to = match chance.u8(..USERS) {
        _ if chance.bool() => Party::app(),
        n if format!("user-{n}") == from => Party::app(),
        n => Party::user(format!("user-{n}")),
    };
    let (minor, name) = (chance.i64(100..6_000), format!("C-{number}"));
    let held = chance.u8(..5) < 3;
    let mut wanted = if held {
        NewTrade::authorise(name, from, to, minor)
    } else {
        NewTrade::direct(name, from, to, minor)
    };
    if held {
        wanted.expires_in = Some(format!("{}s", chance.u8(2..5)));
    }
    let asking = || merchant.create_trade(&wanted);
    let Some(order) = place(shared, merchant, &wanted.merchant_order_no, asking).await else { return };
    if !held {
        shared.note_paid(at, order);
        return;
    }
    tokio::time::sleep(Duration::from_millis(chance.u64(..300))).await;
    let ended = match chance.u8(..10) {
        // Nobody captures it: it expires.
        0..2 => return,
        2..4 => until_known(&order.order_id, || merchant.void(&order.order_id)).await.0,
        part => {
            let amount = (part < 8).then(|| Money::cny(chance.i64(1..=minor)));
            let capturing = || merchant.capture(&order.order_id, amount.clone());
            until_known(&order.order_id, capturing).await.0
        }
    };
    match ended {
        Ok(order) if order.captured.is_some() => shared.note_paid(at, order),
        Ok(_) => {}
        // Its time was over first.
        Err(code) => assert_eq!(code, "state_conflict", "ending {}", order.order_id),
    }
}

async fn refund(shared: &Shared, at: usize, paid: &Order, number: usize, chance: &mut fastrand::Rng) {
    let merchant = &shared.merchants[at];
    let most = paid.captured.as_ref().unwrap_or(&paid.amount).minor;
    let through_channel = paid.order_id.starts_with("rch");
    // Not all that the sandbox can do: what is accepted and fails later is left to people.
    let recipes = [90, 91, 95, 96, 97, 99];
    let recipe = (through_channel && most > 200 && chance.u8(..3) == 0)
        .then(|| *chance.choice(&recipes).unwrap_or(&90));
    let minor = match (recipe, chance.u8(..4)) {
        (Some(digits), _) => chance.i64(0..most / 100) * 100 + digits,
        // All of it, and now and then more than that.
        (None, 0) => most + i64::from(chance.u8(..5) == 0),
        (None, _) => chance.i64(1..=most),
    };
    let minor =
        if recipe.is_none() && through_channel && minor % 100 >= 90 { minor - 10 } else { minor }.max(1);
    let wanted = NewRefund::new(format!("C-{number}"), minor);
    let asking = || merchant.refund(&paid.order_id, &wanted);
    let Some(order) = place(shared, merchant, &wanted.merchant_order_no, asking).await else { return };
    if recipe == Some(95) {
        decided_later(shared, &order, Outcome::Success).await;
    }
}
