//! Where callbacks may go, and where requests may come from.

use std::sync::Arc;

use sluice_sim::client::{Exchange, NewRecharge, NewRefund};
use sluice_sim::stand::Stand;

use crate::scene::{Scene, said};

pub(crate) async fn hosts(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    // The app's own address, where its orders go that name none.
    assert!(scene.stand.file().apps[0].callback_url.starts_with("http://127.0.0.1:"));
    scene.rules(&[r#"recharge.notify_hosts=["shop.example", "*.pay.example"]"#]).await;
    for (url, want) in [
        (None, "notify_hosts"),
        (Some("https://shop.example/notify"), "ok"),
        (Some("https://SHOP.example:8443/notify"), "ok"),
        (Some("https://a.b.pay.example/notify"), "ok"),
        (Some("https://pay.example/notify"), "notify_hosts"),
        (Some("https://shop.example.evil.example/notify"), "notify_hosts"),
        (Some("http://127.0.0.1:1/shop.example"), "notify_hosts"),
    ] {
        let number = format!("h{}", url.map_or(0, str::len));
        let answer = scene.recharge_with(&number, "u1", 100, |r| r.notify_url = url.map(str::to_owned)).await;
        assert_eq!(said(&answer), want, "{url:?}");
    }
    scene.rules(&[r#"recharge.notify_hosts=["127.0.0.1"]"#]).await;
    assert_eq!(said(&scene.recharge("own", "u1", 100).await), "ok");
}

pub(crate) async fn networks(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 1_000).await;
    scene.rules(&[r#"trade.networks=["203.0.113.0/24", "2001:db8::/32"]"#]).await;
    assert_eq!(said(&scene.trade("t1", "u1", 1).await), "networks");
    assert_eq!(said(&scene.recharge("r1", "u1", 100).await), "ok", "of another type");
    scene.rules(&[r#"trade.networks=["203.0.113.0/24", "127.0.0.1"]"#]).await;
    let trade = scene.trade("t1", "u1", 1).await.unwrap();
    // What ends an order, or reads it, is not judged.
    scene.rules(&[r#"trade.networks=["203.0.113.0/24"]"#]).await;
    assert!(scene.merchant.trade(&trade.order_id).await.is_ok());
    assert!(scene.merchant.refund(&trade.order_id, &NewRefund::new("f1", 1)).await.is_ok());
}

/// A new recharge, by whoever the proxy says.
async fn from(scene: &Scene, number: &str, forwarded: &str) -> Exchange {
    let request = scene.merchant.request("POST", "/v1/recharges").json(&NewRecharge::new(number, 100));
    request.header("X-Forwarded-For", forwarded).send().await.unwrap()
}

pub(crate) async fn networks_behind_a_proxy(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.rules(&[r#"recharge.networks=["198.51.100.0/24"]"#]).await;
    for (number, forwarded, want) in [
        ("n1", "198.51.100.7", None),
        ("n2", "198.51.101.7", Some("risk_refused")),
        // Only the right-most that is no proxy counts: what stands left of it is the client's own word.
        ("n3", "198.51.100.7, 192.0.2.1", Some("risk_refused")),
        ("n4", "192.0.2.1, 198.51.100.8", None),
        ("n5", "192.0.2.1, 198.51.100.9, 127.0.0.9", None),
    ] {
        let answer = from(&scene, number, forwarded).await;
        answer.verify().unwrap();
        assert_eq!(answer.error_code().as_deref(), want, "{forwarded}");
    }
}
