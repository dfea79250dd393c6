//! A channel that does not answer: nothing is concluded from silence.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use sluice_sim::client::{NewRecharge, Order};
use sluice_sim::control::Action;
use sluice_sim::provider::Plan;
use sluice_sim::sandbox::SandboxFile;
use sluice_sim::stand::Stand;

use super::{SOON, Scene, reference};
use crate::support;

/// A creation whose answer is missing, and the merchant's view of it.
async fn pending(scene: &Scene, number: &str, kind: &str) -> Order {
    scene.fault("create", kind, Some(1)).await;
    let began = Instant::now();
    let order = scene.create(number, 6_000).await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "the merchant waits no longer than the channel may take"
    );
    assert_eq!((order.state, order.payment_pending, order.payment.is_none()), (0, true, true), "{order:?}");
    order
}

/// Waits until the code is there, without anybody asking.
async fn gets_its_payment(scene: &Scene, order: &Order) -> Order {
    support::until("the payment is there", SOON, async || {
        let now = scene.merchant.recharge(&order.order_id).await.map_err(|error| error.to_string())?;
        if now.payment.is_some() { Ok(now) } else { Err(format!("{now:?}")) }
    })
    .await
}

pub(crate) async fn creation_done(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = pending(&scene, "U-done", "timeout").await;
    // The merchant's own repetition is the same order, still pending.
    let again = scene.create("U-done", 6_000).await;
    assert!(again.replayed && again.order_id == order.order_id);
    the_same_number_is_sent_again(&scene, order).await;
}

pub(crate) async fn creation_not_done(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    for (number, kind) in [("U-reset", "reset"), ("U-500", "http_500"), ("U-garbage", "garbage")] {
        let order = pending(&scene, number, kind).await;
        the_same_number_is_sent_again(&scene, order).await;
    }
}

async fn the_same_number_is_sent_again(scene: &Scene, order: Order) {
    let after = gets_its_payment(scene, &order).await;
    assert_eq!((after.state, after.payment_pending, reference(&after)), (1, false, reference(&order)));
    scene.pay(&after, Plan::Now).await;
    scene.reaches(&after, &[4]).await;
    assert_eq!(scene.books(&order).await["payments"].as_array().unwrap().len(), 1);
}

/// The answer is lost, a payer has the code all the same (from an earlier screen, say), and pays.
pub(crate) async fn creation_paid(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = pending(&scene, "U-paid", "timeout").await;
    scene.pay(&order, Plan::Now).await;
    let paid = scene.reaches(&order, &[4]).await;
    assert!(!paid.payment_pending);
    scene.receives(&order, &["recharge.paid"]).await;
}

pub(crate) async fn close(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("U-close", 6_100).await;
    scene.act(&order, Action::Scan).await;
    scene.reaches(&order, &[2]).await;
    is_closed_later(&scene, &order, "close").await;
    assert_eq!(scene.books(&order).await["closed_by"], "merchant");
}

pub(crate) async fn query_before_close(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("U-query-close", 6_101).await;
    is_closed_later(&scene, &order, "query").await;
}

/// The close cannot be brought to its end: 202, and it is brought to its end later.
async fn is_closed_later(scene: &Scene, order: &Order, op: &str) {
    scene.fault(op, "reset", None).await;
    let target = format!("/v1/recharges/{}/close", order.order_id);
    let answer = scene.merchant.request("POST", &target).send().await.unwrap();
    assert_eq!((answer.status, answer.verify()), (202, Ok(())));
    let body = answer.json().unwrap();
    assert_eq!((&body["close_pending"], body["state"].as_i64().unwrap() < 3), (&json!(true), true), "{body}");
    scene.no_faults().await;
    let closed = scene.reaches(order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("closed_by_merchant"));
    assert_eq!(closed.more["close_pending"], false);
    scene.receives(order, &["recharge.closed"]).await;
}

pub(crate) async fn limbo(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("U-limbo", 6_200).await;
    scene.fault("query", "timeout", None).await;
    scene.pay(&order, Plan::Never).await;
    let shown = scene.is_diagnosed(&order, "u").await;
    assert_eq!(shown["next_step"]["kind"], "requery", "{shown}");
    let limbo = async || -> bool {
        let listed: Value = scene.stand.sluice_json(&["orders", "list", "--limbo"]).await.unwrap();
        listed.as_array().unwrap().iter().any(|one| one["order_id"] == order.order_id.as_str())
    };
    support::until("it is in limbo", SOON, async || if limbo().await { Ok(()) } else { Err(String::new()) })
        .await;
    // A person asks, and the channel is silent: that is an answer of its own.
    let requery =
        async || scene.stand.sluice(&["order", "requery", &order.order_id, "--json"]).await.unwrap();
    assert_eq!(requery().await.status.code(), Some(4));
    scene.no_faults().await;
    let asked = requery().await;
    assert_eq!(asked.status.code(), Some(0), "{}", String::from_utf8_lossy(&asked.stderr));
    let said: Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(said["observation"]["presence"], "paid", "{said}");
    scene.reaches(&order, &[4]).await;
    assert!(!limbo().await);
}

/// Its time is over, and the channel says nothing: it may be paid, so it stays open.
pub(crate) async fn expiry_waits(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_short("U-expiry", 6_300).await;
    scene.fault("query", "reset", None).await;
    scene.pay(&order, Plan::Never).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let open = scene.merchant.recharge(&order.order_id).await.unwrap();
    assert!(open.state < 3, "{open:?}");
    scene.no_faults().await;
    let paid = scene.reaches(&order, &[4]).await;
    assert_eq!(paid.flags, [""; 0], "it was paid in time, and never closed");
}

/// SIGTERM: what is under way ends, nothing is forgotten, and the next process goes on.
pub(crate) async fn restart(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let client_id = scene.merchant.client_id().to_owned();
    scene.control.answer(&client_id, json!("http_500")).await.unwrap();
    let undelivered = scene.create("U-undelivered", 6_400).await;
    scene.pay(&undelivered, Plan::Now).await;
    scene.reaches(&undelivered, &[3]).await;
    let unasked = scene.create("U-unasked", 6_401).await;
    let unpaid = scene.create_with("U-unpaid", 6_402, |r| r.expires_in = Some("3s".to_owned())).await;
    let unanswered = pending(&scene, "U-unanswered", "timeout").await;
    scene.pay(&unasked, Plan::Never).await;

    let file = scene.stand.dir().join("sandbox.json");
    let before = SandboxFile::read(&file).unwrap().daemons[0].pid;
    let began = Instant::now();
    // One request is under way while it stops: it is answered.
    let under_way = scene.merchant.clone();
    scene.fault("create", "timeout", Some(1)).await;
    let creating =
        tokio::spawn(async move { under_way.create_recharge(&NewRecharge::new("U-under-way", 6_403)).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    kill_process(Pid::from_raw(i32::try_from(before).unwrap()).unwrap(), Signal::TERM).unwrap();
    let created = creating.await.unwrap().unwrap();
    assert!(created.payment_pending, "{created:?}");
    support::until("another daemon serves", SOON, async || {
        let now = SandboxFile::read(&file).map_err(|error| error.to_string())?.daemons[0].pid;
        let served = scene.merchant.recharges("limit=1").await.map_err(|error| error.to_string());
        if now == before { Err("the same process".to_owned()) } else { served.map(|_| ()) }
    })
    .await;
    let stopped = began.elapsed();
    scene.control.answer(&client_id, json!("success")).await.unwrap();
    for order in [&undelivered, &unasked] {
        scene.reaches(order, &[4]).await;
    }
    assert_eq!(scene.reaches(&unpaid, &[5]).await.closed_reason.as_deref(), Some("expired"));
    for order in [&unanswered, &created] {
        gets_its_payment(&scene, order).await;
    }
    let log = support::log(&scene.stand);
    assert!(log.contains("stopping: no new work") && !log.contains("not everything ended in time"), "{log}");
    support::measured(format!("stopped and served again after {:.1} s", stopped.as_secs_f32()));
}
