//! The merchant's side: what the API tells of balances, what the callbacks told, and the books that the merchant keeps
//! from them alone.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde_json::Value;
use sluice_sim::stand::Stand;

use super::assert_same;
use super::ledger::Reckoned;
use super::rows::{Books, CallbackRow, OrderRow};

/// What users and apps are told that they have, spendable and held, is what was reckoned.
pub(super) async fn balances_are_told(stand: &Stand, reckoned: &Reckoned) {
    for index in 0..stand.file().apps.len() {
        let merchant = stand.merchant(index).await.unwrap();
        let has = |account: String| reckoned.get(&account).copied().unwrap_or_default();
        let client_id = merchant.client_id();
        for user in holders(client_id, reckoned) {
            let told = merchant.balance(user.as_deref()).await.unwrap();
            let (available, held) = match &user {
                Some(user) => {
                    (format!("user:{client_id}:{user}:available"), format!("user:{client_id}:{user}:held"))
                }
                None => (format!("app:{client_id}:settlement"), format!("app:{client_id}:held")),
            };
            let wanted = (has(available), has(held));
            assert_eq!((told.available.minor, told.held.minor), wanted, "{user:?} of {client_id}");
        }
    }
}

/// The users of an app who have something, and the app itself.
fn holders(client_id: &str, reckoned: &Reckoned) -> BTreeSet<Option<String>> {
    let prefix = format!("user:{client_id}:");
    let user = |account: &String| {
        let (user, _) = account.strip_prefix(&prefix)?.rsplit_once(':')?;
        Some(Some(user.to_owned()))
    };
    reckoned.keys().filter_map(user).chain([None]).collect()
}

/// The merchant's own books: each user, and the app itself, has there what Sluice has for it, spendable or held.
pub(super) async fn books_agree(stand: &Stand, reckoned: &Reckoned) {
    for app in &stand.file().apps {
        let books = stand.control().books(&app.client_id).await.unwrap();
        let mut theirs: BTreeMap<Option<String>, i64> = BTreeMap::new();
        for line in books["users"].as_array().unwrap().iter().chain(books["settlement"].as_array().unwrap()) {
            let user = line["user_ref"].as_str().map(str::to_owned);
            *theirs.entry(user).or_default() += line["balance_minor"].as_i64().unwrap();
        }
        let mut ours: BTreeMap<Option<String>, i64> = BTreeMap::new();
        for (account, minor) in reckoned {
            match account.split(':').collect::<Vec<_>>().as_slice() {
                ["user", client_id, user, _] if *client_id == app.client_id => {
                    *ours.entry(Some((*user).to_owned())).or_default() += minor;
                }
                ["app", client_id, "settlement" | "held"] if *client_id == app.client_id => {
                    *ours.entry(None).or_default() += minor;
                }
                _ => {}
            }
        }
        theirs.retain(|_, minor| *minor != 0);
        ours.retain(|_, minor| *minor != 0);
        assert_same(&format!("the merchant's books of {}", app.client_id), theirs, ours);
    }
}

/// The callback of an order that has ended.
fn wanted(order: &OrderRow) -> Option<&'static str> {
    Some(match (order.kind.as_str(), order.machine) {
        ("recharge", 4) => "recharge.paid",
        ("recharge", 5) => "recharge.closed",
        ("withdraw", 4) => "withdraw.paid",
        ("withdraw", 5) => "withdraw.closed",
        ("withdraw", 6) => "withdraw.returned",
        ("trade", 4) => "trade.settled",
        ("trade", 5) => "trade.closed",
        ("refund", 4) => "refund.refunded",
        ("refund", 5) => "refund.failed",
        _ => return None,
    })
}

/// Every final fact was received, verified, with the very body that is stored. Answers how many were received.
pub(super) async fn was_told(stand: &Stand, books: &Books) -> usize {
    let mut stored: BTreeMap<&str, Vec<&CallbackRow>> = BTreeMap::new();
    for callback in &books.callbacks {
        stored.entry(&callback.order_id).or_default().push(callback);
    }
    let control = stand.control();
    let told = futures_util::stream::iter(&books.orders).map(|order| {
        let control = &control;
        async move { (order, control.received(&order.order_id).await.unwrap()) }
    });
    let told: Vec<_> = told.buffer_unordered(16).collect().await;
    for (order, received) in &told {
        heard(order, received, stored.get(order.order_id.as_str()).map_or(&[], Vec::as_slice));
    }
    told.iter().map(|(_, received)| received.len()).sum()
}

fn heard(order: &OrderRow, received: &[Value], callbacks: &[&CallbackRow]) {
    let unverified: Vec<_> = received.iter().filter(|one| one["verified"] != true).collect();
    assert!(unverified.is_empty(), "unverified callbacks: {unverified:?}");
    let kinds: BTreeSet<_> = callbacks.iter().map(|callback| &callback.kind).collect();
    assert_eq!(kinds.len(), callbacks.len(), "a fact has two callbacks: {callbacks:?}");
    let undelivered =
        callbacks.iter().filter(|callback| callback.state != "delivered" && callback.state != "superseded");
    assert_eq!(undelivered.count(), 0, "{callbacks:?}");
    let Some(wanted) = wanted(order) else { return };
    let last = callbacks.last().unwrap_or_else(|| panic!("no callback of {order:?}"));
    assert_eq!((last.kind.as_str(), last.state.as_str()), (wanted, "delivered"), "{order:?}");
    let got = received.iter().any(|one| {
        one["headers"]["sluice-callback"] == last.callback_id.as_str()
            && one["body_base64"] == STANDARD.encode(&last.body).as_str()
    });
    assert!(got, "{} of {order:?} is delivered, and was not received: {received:?}", last.callback_id);
}
