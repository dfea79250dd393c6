//! The life of a trade: from a user to the app or another user, at once or held first.

use std::sync::Arc;

use serde_json::json;
use sluice_sim::client::{Money, NewTrade, Order, Party};
use sluice_sim::stand::Stand;

use super::{Scene, Unchanged, line, refused};

async fn authorise(scene: &Scene, user: &str, number: &str, minor: i64, expires_in: Option<&str>) -> Order {
    let mut trade = NewTrade::authorise(number, user, Party::app(), minor);
    trade.expires_in = expires_in.map(str::to_owned);
    scene.merchant.create_trade(&trade).await.unwrap()
}

pub(crate) async fn direct_to_the_app(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 2).await;
    scene.fund("ta", 10_000).await;
    let (before, _) = scene.settlement().await;
    let order =
        scene.merchant.create_trade(&NewTrade::direct("T-app", "ta", Party::app(), 3_000)).await.unwrap();
    assert_eq!((order.state, order.state_name.as_str()), (3, "settled"), "no channel is waited for");
    assert_eq!((order.captured.clone(), order.channel_ref.clone()), (Some(Money::cny(3_000)), None));
    assert_eq!((&order.more["to"], &order.more["mode"]), (&json!({"app": true}), &json!("direct")));
    assert_eq!(order.more["channel"], json!(null));
    assert_eq!(scene.purse("ta").await, (7_000, 0));
    assert_eq!(scene.settlement().await, (before + 3_000, 0));
    scene.reaches(&order, &[4]).await;
    scene.receives(&order, &["trade.settled"]).await;
    assert_eq!(scene.journals(&order).await, [vec![line("ta", 3_000), line("settlement", -3_000)]]);
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "paid");
    for outcome in [
        scene.merchant.capture(&order.order_id, Some(Money::cny(3_000))).await,
        scene.merchant.void(&order.order_id).await,
    ] {
        refused(outcome, "state_conflict");
    }
}

pub(crate) async fn direct_to_a_user(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("tu", 10_000).await;
    let order = scene
        .merchant
        .create_trade(&NewTrade::direct("T-user", "tu", Party::user("tu-2"), 3_000))
        .await
        .unwrap();
    assert_eq!(order.more["to"], json!({"user_ref": "tu-2"}));
    assert_eq!((scene.purse("tu").await, scene.purse("tu-2").await), ((7_000, 0), (3_000, 0)));
    scene.reaches(&order, &[4]).await;
    assert_eq!(scene.journals(&order).await, [vec![line("tu", 3_000), line("tu-2", -3_000)]]);
    // What was received can be spent at once.
    let back = NewTrade::direct("T-back", "tu-2", Party::user("tu"), 3_000);
    scene.merchant.create_trade(&back).await.unwrap();
    assert_eq!((scene.purse("tu").await, scene.purse("tu-2").await), ((10_000, 0), (0, 0)));
}

pub(crate) async fn captured_in_part(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("tc", 10_000).await;
    let order = authorise(&scene, "tc", "T-part", 6_000, None).await;
    assert_eq!((order.state, order.state_name.as_str(), order.captured.is_none()), (0, "created", true));
    assert_eq!(scene.purse("tc").await, (4_000, 6_000));
    let shown = scene.shown(&order).await;
    assert_eq!((&shown["diagnosis"]["code"], &shown["next_step"]["kind"]), (&json!("held"), &json!("close")));
    // What is held is not there for anything else.
    let other = NewTrade::direct("T-part-other", "tc", Party::app(), 4_001);
    refused(scene.merchant.create_trade(&other).await, "balance_insufficient");
    refused(scene.merchant.capture(&order.order_id, Some(Money::cny(6_001))).await, "field_invalid");
    assert_eq!(scene.received(&order).await.len(), 0, "nothing has been decided yet");

    let captured = scene.merchant.capture(&order.order_id, Some(Money::cny(2_500))).await.unwrap();
    assert_eq!((captured.state, captured.captured.clone()), (3, Some(Money::cny(2_500))));
    assert_eq!(captured.amount, Money::cny(6_000), "what was authorised stands");
    assert_eq!(scene.purse("tc").await, (7_500, 0), "the rest is free again");
    let done = scene.reaches(&order, &[4]).await;
    let again = scene.merchant.capture(&order.order_id, Some(Money::cny(2_500))).await.unwrap();
    assert_eq!((again.state, again.state_version), (4, done.state_version), "once more changes nothing");
    for outcome in [
        scene.merchant.capture(&order.order_id, Some(Money::cny(3_500))).await,
        scene.merchant.capture(&order.order_id, None).await,
        scene.merchant.void(&order.order_id).await,
    ] {
        refused(outcome, "state_conflict");
    }
    scene.receives(&order, &["trade.settled"]).await;
    let hold = vec![line("tc", 6_000), line("tc held", -6_000)];
    let capture = vec![line("tc held", 6_000), line("settlement", -2_500), line("tc", -3_500)];
    assert_eq!(scene.journals(&order).await, [hold, capture]);
    assert_eq!(scene.purse("tc").await, (7_500, 0));
}

pub(crate) async fn captured_whole(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("tw", 5_000).await;
    for (n, body) in ["", "{}"].into_iter().enumerate() {
        let order = authorise(&scene, "tw", &format!("T-whole-{n}"), 2_000, None).await;
        let target = format!("/v1/trades/{}/capture", order.order_id);
        let answer = scene.merchant.request("POST", &target).body(body).send().await.unwrap();
        let captured: Order = answer.into_verified().unwrap();
        assert_eq!((captured.state, captured.captured), (3, Some(Money::cny(2_000))), "{body:?}");
    }
    assert_eq!(scene.purse("tw").await, (1_000, 0));
}

pub(crate) async fn voided(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("tv", 5_000).await;
    let order = authorise(&scene, "tv", "T-void", 2_000, None).await;
    let closed = scene.merchant.void(&order.order_id).await.unwrap();
    assert_eq!((closed.state, closed.closed_reason.as_deref()), (5, Some("closed_by_merchant")));
    assert_eq!(scene.purse("tv").await, (5_000, 0));
    scene.receives(&order, &["trade.closed"]).await;
    let again = scene.merchant.void(&order.order_id).await.unwrap();
    assert_eq!((again.state, again.state_version), (5, closed.state_version));
    refused(scene.merchant.capture(&order.order_id, None).await, "state_conflict");
    let hold = vec![line("tv", 2_000), line("tv held", -2_000)];
    let release = vec![line("tv held", 2_000), line("tv", -2_000)];
    assert_eq!(scene.journals(&order).await, [hold, release]);
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "e3");
}

pub(crate) async fn expired(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("te", 5_000).await;
    let order = authorise(&scene, "te", "T-expire", 2_000, Some("1s")).await;
    assert_eq!(scene.purse("te").await, (3_000, 2_000));
    let closed = scene.reaches(&order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("expired"));
    assert_eq!(scene.purse("te").await, (5_000, 0));
    refused(scene.merchant.capture(&order.order_id, None).await, "state_conflict");
    assert_eq!(scene.merchant.void(&order.order_id).await.unwrap().closed_reason, closed.closed_reason);
    scene.receives(&order, &["trade.closed"]).await;
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "e1");
}

/// Capture, void and the clock guard the same row: one of them wins, and the money goes by it.
pub(crate) async fn capture_and_void_at_once(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 3).await;
    scene.fund("tr", 10_000).await;
    let mut captured_sum = 0;
    for round in 0..6_i64 {
        let order = authorise(&scene, "tr", &format!("T-race-{round}"), 1_000, Some("1s")).await;
        if round >= 3 {
            // The clock joins in.
            tokio::time::sleep(std::time::Duration::from_millis(950)).await;
        }
        let racing = (0..12).map(|n| {
            let (merchant, id) = (scene.merchant.clone(), order.order_id.clone());
            async move {
                if n % 2 == 0 {
                    merchant.capture(&id, Some(Money::cny(100 + n))).await
                } else {
                    merchant.void(&id).await
                }
            }
        });
        for outcome in futures_util::future::join_all(racing).await {
            assert!(
                outcome.is_ok() || outcome.as_ref().unwrap_err().code() == Some("state_conflict"),
                "{outcome:?}"
            );
        }
        let ended = scene.reaches(&order, &[4, 5]).await;
        captured_sum += ended.captured.as_ref().map_or(0, |captured| captured.minor);
        assert_eq!(ended.captured.is_some(), ended.state == 4, "{ended:?}");
        assert_eq!(scene.journals(&order).await.len(), 2, "held, and ended once");
    }
    assert_eq!(scene.purse("tr").await, (10_000 - captured_sum, 0));
    assert_eq!(scene.settlement().await, (captured_sum, 0));
}

pub(crate) async fn nothing_changes(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 4).await;
    scene.fund("tn", 1_000).await;
    let before = Unchanged::of(&scene, "tn").await;
    for (trade, code) in [
        (NewTrade::direct("T-n1", "tn", Party::app(), 1_001), "balance_insufficient"),
        (NewTrade::authorise("T-n2", "tn", Party::app(), 1_001), "balance_insufficient"),
        (NewTrade::direct("T-n3", "tn-nobody", Party::user("tn"), 1), "balance_insufficient"),
        (NewTrade::direct("T-n4", "tn", Party::user("tn"), 1), "field_invalid"),
        (NewTrade::authorise("T-n5", "tn", Party::user("tn"), 1), "field_invalid"),
    ] {
        refused(scene.merchant.create_trade(&trade).await, code);
    }
    before.still(&scene).await;
    assert_eq!(scene.purse("tn").await, (1_000, 0));
}

pub(crate) async fn same_number_again(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("ts", 5_000).await;
    for (number, mode) in [("T-same-1", "direct"), ("T-same-2", "authorise")] {
        let make = if mode == "direct" { NewTrade::direct } else { NewTrade::authorise };
        let wanted = make(number, "ts", Party::app(), 700);
        let asking = (0..16).map(|_| scene.merchant.create_trade(&wanted));
        let orders: Vec<Order> = futures_util::future::try_join_all(asking).await.unwrap();
        assert_eq!(orders.iter().filter(|order| !order.replayed).count(), 1, "{orders:?}");
        assert!(orders.iter().all(|order| order.order_id == orders[0].order_id));
        for conflict in [
            make(number, "ts", Party::app(), 701),
            make(number, "ts", Party::user("ts-2"), 700),
            make(number, "ts-2", Party::app(), 700),
            if mode == "direct" { NewTrade::authorise } else { NewTrade::direct }(
                number,
                "ts",
                Party::app(),
                700,
            ),
        ] {
            refused(scene.merchant.create_trade(&conflict).await, "order_conflict");
        }
    }
    assert_eq!(scene.purse("ts").await, (3_600, 700));
}

/// Of many that the balance suffices for only in part, exactly so many are taken.
pub(crate) async fn many_at_once(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("tm", 1_000).await;
    let wanted: Vec<_> = (0..32)
        .map(|n| {
            let make = if n % 2 == 0 { NewTrade::direct } else { NewTrade::authorise };
            make(format!("T-many-{n}"), "tm", Party::user("tm-2"), 130)
        })
        .collect();
    let asking = wanted.iter().map(|one| scene.merchant.create_trade(one));
    let mut taken = Vec::new();
    for outcome in futures_util::future::join_all(asking).await {
        match outcome {
            Ok(order) => taken.push(order),
            Err(error) => assert_eq!(error.code(), Some("balance_insufficient"), "{error}"),
        }
    }
    assert_eq!(taken.len(), 7, "of 10.00 in parts of 1.30");
    let held = taken.iter().filter(|order| order.state == 0).count() as i64 * 130;
    assert_eq!(scene.purse("tm").await, (90, held));
    assert_eq!(scene.purse("tm-2").await, (910 - held, 0));
}
