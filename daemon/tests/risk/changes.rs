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

/// How many trades an app has, and how many of them are counted: of one moment, whatever goes on.
async fn orders_and_counted(db: &Database, app: &str) -> (i64, i64) {
    let rows = db.json(
        "SELECT json_array(client_id, (SELECT count(*) FROM orders o WHERE o.client_id = a.client_id AND kind = 'trade'), \
         (SELECT coalesce(sum(orders), 0) FROM risk_usage u WHERE u.client_id = a.client_id AND user_ref <> '')) FROM app a",
    );
    let rows = rows.await;
    let mine = rows.iter().find(|row| row[0] == app).unwrap();
    (mine[1].as_i64().unwrap(), mine[2].as_i64().unwrap())
}

/// Times that something is changed.
const ROUNDS: usize = 10;

pub(crate) async fn while_orders_come(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 1_000_000).await;
    let db = Database::open(&scene.stand).await;
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let operator = async {
        for _ in 0..ROUNDS {
            // A limit far above what there is, so that counting begins in the middle.
            scene.rules(&["trade.user_daily_count=1000000"]).await;
            let (orders, counted) = orders_and_counted(&db, scene.app()).await;
            assert_eq!(orders, counted, "each is counted once, whichever rules it came under");
            scene.act("risk", "clear", &[]).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
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
    assert_eq!(orders, counted);
    let others: Vec<_> = answers.iter().filter(|a| *a != "ok" && *a != "user_daily_count").collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(said(&scene.trade("after", "u1", 1).await), "user_daily_count");
    measured(format!(
        "rules changed {} times under {CALLERS} callers: {orders} orders, each counted once",
        2 * ROUNDS + 1
    ));
}

pub(crate) async fn suspended_while_orders_come(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 1_000_000).await;
    let db = Database::open(&scene.stand).await;
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let operator = async {
        for _ in 0..ROUNDS {
            tokio::time::sleep(Duration::from_millis(50)).await;
            scene.act("app", "suspend", &["--type", "trade"]).await;
            let (at_once, _) = orders_and_counted(&db, scene.app()).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let (later, _) = orders_and_counted(&db, scene.app()).await;
            assert_eq!(at_once, later, "none is created after the command has returned");
            scene.act("app", "resume", &["--type", "trade"]).await;
        }
        stop.store(true, Ordering::Relaxed);
    };
    let (answers, ()) = tokio::join!(trades(&scene, &stop, &next), operator);
    // Events are numbered in the order of their transactions: what was created while the app was stopped would be seen
    // here, however short after.
    let told = db.json(
        "SELECT json_array(client_id, kind) FROM event \
         WHERE kind IN ('app.suspended', 'app.resumed', 'order.created') ORDER BY seq",
    );
    let told = told.await;
    let (mut stopped, mut created) = (false, 0);
    for event in told.iter().filter(|event| event[0] == scene.app()) {
        match event[1].as_str().unwrap() {
            "app.suspended" => stopped = true,
            "app.resumed" => stopped = false,
            _ => {
                assert!(!stopped, "an order was created while its app was stopped");
                created += 1;
            }
        }
    }
    let accepted = answers.iter().filter(|answer| *answer == "ok").count();
    assert_eq!(created, accepted + 1, "and one to fund the user");
    let others: Vec<_> = answers
        .iter()
        .filter(|a| !["ok", "unsigned access_denied", "unsigned signature_invalid"].contains(&a.as_str()))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    measured(format!(
        "stopped {ROUNDS} times under {CALLERS} callers: {accepted} orders, none while it was stopped"
    ));
}
