//! What merchants read: lists with filters and cursors, and the timeline.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use sluice_sim::client::Orders;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::Scene;

/// An app of its own: nobody else's orders stand in its lists.
pub(crate) async fn lists(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 3).await;
    let list = async |query: &str| -> Vec<String> {
        let orders: Orders = scene.merchant.recharges(query).await.unwrap();
        orders.items.into_iter().map(|order| order.merchant_order_no).collect()
    };
    let mut newest_first = Vec::new();
    let mut middle = String::new();
    for n in 0..7 {
        let user = if n % 2 == 0 { "even" } else { "张三" };
        let order = scene
            .create_with(&format!("L-{n}"), 100 + n, |recharge| {
                recharge.user_ref = user.to_owned();
                recharge.method = "page".to_owned();
            })
            .await;
        if n == 3 {
            middle = order.more["created_at"].as_str().unwrap().to_owned();
        }
        newest_first.insert(0, order.merchant_order_no);
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    assert_eq!(list("").await, newest_first);
    assert_eq!(list("merchant_order_no=L-3").await, ["L-3"]);
    assert_eq!(list("user_ref=%E5%BC%A0%E4%B8%89").await, ["L-5", "L-3", "L-1"]);
    assert_eq!(list("state=1&user_ref=even&limit=2").await, ["L-6", "L-4"]);
    assert_eq!(list("state=4").await, [""; 0]);
    assert_eq!(list(&format!("from={middle}")).await, ["L-6", "L-5", "L-4", "L-3"]);
    assert_eq!(list(&format!("to={middle}")).await, ["L-2", "L-1", "L-0"]);

    // Page by page: each once, in order, also when orders come in meanwhile.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = scene.merchant.recharges(&format!("limit=3{cursor}")).await.unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(page.items.into_iter().map(|order| order.merchant_order_no));
        scene.create_with(&format!("L-late-{}", seen.len()), 100, |r| r.method = "page".to_owned()).await;
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, newest_first);

    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "state=9",
        "state=-1",
        "from=yesterday",
        "cursor=1",
        "cursor=rch_x",
        "merchant_order_no=a.b",
        "nonsense=1",
    ] {
        let refused = scene.merchant.recharges(query).await.unwrap_err();
        assert_eq!(refused.code(), Some("field_invalid"), "{query}");
    }
}

pub(crate) async fn timeline(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("L-time", 3_000).await;
    scene.pay(&order, Plan::Now).await;
    scene.reaches(&order, &[4]).await;
    let target = format!("/v1/recharges/{}/timeline", order.order_id);
    let answer: Value = scene.merchant.request("GET", &target).send().await.unwrap().into_verified().unwrap();
    let items = answer["items"].as_array().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    for kind in [
        "order.created",
        "order.submitted",
        "order.paid",
        "callback.queued",
        "callback.delivered",
        "order.completed",
    ] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    let times: Vec<_> = items.iter().map(|item| item["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");

    // A person on call sees more than the merchant: the exchanges with the provider, and the postings.
    let shown = scene.shown(&order).await;
    let origins: BTreeSet<_> =
        shown["timeline"].as_array().unwrap().iter().map(|event| event["origin"].as_str().unwrap()).collect();
    for origin in ["api", "gate", "channel", "notification", "order", "ledger", "callback"] {
        assert!(origins.contains(origin), "no {origin} in {origins:?}");
    }
}
