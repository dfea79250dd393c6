//! Limits of a day against 32 callers at once: exactly as many pass as fit.

use std::sync::Arc;

use futures_util::StreamExt as _;
use sluice_sim::client::{Error, Order};
use sluice_sim::stand::Stand;

use crate::scene::{Scene, counted, said};

/// Callers at once.
pub(crate) const CALLERS: usize = 32;

/// All wishes, so many at once.
pub(crate) async fn at_once(
    wishes: impl Iterator<Item = impl Future<Output = Result<Order, Error>>>,
) -> Vec<Result<Order, Error>> {
    futures_util::stream::iter(wishes).buffer_unordered(CALLERS).collect().await
}

fn counts(pairs: &[(&str, usize)]) -> Vec<(String, usize)> {
    pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

pub(crate) async fn orders_of_a_user(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 10_000).await;
    scene.fund("u2", 10_000).await;
    scene.rules(&["trade.user_daily_count=10"]).await;
    let numbers: Vec<String> = (0..64).map(|n| format!("t{n}")).collect();
    let answers = at_once(numbers.iter().map(|number| scene.trade(number, "u1", 1))).await;
    assert_eq!(counted(&answers), counts(&[("ok", 10), ("user_daily_count", 54)]));
    // The other user, and the user's other types, have their own.
    assert_eq!(said(&scene.trade("v1", "u2", 1).await), "ok");
    assert_eq!(said(&scene.withdraw("w1", "u1", 100).await), "ok");
    let used = scene.command("user", "show", &["u1"]).await;
    assert_eq!(
        used["usage"],
        serde_json::json!([
            {"type": "trade", "orders": 10, "amount": {"minor": 10, "currency": "CNY"}}
        ])
    );
    // One more is allowed, and one more passes.
    scene.rules(&["trade.user_daily_count=11"]).await;
    let answers = at_once(["x1", "x2", "x3"].iter().map(|number| scene.trade(number, "u1", 1))).await;
    assert_eq!(counted(&answers), counts(&[("ok", 1), ("user_daily_count", 2)]));
}

pub(crate) async fn amount_of_a_user(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 100_000).await;
    scene.rules(&["trade.user_daily_amount.CNY=1000"]).await;
    let numbers: Vec<String> = (0..64).map(|n| format!("t{n}")).collect();
    let answers = at_once(numbers.iter().map(|number| scene.trade(number, "u1", 30))).await;
    assert_eq!(counted(&answers), counts(&[("ok", 33), ("user_daily_amount", 31)]));
    // 990 are used: what is left can be used to the last fen, and no more.
    for (number, minor, want) in
        [("a", 11, "user_daily_amount"), ("b", 10, "ok"), ("c", 1, "user_daily_amount")]
    {
        assert_eq!(said(&scene.trade(number, "u1", minor).await), want, "{minor}");
    }
    assert_eq!(said(&scene.trade("d", "u1", 1001).await), "user_daily_amount", "more than any day allows");
}

pub(crate) async fn amount_of_an_app(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    for user in ["u0", "u1", "u2", "u3"] {
        scene.fund(user, 10_000).await;
    }
    other.fund("u0", 10_000).await;
    scene.rules(&["trade.app_daily_amount.CNY=1000"]).await;
    let wishes: Vec<_> = (0..64).map(|n| (format!("t{n}"), format!("u{}", n % 4))).collect();
    let answers = at_once(wishes.iter().map(|(number, user)| scene.trade(number, user, 70))).await;
    assert_eq!(counted(&answers), counts(&[("app_daily_amount", 50), ("ok", 14)]));
    assert_eq!(said(&scene.trade("rest", "u0", 20).await), "ok");
    assert_eq!(said(&scene.trade("more", "u1", 1).await), "app_daily_amount");
    assert_eq!(said(&other.trade("t0", "u0", 70).await), "ok");
    let shown = scene.command("risk", "show", &[]).await;
    assert_eq!(shown["usage"][0]["amount"]["minor"], 1000, "{shown}");
}

/// Orders count whatever becomes of them, and while the channel has not answered yet.
pub(crate) async fn recharges(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.rules(&["recharge.user_daily_count=5", "recharge.user_daily_amount.CNY=400"]).await;
    let numbers: Vec<String> = (0..32).map(|n| format!("r{n}")).collect();
    let answers = at_once(numbers.iter().map(|number| scene.recharge(number, "u1", 100))).await;
    assert_eq!(counted(&answers), counts(&[("ok", 4), ("user_daily_amount", 28)]));
    let placed = answers.iter().flatten().next().unwrap();
    scene.merchant.close_recharge(&placed.order_id).await.unwrap();
    scene.reaches(placed, 5).await;
    assert_eq!(said(&scene.recharge("again", "u1", 100).await), "user_daily_amount");
}

/// A rule that comes in the middle of a day counts the orders of before it.
pub(crate) async fn orders_from_before(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 10_000).await;
    for number in ["t1", "t2", "t3"] {
        assert_eq!(said(&scene.trade(number, "u1", 100).await), "ok");
    }
    scene.rules(&["trade.user_daily_count=4", "trade.app_daily_amount.CNY=450"]).await;
    let shown = scene.command("user", "show", &["u1"]).await;
    assert_eq!(shown["usage"][0]["orders"], 3, "{shown}");
    assert_eq!(said(&scene.trade("t4", "u1", 151).await), "app_daily_amount");
    assert_eq!(said(&scene.trade("t4", "u1", 50).await), "ok");
    assert_eq!(said(&scene.trade("t5", "u1", 1).await), "user_daily_count");
    // The rule goes and comes again: nothing is forgotten.
    scene.act("risk", "clear", &[]).await;
    assert_eq!(said(&scene.trade("t5", "u1", 1).await), "ok");
    scene.rules(&["trade.user_daily_count=5"]).await;
    assert_eq!(said(&scene.trade("t6", "u1", 1).await), "user_daily_count");
}
