//! Refunds: on Alipay's wire, told of, decided by control calls, and by the recipes of their amounts.

use crate::common::{World, refund};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// `code` or `sub_code`, `fund_change`, `refund_fee`.
fn said(answer: &Value) -> (&str, Option<&str>, Option<&str>) {
    let code = answer["sub_code"].as_str().or(answer["code"].as_str()).unwrap();
    (code, answer["fund_change"].as_str(), answer["refund_fee"].as_str())
}

async fn status(world: &World, payment: &str, number: &str) -> Option<String> {
    let answer = world.refund_query(payment, number).await;
    assert_eq!(answer["code"], "10000", "{answer}");
    assert_eq!((&answer["out_request_no"], &answer["out_trade_no"]), (&json!(number), &json!(payment)));
    answer["refund_status"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn refunds_add_up_and_are_notified() {
    let world = World::start().await;
    world.paid("K1", "10.00").await;
    for (number, yuan, expected) in [
        ("R1", "4.00", ("10000", Some("Y"), Some("4.00"))),
        ("R1", "4.00", ("10000", Some("N"), Some("4.00"))),
        ("R1", "5.00", ("ACQ.DISCORDANT_REPEAT_REQUEST", None, None)),
        ("R2", "6.01", ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", None, None)),
    ] {
        assert_eq!(said(&world.refund("K1", number, yuan).await), expected, "{number} {yuan}");
    }
    let partial = world.notified("K1", 1).await.remove(0);
    assert_eq!((partial["trade_status"].as_str(), partial["refund_fee"].as_str()), ("TRADE_SUCCESS", "4.00"));
    assert_eq!(partial["out_biz_no"], "R1");
    assert_eq!(world.query("K1").await["trade_status"], "TRADE_SUCCESS");

    assert_eq!(said(&world.refund("K1", "R2", "6.00").await), ("10000", Some("Y"), Some("10.00")));
    let full = world.notified("K1", 2).await.remove(1);
    assert_eq!((full["trade_status"].as_str(), full["refund_fee"].as_str()), ("TRADE_CLOSED", "10.00"));
    assert!(full.contains_key("gmt_close") && full.contains_key("gmt_refund"));
    assert_eq!(world.query("K1").await["trade_status"], "TRADE_CLOSED");

    let known = world.refund_query("K1", "R2").await;
    assert_eq!(
        (&known["refund_status"], &known["refund_amount"]),
        (&json!("REFUND_SUCCESS"), &json!("6.00"))
    );
    assert_eq!(known["total_amount"], "10.00");
    assert_eq!(status(&world, "K1", "R9").await, None);
}

#[tokio::test]
async fn thirty_two_at_once_never_give_back_too_much() {
    let world = World::start().await;
    world.paid("A1", "10.00").await;
    let numbers: Vec<_> = (0..32).map(|number| format!("R{number}")).collect();
    let calls = numbers.iter().map(|number| {
        let params = world.sign(world.params("alipay.trade.refund", &refund("A1", number, "0.70")));
        let request = world.http.post(format!("{}/alipay/gateway.do", world.base)).form(&params);
        tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() })
    });
    let mut done = 0;
    for call in calls.collect::<Vec<_>>() {
        let body = call.await.unwrap();
        let answer = world.verified("alipay.trade.refund", &body).unwrap();
        match said(&answer) {
            ("10000", Some("Y"), _) => done += 1,
            ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", None, None) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((done, world.record("A1").await["refunded_minor"].as_i64()), (14, Some(980)));
}

#[tokio::test]
async fn only_what_was_paid_is_refunded() {
    let world = World::start().await;
    assert_eq!(said(&world.refund("A0", "R", "1.00").await).0, "ACQ.TRADE_NOT_EXIST");
    world.precreate("A1", "1.00").await;
    assert_eq!(said(&world.refund("A1", "R", "1.00").await).0, "ACQ.TRADE_NOT_EXIST", "never scanned");
    world.act("A1", json!({ "action": "scan" })).await;
    assert_eq!(said(&world.refund("A1", "R", "1.00").await).0, "ACQ.TRADE_STATUS_ERROR");
    world.paid("A2", "1.00").await;
    for content in [
        json!({ "out_trade_no": "A2", "out_request_no": "R" }),
        json!({ "out_trade_no": "A2", "out_request_no": "R", "refund_amount": 1 }),
        json!({ "out_trade_no": "A2", "out_request_no": "R-1", "refund_amount": "1.00" }),
        json!({ "out_request_no": "R", "refund_amount": "1.00" }),
    ] {
        let answer = world.call("alipay.trade.refund", content.clone()).await;
        assert_eq!(said(&answer).0, "ACQ.INVALID_PARAMETER", "{content}");
    }
    assert_eq!(world.record("A2").await["refunds"], json!([]));
}

#[tokio::test]
async fn each_of_two_payments_names_the_trade() {
    let world = World::start().await;
    world.paid("A1", "1.00").await;
    let twice = world.act("A1", json!({ "action": "pay", "again": true, "notify": "never" })).await;
    let second = &twice["payments"][1]["channel_order_no"];
    let content = json!({ "trade_no": second, "out_request_no": "R1", "refund_amount": "1.00" });
    let answer = world.call("alipay.trade.refund", content).await;
    assert_eq!((said(&answer).1, &answer["trade_no"]), (Some("Y"), second));
    assert_eq!(world.query("A1").await["trade_status"], "TRADE_SUCCESS", "one of the two is left");
}

#[tokio::test]
async fn a_control_call_decides_before_or_after() {
    let world = World::start().await;
    world.paid("A1", "10.00").await;
    let decide = |result: &str, after_ms: u64| json!({ "action": "refund_result", "result": result, "after_ms": after_ms });

    // Said before: declined at once, and again, and nothing to be seen.
    let noted = world.act("R1", decide("failed", 0)).await;
    assert_eq!(
        (&noted["kind"], &noted["result"], &noted["state"]),
        (&json!("refund"), &json!("failed"), &Value::Null)
    );
    for _ in 0..2 {
        assert_eq!(said(&world.refund("A1", "R1", "1.00").await).0, "ACQ.TRADE_NOT_ALLOW_REFUND");
    }
    assert_eq!(
        (status(&world, "A1", "R1").await, &world.record("R1").await["state"]),
        (None, &json!("failed"))
    );

    // Said before, for later: not shown, then shown and told.
    world.act("R2", decide("success", 400)).await;
    assert_eq!(said(&world.refund("A1", "R2", "2.00").await), ("10000", Some("N"), Some("0.00")));
    assert_eq!((status(&world, "A1", "R2").await, world.receiver.bodies().len()), (None, 0));
    assert_eq!(
        said(&world.refund("A1", "R3", "8.01").await).0,
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "it is counted"
    );
    let told = world.notified("A1", 1).await.remove(0);
    assert_eq!((told["out_biz_no"].as_str(), told["refund_fee"].as_str()), ("R2", "2.00"));
    assert_eq!(status(&world, "A1", "R2").await.as_deref(), Some("REFUND_SUCCESS"));
    assert_eq!(said(&world.refund("A1", "R2", "2.00").await), ("10000", Some("N"), Some("2.00")));

    // Said after: what is under way fails, and the money is free for another.
    world.act("R4", decide("success", 60_000)).await;
    assert_eq!(said(&world.refund("A1", "R4", "8.00").await).1, Some("N"));
    assert_eq!(world.act("R4", decide("failed", 0)).await["state"], "failed");
    assert_eq!(said(&world.refund("A1", "R5", "8.00").await), ("10000", Some("Y"), Some("10.00")));
    let (code, body) = world.control("POST", "/control/orders/R5", decide("failed", 0)).await;
    assert_eq!((code, body["error"]["code"].as_str()), (409, Some("conflict")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.notified("A1", 2).await.len(), 2, "each success was told once");
}

#[tokio::test]
async fn recipes_of_the_refunds_own_amount() {
    let world = World::start().await;
    world.paid("A1", "100.00").await;

    world.refund("A1", "R90", "1.90").await;
    assert_eq!(world.notified("A1", 2).await.len(), 2);
    world.refund("A1", "R91", "1.91").await;
    assert_eq!(world.receiver.bodies().len(), 3, "told before the answer");
    assert_eq!(said(&world.refund("A1", "R99", "1.99").await).0, "ACQ.TRADE_NOT_ALLOW_REFUND");

    let impatient =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(300)).build().unwrap();
    let params = world.sign(world.params("alipay.trade.refund", &refund("A1", "R97", "1.97")));
    let request = impatient.post(format!("{}/alipay/gateway.do", world.base)).form(&params);
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(status(&world, "A1", "R97").await.as_deref(), Some("REFUND_SUCCESS"));
    assert_eq!(said(&world.refund("A1", "R97", "1.97").await).1, Some("N"), "asked again, it answers");

    let began = Instant::now();
    for (number, yuan) in [("R95", "1.95"), ("R96", "1.96"), ("R98", "1.98")] {
        assert_eq!(said(&world.refund("A1", number, yuan).await).1, Some("N"), "{number}");
        assert_eq!(status(&world, "A1", number).await, None, "{number}");
    }
    world.until(async || world.record("R98").await, |refund| refund["state"] == "failed").await;
    assert!(began.elapsed() > Duration::from_millis(2_500));
    assert_eq!(status(&world, "A1", "R96").await.as_deref(), Some("REFUND_SUCCESS"));
    let told = world.notified("A1", 4).await;
    assert_eq!(told[3]["out_biz_no"], "R96");
    assert_eq!(world.record("R95").await["state"], "dealing");
    world.act("R95", json!({ "action": "refund_result", "result": "success" })).await;
    assert_eq!(status(&world, "A1", "R95").await.as_deref(), Some("REFUND_SUCCESS"));
}
