//! Money that comes late, wrong or twice.

use std::sync::Arc;

use serde_json::json;
use sluice_sim::client::Order;
use sluice_sim::control::Action;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::{Scene, line};

/// What is booked for money that belongs to nobody yet.
fn waiting(minor: i64) -> Vec<(String, i64)> {
    vec![line("channel:alipay:clearing", minor), line("suspense", -minor)]
}

pub(crate) async fn late_after_expiry(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_short("S-late", 2_000).await;
    let closed = scene.reaches(&order, &[5]).await;
    scene.receives(&order, &["recharge.closed"]).await;
    scene.pay(&order, Plan::Now).await;
    let order = scene.reaches(&order, &[4]).await;
    assert_eq!((order.flags.as_slice(), order.closed_reason.as_ref()), (&["late".to_owned()][..], None));
    assert!(order.state_version > closed.state_version, "a receiver can tell which is newer");
    scene.receives(&order, &["recharge.closed", "recharge.paid"]).await;
    assert_eq!(
        scene.journals(&order).await,
        [vec![line("channel:alipay:clearing", 2_000), line("u1", -2_000)]]
    );
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "late");
}

pub(crate) async fn late_after_channel_close(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("S-late-channel", 2_001).await;
    scene.act(&order, Action::Close).await;
    let closed = scene.reaches(&order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("closed_by_channel"));
    scene.pay(&order, Plan::Now).await;
    let order = scene.reaches(&order, &[4]).await;
    assert_eq!(order.flags, ["late"]);
}

pub(crate) async fn late_after_merchant_close(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    // The recipe pays once the close has been answered.
    let order = scene.create("S-late-merchant", 2_092).await;
    scene.act(&order, Action::Scan).await;
    let closed = scene.merchant.close_recharge(&order.order_id).await.unwrap();
    assert_eq!(closed.closed_reason.as_deref(), Some("closed_by_merchant"));
    let order = scene.is_flagged(&order, "late").await;
    assert_eq!((order.state, order.closed_reason.as_deref()), (5, Some("closed_by_merchant")));
    assert_eq!(scene.journals(&order).await, [waiting(2_092)]);
    a_person_decides(&scene, &order, "late").await;
    scene.receives(&order, &["recharge.closed"]).await;
}

pub(crate) async fn wrong_amount(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_with("S-wrong", 2_094, |r| r.expires_in = Some("3s".to_owned())).await;
    let order = scene.is_flagged(&order, "amount_mismatch").await;
    assert!(order.state < 3, "the state number stays: {order:?}");
    assert_eq!(scene.journals(&order).await, [waiting(2_093)]);
    a_person_decides(&scene, &order, "mismatch").await;
    // Neither time nor the provider's next notification moves it, and the merchant is told nothing.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    let later = scene.merchant.recharge(&order.order_id).await.unwrap();
    assert_eq!((later.state, later.state_version), (order.state, order.state_version));
    assert_eq!(scene.journals(&order).await.len(), 1);
    scene.receives(&order, &[]).await;
}

pub(crate) async fn paid_twice(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("S-twice", 2_097).await;
    let order = scene.is_flagged(&order, "paid_twice").await;
    let order = scene.reaches(&order, &[4]).await;
    assert_eq!(scene.books(&order).await["payments"].as_array().unwrap().len(), 2);
    let credit = vec![line("channel:alipay:clearing", 2_097), line("u1", -2_097)];
    assert_eq!(scene.journals(&order).await, [credit, waiting(2_097)]);
    a_person_decides(&scene, &order, "twice").await;
    scene.receives(&order, &["recharge.paid"]).await;
}

async fn a_person_decides(scene: &Scene, order: &Order, code: &str) {
    let shown = scene.shown(order).await;
    assert_eq!(
        (&shown["diagnosis"]["code"], &shown["next_step"]["kind"]),
        (&json!(code), &json!("operator"))
    );
}
