//! Rules and suspensions that come while orders come: no order is judged by what is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sluice_sim::stand::Stand;

use crate::daily::CALLERS;
use crate::scene::{Scene, said};
use crate::support::database::Database;
use crate::support::measured;

/// Trades of a user by many callers, until they are told to stop. Gives what was answered, and how often.
async fn trades(scene: &Scene, stop: &AtomicBool, next: &AtomicUsize) -> Vec<String> {
    let callers = (0..CALLERS).map(|_| async {
        let mut answers = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let number = format!("c{}", next.fetch_add(1, Ordering::Relaxed));
            answers.push(said(&scene.trade(&number, "u1", 1).await));
        }
        answers
    });
    futures_util::future::join_all(callers).await.into_iter().flatten().collect()
}

/// How many orders of a user there are, and what is counted of them.
async fn orders_and_counted(db: &Database, app: &str) -> (i64, i64) {
    let orders = db
        .json("SELECT json_array(client_id, count(*)) FROM orders WHERE kind = 'trade' GROUP BY client_id")
        .await;
    let counted = db.json("SELECT json_array(client_id, sum(orders)) FROM risk_usage WHERE user_ref <> '' GROUP BY client_id").await;
    let of = |rows: &[serde_json::Value]| {
        rows.iter().find(|row| row[0] == app).map_or(0, |row| row[1].as_i64().unwrap())
    };
    (of(&orders), of(&counted))
}

pub(crate) async fn while_orders_come(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 1_000_000).await;
    let db = Database::open(&scene.stand).await;
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let operator = async {
        // A limit far above what there is, so that the counter begins in the middle; then one that ends it.
        for _ in 0..3 {
            scene.rules(&["trade.user_daily_count=1000000"]).await;
            tokio::time::sleep(Duration::from_millis(150)).await;
            scene.act("risk", "clear", &[]).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        scene.rules(&["trade.user_daily_count=1000000"]).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        let (reached, _) = orders_and_counted(&db, scene.app()).await;
        let limit = reached + 40;
        scene.rules(&[&format!("trade.user_daily_count={limit}")]).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.store(true, Ordering::Relaxed);
        limit
    };
    let (answers, limit) = tokio::join!(trades(&scene, &stop, &next), operator);
    let (orders, counted) = orders_and_counted(&db, scene.app()).await;
    let accepted = answers.iter().filter(|answer| *answer == "ok").count();
    assert_eq!(accepted as i64, orders);
    // What was created before the last rule stands, even where it was more than the rule allows.
    assert!(orders >= limit, "{orders} of {limit}");
    assert_eq!(orders, counted, "each is counted once");
    let others: Vec<_> = answers.iter().filter(|a| *a != "ok" && *a != "user_daily_count").collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(said(&scene.trade("after", "u1", 1).await), "user_daily_count");
    measured(format!("rules changed 8 times under {CALLERS} callers: {orders} orders, each counted once"));
}

pub(crate) async fn suspended_while_orders_come(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 1_000_000).await;
    let db = Database::open(&scene.stand).await;
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let operator = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        scene.act("app", "suspend", &["--type", "trade"]).await;
        let (at_once, _) = orders_and_counted(&db, scene.app()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.store(true, Ordering::Relaxed);
        at_once
    };
    let (answers, at_once) = tokio::join!(trades(&scene, &stop, &next), operator);
    let (orders, _) = orders_and_counted(&db, scene.app()).await;
    assert_eq!(orders, at_once, "none was created after the command had returned");
    assert!(orders > 0);
    let others: Vec<_> = answers
        .iter()
        .filter(|a| !["ok", "unsigned access_denied", "unsigned signature_invalid"].contains(&a.as_str()))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
