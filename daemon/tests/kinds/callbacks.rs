//! Callbacks and timelines of each kind: what is told, signed for which type, sent again, replaced.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::client::{NewRefund, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::stand::Stand;

use super::{Scene, nothing_more_happens, refused};

/// An order that came to each end of its kind, with the type of its callback and the order type that signs it.
async fn one_of_each(scene: &Scene, user: &str) -> Vec<(Order, &'static str, &'static str)> {
    let merchant = &scene.merchant;
    let recharge = scene.fund(user, 20_000).await;
    let withdraw =
        |number: &str, minor: i64| NewWithdrawal::new(format!("{user}-{number}"), minor).of_user(user);
    let out = merchant.create_withdrawal(&withdraw("out", 1_000)).await.unwrap();
    let refused = merchant.create_withdrawal(&withdraw("refused", 1_099)).await.unwrap();
    let trade = NewTrade::direct(format!("{user}-trade"), user, Party::app(), 2_000);
    let trade = merchant.create_trade(&trade).await.unwrap();
    let held = NewTrade::authorise(format!("{user}-void"), user, Party::app(), 500);
    let held = merchant.create_trade(&held).await.unwrap();
    merchant.void(&held.order_id).await.unwrap();
    let refund = |number: &str, minor: i64| NewRefund::new(format!("{user}-{number}"), minor);
    let of_recharge = merchant.refund(&recharge.order_id, &refund("back", 700)).await.unwrap();
    let failing = merchant.refund(&recharge.order_id, &refund("failing", 799)).await.unwrap();
    let of_trade = merchant.refund(&trade.order_id, &refund("returned", 300)).await.unwrap();
    vec![
        (recharge, "recharge.paid", "recharge"),
        (out, "withdraw.paid", "withdraw"),
        (refused, "withdraw.closed", "withdraw"),
        (trade, "trade.settled", "trade"),
        (held, "trade.closed", "trade"),
        (of_recharge, "refund.refunded", "recharge"),
        (failing, "refund.failed", "recharge"),
        (of_trade, "refund.refunded", "trade"),
    ]
}

pub(crate) async fn of_each_type(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    for (order, kind, signed_for) in one_of_each(&scene, "ct").await {
        scene.receives(&order, &[kind]).await;
        let received = scene.control.received(&order.order_id).await.unwrap();
        assert_eq!(received[0]["headers"]["sluice-type"], signed_for, "{kind}");
        let body = body(&received[0]);
        assert_eq!((&body["type"], &body["order"]["order_id"]), (&json!(kind), &json!(order.order_id)));
        assert_eq!(body["state_version"], body["order"]["state_version"], "{kind}");
        assert_eq!(body["order"]["type"], json!(kind.split('.').next().unwrap()), "{kind}");
        // What was told is what can be got; acknowledged, it is completed.
        let ended = scene.reaches(&order, &[4, 5, 61, 62, 63]).await;
        assert_eq!(json!(ended.amount), body["order"]["amount"], "{kind}");
        assert!(ended.state_version >= body["state_version"].as_i64().unwrap(), "{kind}");
        assert_eq!(ended.more["callbacks"][0]["state"], "delivered", "{kind}: {ended:?}");
    }
}

fn body(received: &Value) -> Value {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(received["body_base64"].as_str().unwrap());
    serde_json::from_slice(&bytes.unwrap()).unwrap()
}

pub(crate) async fn replayed(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    for (order, kind, _) in one_of_each(&scene, "cr").await {
        scene.receives(&order, &[kind]).await;
        let ended = scene.reaches(&order, &[4, 5, 61, 62, 63]).await;
        let callback = ended.callback_ids()[0].to_owned();
        let told: Value = scene.merchant.replay(&ended, &callback).await.unwrap();
        assert_eq!(told["order_id"], order.order_id.as_str());
        scene.receives(&order, &[kind, kind]).await;
        let received = scene.control.received(&order.order_id).await.unwrap();
        assert_eq!(received[0]["body_base64"], received[1]["body_base64"], "{kind}: the same fact");
        assert_ne!(received[0]["headers"]["sluice-nonce"], received[1]["headers"]["sluice-nonce"]);
        refused(scene.merchant.replay(&ended, "cbk_01M881HM667Q6J4FA5XESCQH5V").await, "not_found");
    }
}

/// A newer fact takes an undelivered one's place: the merchant hears of the return only, and its books are right.
pub(crate) async fn superseded(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 6).await;
    let client_id = scene.merchant.client_id().to_owned();
    scene.fund("cs", 5_000).await;
    scene.control.answer(&client_id, json!("http_500")).await.unwrap();
    let order =
        scene.merchant.create_withdrawal(&NewWithdrawal::new("C-super", 2_092).of_user("cs")).await.unwrap();
    scene.reaches(&order, &[3]).await;
    let back = scene.reaches(&order, &[6]).await;
    scene.control.answer(&client_id, json!("success")).await.unwrap();
    crate::support::until("the return is heard", crate::support::SOON, async || {
        let callbacks = scene.now(&order).await.more["callbacks"].clone();
        let of = |n: usize| (callbacks[n]["type"].clone(), callbacks[n]["state"].clone());
        let wanted = [("withdraw.paid", "superseded"), ("withdraw.returned", "delivered")];
        let seen = [of(0), of(1)];
        if seen == wanted.map(|(kind, state)| (json!(kind), json!(state))) {
            Ok(())
        } else {
            Err(format!("{seen:?}"))
        }
    })
    .await;
    nothing_more_happens().await;
    let received = scene.received(&order).await;
    assert_eq!(received.last().map(String::as_str), Some("withdraw.returned"), "{received:?}");
    refused(scene.merchant.replay(&back, back.callback_ids()[0]).await, "state_conflict");
    let books = scene.control.books(&client_id).await.unwrap();
    assert_eq!(books["users"], json!([{"user_ref": "cs", "currency": "CNY", "balance_minor": 5_000}]));
}

pub(crate) async fn timelines(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let moves = |kind: &str| match kind {
        "recharge.paid" => ["order.paid", "order.completed"],
        "withdraw.paid" => ["order.paid", "order.completed"],
        "withdraw.closed" | "trade.closed" => ["order.created", "order.closed"],
        "trade.settled" => ["order.settled", "order.completed"],
        "refund.failed" => ["order.created", "order.failed"],
        _ => ["order.refunded", "order.completed"],
    };
    for (order, kind, _) in one_of_each(&scene, "cl").await {
        scene.receives(&order, &[kind]).await;
        scene.reaches(&order, &[4, 5, 61, 62, 63]).await;
        let timeline = scene.merchant.timeline(&order).await.unwrap();
        let kinds: Vec<_> = timeline.items.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!(kinds[0], "order.created", "{kind}: {kinds:?}");
        for wanted in moves(kind).into_iter().chain(["callback.queued", "callback.delivered"]) {
            assert!(kinds.contains(&wanted), "{kind}: no {wanted} in {kinds:?}");
        }
        assert!(timeline.items.is_sorted_by(|a, b| a.at <= b.at), "{kind}");
        // The channel's own words and the postings are for the people on call.
        for item in &timeline.items {
            assert!(!item.kind.starts_with("ledger.") && !item.kind.starts_with("channel."), "{item:?}");
            assert!(!item.summary.contains("payee@example.com"), "{item:?}");
        }
    }
}
