//! The payer: opens a payment, pays it, and plays the recipes.

use std::sync::Arc;
use std::time::Duration;

use super::order::{ClosedBy, Order, Refusal, State};
use super::recipe::{LATE, PAYER_DELAY, Recipe};
use super::{Channel, Gateway, Plan};
use crate::clock;

/// How a payer pays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pay {
    /// Another amount than asked, minor units.
    pub amount_minor: Option<i64>,
    /// When the provider tells of it.
    pub notify: Plan,
    /// A paid order takes money a second time.
    pub again: bool,
}

/// Opens the order at the provider. `None` if the provider does not know the number.
pub fn scan(gateway: &dyn Gateway, channel_ref: &str) -> Option<Order> {
    let books = gateway.books();
    let ((), order) = books.change(channel_ref, |order| {
        order.scan(clock::now_ms(), || trade_number(gateway));
    })?;
    Some(order)
}

/// Pays the order, opening it first where needed, and starts its notification. `None` if the provider does not
/// know the number.
pub fn pay(gateway: &dyn Gateway, channel_ref: &str, how: Pay) -> Option<Result<Order, Refusal>> {
    let books = gateway.books();
    let (event, order) = books.change(channel_ref, |order| {
        let amount = how.amount_minor.unwrap_or(order.amount_minor);
        order.pay(amount, how.again, clock::now_ms(), || trade_number(gateway))
    })?;
    Some(event.map(|event| {
        gateway.notify(&order, event, how.notify);
        order
    }))
}

/// The provider itself closes the order (which implies that there is a trade to close).
pub fn close(gateway: &dyn Gateway, channel_ref: &str) -> Option<Result<Order, Refusal>> {
    let books = gateway.books();
    let (closed, order) = books.change(channel_ref, |order| {
        let now = clock::now_ms();
        order.scan(now, || trade_number(gateway));
        order.close(ClosedBy::Provider, now)
    })?;
    Some(closed.map(|()| order))
}

/// Starts what the order's amount asks for; returns how long its creation's answer is to be held back.
pub fn follow_recipe(gateway: &Arc<dyn Gateway>, order: &Order) -> Duration {
    let Some(recipe) = order.recipe else { return Duration::ZERO };
    let (gateway, channel_ref, amount) = (Arc::clone(gateway), order.channel_ref.clone(), order.amount_minor);
    let pay = move |gateway: &dyn Gateway, channel_ref: &str, notify, amount_minor| {
        let _ = pay(gateway, channel_ref, Pay { amount_minor, notify, again: false });
    };
    if recipe == Recipe::NotifiedBeforeAnswer {
        pay(&*gateway, &channel_ref, Plan::Now, None);
        return PAYER_DELAY;
    }
    tokio::spawn(async move {
        tokio::time::sleep(PAYER_DELAY).await;
        let gateway = &*gateway;
        match recipe {
            Recipe::NotifiedTwice => pay(gateway, &channel_ref, Plan::Twice, None),
            Recipe::AmountMismatch => pay(gateway, &channel_ref, Plan::Now, Some(amount - 1)),
            Recipe::NeverNotified => pay(gateway, &channel_ref, Plan::Never, None),
            Recipe::NotifiedLate => {
                let late = u64::try_from(LATE.as_millis()).unwrap_or(u64::MAX);
                pay(gateway, &channel_ref, Plan::AfterMs(late), None);
            }
            Recipe::PaidTwice => {
                pay(gateway, &channel_ref, Plan::Now, None);
                tokio::time::sleep(PAYER_DELAY).await;
                let again = Pay { again: true, ..Pay::default() };
                let _ = self::pay(gateway, &channel_ref, again);
            }
            Recipe::ClosedByChannel => drop(close(gateway, &channel_ref)),
            Recipe::SuccessAfterClose | Recipe::WaitsForEver => drop(scan(gateway, &channel_ref)),
            Recipe::NotifiedBeforeAnswer | Recipe::RefusedAtCreation => {}
        }
    });
    Duration::ZERO
}

/// Call it when the merchant's server is about to be told of the order: if it is closed, the recipe
/// `success_after_close` pays now, once.
pub fn after_close_if_closed(gateway: &Arc<dyn Gateway>, order: &Order) {
    let closed = order.state == State::Closed && order.recipe == Some(Recipe::SuccessAfterClose);
    if !closed || order.recipe_done {
        return;
    }
    let first = |order: &mut Order| !std::mem::replace(&mut order.recipe_done, true);
    if !gateway.books().change(&order.channel_ref, first).is_some_and(|(first, _)| first) {
        return;
    }
    let (gateway, channel_ref) = (Arc::clone(gateway), order.channel_ref.clone());
    tokio::spawn(async move {
        tokio::time::sleep(PAYER_DELAY).await;
        let _ = pay(&*gateway, &channel_ref, Pay::default());
    });
}

/// The provider's own number for a new trade.
fn trade_number(gateway: &dyn Gateway) -> String {
    let number = gateway.books().next_number();
    match gateway.channel() {
        // 28 digits: the day, the product's digits, a running number.
        Channel::Alipay => format!("{}2200144{number:013}", clock::beijing_date(clock::now_ms())),
    }
}
