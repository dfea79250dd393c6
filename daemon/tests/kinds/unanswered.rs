//! Payouts and refunds whose answer is missing: nothing is concluded from silence, and nothing is sent under two
//! numbers.

use std::sync::Arc;
use std::time::Duration;

use sluice_sim::client::{NewRefund, NewWithdrawal, Order};
use sluice_sim::stand::Stand;

use super::{Scene, reference, refused};

/// What goes wrong, and whether the provider did what was asked all the same.
const FAULTS: [&str; 6] = ["timeout", "reset", "http_500", "garbage", "wrong_signature", "too_frequent"];

/// How many of a kind are in the provider's books.
async fn at_the_provider(scene: &Scene, kind: &str) -> usize {
    scene.control.orders().await.unwrap().iter().filter(|order| order["kind"] == kind).count()
}

pub(crate) async fn payouts(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("up", 100_000).await;
    let there = at_the_provider(&scene, "payout").await;
    let (mut left, mut orders) = (100_000, Vec::new());
    for (n, fault) in FAULTS.into_iter().enumerate() {
        let minor = 2_000 + n as i64;
        scene.fault("payout", fault, Some(1)).await;
        let wanted = NewWithdrawal::new(format!("U-out-{fault}"), minor).of_user("up");
        let order = scene.merchant.create_withdrawal(&wanted).await.unwrap();
        assert_eq!((order.state, order.payment_pending), (0, true), "{fault}: {order:?}");
        left -= minor;
        assert_eq!(scene.purse("up").await.0, left, "{fault}: held while it is unknown");
        refused(scene.merchant.cancel_withdrawal(&order.order_id).await, "state_conflict");
        // The merchant's own repetition is the same order.
        let again = scene.merchant.create_withdrawal(&wanted).await.unwrap();
        assert!(again.replayed && again.order_id == order.order_id, "{fault}");
        orders.push((fault, minor, order));
    }
    scene.no_faults().await;
    for (fault, minor, order) in &orders {
        let paid = scene.reaches(order, &[4]).await;
        assert_eq!(reference(&paid), reference(order), "{fault}: one number for ever");
        assert_eq!(scene.books(order).await["paid_out_minor"], *minor, "{fault}");
        scene.receives(order, &["withdraw.paid"]).await;
    }
    assert_eq!(scene.purse("up").await, (left, 0));
    assert_eq!(at_the_provider(&scene, "payout").await, there + orders.len(), "each is paid out once");
}

pub(crate) async fn refunds(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("ur", 100_000).await;
    let there = at_the_provider(&scene, "refund").await;
    let (mut left, mut orders) = (100_000, Vec::new());
    for (n, fault) in FAULTS.into_iter().enumerate() {
        let minor = 3_000 + n as i64;
        // The notification of it is lost, too.
        scene.fault_all(&[("refund", fault, Some(1)), ("notify", "reset", None)]).await;
        let wanted = NewRefund::new(format!("U-back-{fault}"), minor);
        let order = scene.merchant.refund(&paid.order_id, &wanted).await.unwrap();
        assert_eq!((order.state, order.payment_pending), (0, true), "{fault}: {order:?}");
        left -= minor;
        assert_eq!(scene.purse("ur").await.0, left, "{fault}: held while it is unknown");
        assert_eq!(scene.now(&paid).await.state, 61, "{fault}");
        orders.push((fault, order));
    }
    scene.fault("notify", "reset", None).await;
    for (fault, order) in &orders {
        let done = scene.reaches(order, &[4]).await;
        assert_eq!(reference(&done), reference(order), "{fault}: one number for ever");
        scene.receives(order, &["refund.refunded"]).await;
    }
    scene.no_faults().await;
    assert_eq!((scene.purse("ur").await, scene.now(&paid).await.state), ((left, 0), 62));
    assert_eq!(at_the_provider(&scene, "refund").await, there + orders.len(), "each is given back once");
    assert_eq!(scene.books(&paid).await["refunded_minor"], 100_000 - left);
}

/// Neither the sending nor the asking is answered: it is in limbo, and the funds stay held however long it takes.
pub(crate) async fn held_while_unknown(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("uh", 5_000).await;
    scene.fault_all(&[("payout", "timeout", Some(1)), ("payout_query", "reset", None)]).await;
    let order =
        scene.merchant.create_withdrawal(&NewWithdrawal::new("U-held", 4_000).of_user("uh")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let now = scene.now(&order).await;
    assert_eq!((now.state, scene.purse("uh").await), (0, (1_000, 4_000)), "{now:?}");
    let shown = scene.shown(&order).await;
    assert_eq!(shown["diagnosis"]["code"], "unknown", "{shown}");
    let limbo = scene.stand.sluice_json(&["orders", "list", "--limbo"]).await.unwrap();
    let listed = limbo.as_array().unwrap().iter().any(|one| one["order_id"] == order.order_id.as_str());
    assert!(listed, "{limbo}");
    scene.no_faults().await;
    is_paid_once(&scene, &order, 4_000).await;
}

/// The provider says that it knows nothing of a payout which it has: the same number goes out again, and means the same.
pub(crate) async fn denied(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("ud", 5_000).await;
    let before = unanswered_payouts(&scene).await;
    scene.fault_all(&[("payout", "timeout", Some(3)), ("payout_query", "not_found", None)]).await;
    let order =
        scene.merchant.create_withdrawal(&NewWithdrawal::new("U-denied", 4_000).of_user("ud")).await.unwrap();
    assert_eq!((order.state, scene.purse("ud").await), (0, (1_000, 4_000)));
    is_paid_once(&scene, &order, 4_000).await;
    scene.no_faults().await;
    assert_eq!(unanswered_payouts(&scene).await, before + 3, "sent until it was answered");
}

/// How many payouts the provider took without an answer.
async fn unanswered_payouts(scene: &Scene) -> u64 {
    let counts = scene.control.counts().await.unwrap();
    let of = |count: &&serde_json::Value| count["op"] == "payout" && count["outcome"] == "timeout";
    counts["counts"].as_array().unwrap().iter().filter(of).map(|count| count["count"].as_u64().unwrap()).sum()
}

async fn is_paid_once(scene: &Scene, order: &Order, minor: i64) {
    let paid = scene.reaches(order, &[4]).await;
    assert_eq!(reference(&paid), reference(order));
    assert_eq!(scene.books(order).await["paid_out_minor"], minor);
    let all = scene.control.orders().await.unwrap();
    let same: Vec<_> =
        all.iter().filter(|one| one["amount_minor"] == minor && one["kind"] == "payout").collect();
    let ours = same.iter().filter(|one| one["channel_ref"] == reference(order)).count();
    assert_eq!(ours, 1, "{same:?}");
    scene.receives(order, &["withdraw.paid"]).await;
}
