//! What merchants are told, and what counts as heard.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::Scene;

pub(crate) async fn wrong_acknowledgements(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 4).await;
    let client_id = scene.merchant.client_id().to_owned();
    let answers = [("wrong_body", "c4"), ("http_500", "c5"), ("close", "c5")];
    for (n, (answer, code)) in answers.into_iter().enumerate() {
        scene.control.answer(&client_id, json!(answer)).await.unwrap();
        let order = scene.create(&format!("B-{answer}"), 4_000 + n as i64).await;
        scene.pay(&order, Plan::Now).await;
        scene.reaches(&order, &[3]).await;
        let shown = scene.is_diagnosed(&order, code).await;
        assert_eq!(
            (&shown["state"], &shown["next_step"]["kind"]),
            (&json!(3), &json!("callback")),
            "{answer}"
        );
        scene.control.answer(&client_id, json!("success")).await.unwrap();
        scene.reaches(&order, &[4]).await;
        let received = scene.control.received(&order.order_id).await.unwrap();
        assert!(received.len() > 1, "{answer}: it was sent once more: {received:?}");
        // Always the same fact under the same id; each sending with a nonce of its own.
        let of = |path: &str| received.iter().map(|one| one.pointer(path).unwrap()).collect::<Vec<_>>();
        assert!(of("/body_base64").windows(2).all(|pair| pair[0] == pair[1]));
        assert!(of("/headers/sluice-callback").windows(2).all(|pair| pair[0] == pair[1]));
        let nonces: BTreeSet<_> = of("/headers/sluice-nonce").iter().map(|nonce| nonce.to_string()).collect();
        assert_eq!(nonces.len(), received.len());
    }
}

pub(crate) async fn superseded(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 5).await;
    let client_id = scene.merchant.client_id().to_owned();
    scene.control.answer(&client_id, json!("http_500")).await.unwrap();
    let order = scene.create_short("B-super", 4_100).await;
    scene.reaches(&order, &[5]).await;
    scene.pay(&order, Plan::Now).await;
    scene.reaches(&order, &[3]).await;
    scene.control.answer(&client_id, json!("success")).await.unwrap();
    let order = scene.reaches(&order, &[4]).await;
    let callbacks = &order.more["callbacks"];
    let of = |n: usize| (callbacks[n]["type"].as_str().unwrap(), callbacks[n]["state"].as_str().unwrap());
    assert_eq!([of(0), of(1)], [("recharge.closed", "superseded"), ("recharge.paid", "delivered")]);

    // What a newer fact has replaced is not sent any more, whoever asks.
    let closed = callbacks[0]["callback_id"].as_str().unwrap();
    let target = format!("/v1/recharges/{}/callbacks/{closed}/replay", order.order_id);
    let refused = scene.merchant.request("POST", &target).send().await.unwrap();
    assert_eq!((refused.status, refused.error_code().as_deref()), (409, Some("state_conflict")));
    let replay = scene.stand.sluice(&["callback", "replay", closed, "--json"]).await.unwrap();
    assert_eq!(replay.status.code(), Some(5), "{}", String::from_utf8_lossy(&replay.stderr));
}

pub(crate) async fn replayed_by_the_merchant(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("B-replay", 4_200).await;
    scene.pay(&order, Plan::Now).await;
    let order = scene.reaches(&order, &[4]).await;
    let callback = order.more["callbacks"][0]["callback_id"].as_str().unwrap();
    let target = format!("/v1/recharges/{}/callbacks/{callback}/replay", order.order_id);
    let answer = scene.merchant.request("POST", &target).send().await.unwrap();
    assert_eq!((answer.status, answer.verify()), (202, Ok(())));
    scene.receives(&order, &["recharge.paid", "recharge.paid"]).await;
    assert_eq!(scene.merchant.recharge(&order.order_id).await.unwrap().state_version, order.state_version);

    let wrong = format!("/v1/recharges/{}/callbacks/cbk_x/replay", order.order_id);
    let refused = scene.merchant.request("POST", &wrong).send().await.unwrap();
    assert_eq!((refused.status, refused.error_code().as_deref()), (404, Some("not_found")));
    let other = scene.stand.merchant(1).await.unwrap();
    let refused = other.request("POST", &target).send().await.unwrap();
    assert_eq!((refused.status, refused.error_code().as_deref()), (404, Some("order_not_found")));
}

pub(crate) async fn own_notify_url(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    // Another app's endpoint: its merchant cannot verify what is another's.
    let other = scene.stand.file().apps[1].callback_url.clone();
    let order = scene.create_with("B-own", 4_300, |recharge| recharge.notify_url = Some(other)).await;
    scene.pay(&order, Plan::Now).await;
    scene.reaches(&order, &[4]).await;
    let received: Vec<Value> = scene.control.received(&order.order_id).await.unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0]["client_id"], scene.stand.file().apps[1].client_id.as_str());
    assert_eq!(received[0]["verified"], false, "a callback binds to the app's own password");
}
