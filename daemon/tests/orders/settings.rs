//! What the configuration changes.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::client::Order;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::{SOON, Scene, line};
use crate::support;

/// No query is due before the order's time is over, and nobody notifies: the close asks first.
pub(crate) async fn asked_before_expiry(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_short("X-asked", 7_000).await;
    scene.pay(&order, Plan::Never).await;
    let paid = scene.reaches(&order, &[4, 5]).await;
    assert_eq!((paid.state, paid.flags.len()), (4, 0), "{paid:?}");
}

pub(crate) async fn late_waits(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_short("X-late", 7_001).await;
    scene.reaches(&order, &[5]).await;
    scene.pay(&order, Plan::Now).await;
    let order = scene.is_flagged(&order, "late").await;
    assert_eq!((order.state, order.closed_reason.as_deref()), (5, Some("expired")));
    let waiting = vec![line("channel:alipay:clearing", 7_001), line("suspense", -7_001)];
    assert_eq!(scene.journals(&order).await, [waiting]);
}

/// 0.2 %: booked as the channel's fee, since Alipay states none.
pub(crate) async fn channel_fee(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("X-fee", 7_500).await;
    scene.pay(&order, Plan::Now).await;
    let order = scene.reaches(&order, &[4]).await;
    let credit =
        vec![line("channel:alipay:clearing", 7_485), line("channel:alipay:fee", 15), line("u1", -7_500)];
    assert_eq!(scene.journals(&order).await, [credit]);
}

pub(crate) async fn stuck_and_replayed(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 2).await;
    let (order, callback) = stuck(&scene, "X-stuck").await;
    let listed = scene.stand.sluice_json(&["callbacks", "list", "--stuck"]).await.unwrap();
    let found =
        |list: &Value| list.as_array().unwrap().iter().any(|one| one["callback_id"] == callback.as_str());
    assert!(found(&listed), "{listed}");
    scene.control.answer(scene.merchant.client_id(), json!("success")).await.unwrap();
    super::nothing_more_happens().await;
    assert_eq!(scene.merchant.recharge(&order.order_id).await.unwrap().state, 3, "nobody sends it by itself");
    scene.stand.sluice_json(&["callback", "replay", &callback]).await.unwrap();
    scene.reaches(&order, &[4]).await;
    let listed = scene.stand.sluice_json(&["callbacks", "list", "--stuck"]).await.unwrap();
    assert!(!found(&listed), "{listed}");
}

pub(crate) async fn stuck_and_replayed_by_merchant(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 3).await;
    let (order, callback) = stuck(&scene, "X-stuck-m").await;
    let target = format!("/v1/recharges/{}/callbacks/{callback}/replay", order.order_id);
    // Still refused: the whole schedule begins anew, and is used up anew.
    assert_eq!(scene.merchant.request("POST", &target).send().await.unwrap().status, 202);
    is_stuck(&scene, &order, 6).await;
    scene.control.answer(scene.merchant.client_id(), json!("success")).await.unwrap();
    assert_eq!(scene.merchant.request("POST", &target).send().await.unwrap().status, 202);
    scene.reaches(&order, &[4]).await;
}

/// A paid order whose merchant never hears of it: three attempts, then nobody tries.
async fn stuck(scene: &Scene, number: &str) -> (Order, String) {
    scene.control.answer(scene.merchant.client_id(), json!("http_500")).await.unwrap();
    let order = scene.create(number, 7_600).await;
    scene.pay(&order, Plan::Now).await;
    let callback = is_stuck(scene, &order, 3).await;
    let shown = scene.shown(&order).await;
    assert_eq!(
        (&shown["diagnosis"]["code"], &shown["next_step"]["kind"]),
        (&json!("c5"), &json!("operator"))
    );
    (order, callback)
}

async fn is_stuck(scene: &Scene, order: &Order, attempts: i64) -> String {
    support::until("the callback is stuck", SOON, async || {
        let now = scene.merchant.recharge(&order.order_id).await.map_err(|error| error.to_string())?;
        let callback = now.more["callbacks"].get(0).cloned().unwrap_or_default();
        if callback["state"] == "stuck" && callback["attempts"] == attempts {
            Ok(callback["callback_id"].as_str().unwrap_or_default().to_owned())
        } else {
            Err(format!("{callback}"))
        }
    })
    .await
}

pub(crate) async fn private_number(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    is_never_sent(&scene, "X-number", None).await;
}

pub(crate) async fn private_name(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 1).await;
    let url = scene.stand.file().apps[1].callback_url.replace("127.0.0.1", "localhost");
    assert!(url.contains("localhost"), "{url}");
    is_never_sent(&scene, "X-name", Some(url)).await;
}

async fn is_never_sent(scene: &Scene, number: &str, notify_url: Option<String>) {
    let order = scene.create_with(number, 7_700, |recharge| recharge.notify_url = notify_url).await;
    scene.pay(&order, Plan::Now).await;
    is_stuck(scene, &order, 2).await;
    assert_eq!(scene.received(&order).await.len(), 0);
    let shown = scene.shown(&order).await;
    let failures: Vec<_> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["origin"] == "callback" && event["detail"]["error"].is_string())
        .map(|event| event["detail"]["error"].as_str().unwrap())
        .collect();
    assert_eq!(failures, ["refused_address"; 2], "{shown}");
}
