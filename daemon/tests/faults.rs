//! Orders of all kinds under faults: the provider misbehaves in every way it can, each at 10 %, and merchants answer wrongly for
//! a while. At the end nothing is lost, nothing is there twice, and whatever is not final is named, with a next step.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluice_sim::stand::Stand;

use support::audit::{audit, settled};
use support::crowd::{Crowd, Plans};
use support::database::Database;
use support::{length, measured, stand};

const SEED: u64 = 20_261_124;

const FAULTS: [&str; 8] = [
    "timeout",
    "reset",
    "http_500",
    "garbage",
    "wrong_signature",
    "too_frequent",
    "not_found",
    "wrong_amount",
];

/// A merchant that answered wrongly for a while is not waited for much longer afterwards.
const SETTINGS: [&str; 2] = [
    "channels.alipay.create_timeout=2s",
    r#"callback.schedule=["0s","100ms","500ms","1s","2s","3s","4s","5s","5s","5s","5s","5s","5s"]"#,
];

/// Every kind of fault at 10 %, at every operation: more than half of all exchanges go wrong.
fn weather() -> Value {
    let mut faults = Vec::new();
    for op in ["create", "query", "close", "notify", "payout", "payout_query", "refund", "refund_query"] {
        faults.push(json!({"channel": "alipay", "op": op, "fault": {"slow_ms": 400}, "rate": 0.1}));
        for fault in FAULTS {
            faults.push(json!({"channel": "alipay", "op": op, "fault": fault, "rate": 0.1}));
        }
    }
    faults.into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_under_faults() {
    let stand = stand(&[&support::ALL_KINDS[..], &SETTINGS].concat()).await;
    let (db, control) = (Database::open(&stand).await, stand.control());
    let began = Instant::now();
    control.faults(weather()).await.unwrap();
    let orders = length(600, 6_000);
    let plans = Plans { seed: SEED, orders, at_once: 64, payable: 20, spending: 50 };
    let crowd = Crowd::start(&stand, plans).await;
    // While orders flow, both merchants answer in every wrong way, one after the other.
    for answer in
        [json!("wrong_body"), json!("http_500"), json!("close"), json!({"slow_ms": 300}), json!("timeout")]
    {
        everybody_answers(&stand, answer).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
    everybody_answers(&stand, json!("success")).await;
    let placed = crowd.all().await;
    let flowed = began.elapsed();

    let (ended, named) = everything_is_named(&stand).await;
    let counts = control.counts().await.unwrap();
    control.faults(json!([])).await.unwrap();
    settled(&stand, &db, Duration::from_secs(150)).await;
    let summary = audit(&stand, &db, &placed, true).await;
    support::assert_no_panic(&stand);
    assert!(summary.orders > orders * 3 / 5, "too many were refused to prove anything: {summary}");
    assert!(summary.waiting_for_a_person <= summary.suspended, "{summary:?}");
    everything_is_named(&stand).await;
    measured(format!(
        "{summary}; under {} struck faults {ended} had ended and {named} were named with a next step; made in {:.0} s, \
         all settled after {:.0} s",
        struck(&counts),
        flowed.as_secs_f32(),
        began.elapsed().as_secs_f32()
    ));
}

async fn everybody_answers(stand: &Stand, answer: Value) {
    for app in &stand.file().apps {
        stand.control().answer(&app.client_id, answer.clone()).await.unwrap();
    }
}

/// As a person on call sees it: every order is completed or closed, or has a diagnosis and something that comes next.
/// Gives how many of each.
async fn everything_is_named(stand: &Stand) -> (usize, usize) {
    let listed = stand.sluice_json(&["orders", "list", "--limit", "100000"]).await.unwrap();
    let (mut ended, mut named) = (0, 0);
    for order in listed.as_array().unwrap() {
        let mut order = order.clone();
        if standing(&order).is_err() {
            // It moved while it was listed: between the reading of the order and of what is planned for it.
            tokio::time::sleep(Duration::from_millis(200)).await;
            order = stand.sluice_json(&["order", "show", order["order_id"].as_str().unwrap()]).await.unwrap();
        }
        match standing(&order) {
            Ok(true) => ended += 1,
            Ok(false) => named += 1,
            Err(why) => panic!("{why}: {order}"),
        }
    }
    (ended, named)
}

/// Whether the order has ended; if not, it has a diagnosis and a next step.
fn standing(order: &Value) -> Result<bool, &'static str> {
    if order["diagnosis"]["code"].as_str().is_none_or(str::is_empty) {
        return Err("no diagnosis");
    }
    // A state of 61 is that of a refund, which is named for itself.
    if matches!(order["state"].as_i64(), Some(4 | 5 | 6 | 61 | 62 | 63)) {
        return Ok(true);
    }
    let step = &order["next_step"];
    let named = step["text"].as_str().is_some_and(|text| !text.is_empty()) && step["kind"] != "none";
    if named { Ok(false) } else { Err("nothing comes next") }
}

fn struck(counts: &Value) -> u64 {
    let faults = counts["counts"].as_array().unwrap().iter().filter(|count| {
        let outcome = count["outcome"].as_str().unwrap_or_default();
        FAULTS.contains(&outcome)
    });
    faults.map(|count| count["count"].as_u64().unwrap_or_default()).sum()
}
