//! The audit: the provider's own books against the daemon's orders, against its ledger, against what the merchant
//! received and booked. Nothing lost, nothing twice.
//!
//! Reading order: this file, [`rows`] (what the daemon's database says), [`provider`] (payments, refunds and payouts),
//! [`ledger`] (each order's journals, and what everybody has by them), [`merchant`] (callbacks, and the merchant's own
//! books).

mod ledger;
mod merchant;
mod provider;
mod rows;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use sluice_sim::stand::Stand;

use super::crowd::Placed;
use super::database::Database;
use super::until;
use provider::Provider;
use rows::Books;
pub(crate) use summary::Summary;

/// Waits until the daemon has nothing left to do by itself, and knows of every payment.
pub(crate) async fn settled(stand: &Stand, db: &Database, within: Duration) {
    until("nothing is left to do", within, async || {
        let tasks =
            db.texts("SELECT kind || ' ' || subject || ' ' || coalesce(last_error, '') FROM task").await;
        if !tasks.is_empty() {
            return Err(format!("{} tasks, such as {}", tasks.len(), tasks[0]));
        }
        let known = rows::known_payments(db).await;
        let provider = Provider::read(stand).await;
        let unknown = provider.payments().filter(|(_, payment)| !known.contains(payment.number())).count();
        if unknown == 0 { Ok(()) } else { Err(format!("{unknown} payments that the daemon does not know")) }
    })
    .await;
}

/// Holds all books against each other. `lies`: the provider stated wrong amounts at times, signed as ever, so that what
/// is booked may be one fen more than what was paid.
pub(crate) async fn audit(stand: &Stand, db: &Database, placed: &[Placed], lies: bool) -> Summary {
    let books = Books::read(db).await;
    every_number_is_one_order(&books, placed);
    let provider = Provider::read(stand).await;
    let lied = provider::agrees(&provider, &books, lies);
    refunds_fit(&books);
    ledger::journals_are_complete(&books);
    ledger::nothing_was_negative(db).await;
    let reckoned = ledger::reckon(&books);
    ledger::balances_are(&books, &reckoned);
    assert_eq!(
        reckoned.get("channel:alipay:clearing").copied().unwrap_or_default(),
        provider.in_hand() + lied,
        "what the channel holds for us, and what the provider's books add up to"
    );
    merchant::balances_are_told(stand, &reckoned).await;
    let callbacks = merchant::was_told(stand, &books).await;
    merchant::books_agree(stand, &reckoned).await;
    ledger_holds(stand).await;
    Summary::of(&books, &provider, placed, callbacks)
}

fn every_number_is_one_order(books: &Books, placed: &[Placed]) {
    let number = |client_id: &str, kind: &str, number: &str| format!("{client_id} {kind} {number}");
    let mut stored = BTreeMap::new();
    for order in &books.orders {
        let twice =
            stored.insert(number(&order.client_id, &order.kind, &order.number), order.order_id.as_str());
        assert!(twice.is_none(), "a merchant's number stands for two orders: {order:?}");
    }
    for one in placed {
        let found = stored.remove(&number(&one.client_id, one.kind(), &one.merchant_order_no));
        assert_eq!(found, Some(one.order_id.as_str()), "{one:?} was answered with another order");
    }
    assert!(stored.is_empty(), "there are orders that nobody was told of: {stored:?}");
}

/// What is refunded of an order, or under way, is no more than was paid, and the order says the same.
fn refunds_fit(books: &Books) {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for refund in books.orders.iter().filter(|order| order.kind == "refund" && order.machine != 5) {
        let (done, open) = sums.entry(refund.original.as_deref().unwrap()).or_default();
        *(if refund.machine >= 3 { done } else { open }) += refund.amount;
    }
    for order in &books.orders {
        let sum = sums.remove(order.order_id.as_str()).unwrap_or_default();
        assert_eq!(sum, (order.refunded, order.refunding), "refunds of {order:?}");
        let most = if order.kind == "trade" { order.captured.unwrap_or(0) } else { order.amount };
        assert!(sum.0 + sum.1 <= most, "{sum:?} were refunded of {order:?}");
    }
    assert!(sums.is_empty(), "refunds of no order: {sums:?}");
}

/// `sluiced ledger check` beside the live daemon.
async fn ledger_holds(stand: &Stand) {
    let check = stand.sluiced(&["ledger", "check", "--json"]).await.unwrap();
    let said: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert!(check.status.success() && said["ok"] == true, "{said}");
}

/// What differs, line by line: what is there and should not be, and what should be there and is not.
fn assert_same<T: Ord + std::fmt::Debug>(
    what: &str,
    there: impl IntoIterator<Item = T>,
    wanted: impl IntoIterator<Item = T>,
) {
    let (there, wanted): (BTreeSet<T>, BTreeSet<T>) =
        (there.into_iter().collect(), wanted.into_iter().collect());
    let (extra, missing): (Vec<_>, Vec<_>) =
        (there.difference(&wanted).collect(), wanted.difference(&there).collect());
    assert!(
        extra.is_empty() && missing.is_empty(),
        "{what}: there is {extra:#?}, and there should be {missing:#?}"
    );
}
