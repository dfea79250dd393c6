//! The least and the greatest amount, and what a rule does not touch.

use std::sync::Arc;

use sluice_sim::client::{Money, NewTrade, Party};
use sluice_sim::stand::Stand;

use crate::scene::{Scene, said};

pub(crate) async fn least_and_greatest(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.rules(&["recharge.min.CNY=500", "recharge.max.CNY=1000"]).await;
    for (minor, want) in [(499, "min"), (500, "ok"), (1000, "ok"), (1001, "max")] {
        assert_eq!(said(&scene.recharge(&format!("r{minor}"), "u1", minor).await), want, "{minor}");
    }
    // A number that was refused is free still.
    scene.act("risk", "clear", &["recharge.min"]).await;
    assert_eq!(said(&scene.recharge("r499", "u1", 499).await), "ok");
    assert_eq!(said(&scene.recharge("r1001", "u1", 1001).await), "max");
}

pub(crate) async fn of_one_type_and_currency(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    scene.fund("u1", 5_000).await;
    scene.rules(&["trade.max.CNY=10", "withdraw.min.CNY=100"]).await;
    assert_eq!(said(&scene.trade("t1", "u1", 11).await), "max");
    assert_eq!(said(&scene.trade("t2", "u1", 10).await), "ok");
    assert_eq!(said(&scene.withdraw("w1", "u1", 99).await), "min");
    assert_eq!(said(&scene.withdraw("w2", "u1", 100).await), "ok");
    assert_eq!(said(&scene.recharge("r1", "u1", 2_000_000).await), "ok");
    // A currency that is not named is not limited; there is just no money in it.
    let mut dollars = NewTrade::direct("t3", "u1", Party::app(), 11);
    dollars.amount = Money { minor: 11, currency: "USD".to_owned() };
    assert_eq!(said(&scene.merchant.create_trade(&dollars).await), "balance_insufficient");
    // Nor are the other app's orders.
    other.fund("u1", 5_000).await;
    assert_eq!(said(&other.trade("t1", "u1", 11).await), "ok");
}

/// A repetition is answered with its order, whatever the rules say by now.
pub(crate) async fn what_was_accepted_stands(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    let first = scene.recharge("r1", "u1", 600).await.unwrap();
    scene
        .rules(&[
            "recharge.max.CNY=500",
            "recharge.user_daily_count=1",
            "recharge.new_user_cooling=1h",
            r#"recharge.networks=["203.0.113.0/24"]"#,
        ])
        .await;
    scene.act("user", "state", &["u1", "--state", "frozen"]).await;
    let again = scene.recharge("r1", "u1", 600).await.unwrap();
    assert!(again.replayed && again.order_id == first.order_id, "{again:?}");
    assert_eq!(said(&scene.recharge("r1", "u1", 700).await), "order_conflict");
    assert_eq!(
        said(&scene.recharge("r2", "u1", 600).await),
        "networks",
        "the first rule that refuses is named"
    );
    scene.act("risk", "clear", &["recharge.networks"]).await;
    assert_eq!(said(&scene.recharge("r2", "u1", 600).await), "max");
    assert_eq!(said(&scene.recharge("r2", "u1", 500).await), "user_forbidden");
    assert_eq!(said(&scene.recharge("r2", "u2", 500).await), "new_user_cooling");
    scene.act("user", "state", &["u1", "--state", "normal"]).await;
    scene.act("risk", "clear", &["recharge.new_user_cooling"]).await;
    assert_eq!(said(&scene.recharge("r2", "u1", 500).await), "user_daily_count");
    assert!(scene.recharge("r1", "u1", 600).await.unwrap().replayed);
}
