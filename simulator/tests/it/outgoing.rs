//! What refunds and payouts have in common: faults, limits, the merchant's account, and the books that add up.

use crate::common::{World, refund, transfer};
use serde_json::{Value, json};
use std::time::Duration;

const REFUND: &str = "alipay.trade.refund";
const TRANSFER: &str = "alipay.fund.trans.uni.transfer";

/// What each fault does: whether an answer comes, whether it verifies, whether it is booked.
#[tokio::test]
async fn faults_strike_before_or_after_the_booking() {
    let world = World::start().await;
    world.paid("A1", "1000.00").await;
    let impatient =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(400)).build().unwrap();
    let table = [
        (json!("timeout"), None, true),
        (json!("reset"), None, false),
        (json!("http_500"), Some((500, false)), false),
        (json!("garbage"), Some((200, false)), true),
        (json!("wrong_signature"), Some((200, false)), true),
        (json!("too_frequent"), Some((200, true)), false),
        (json!("not_found"), Some((200, true)), false),
        (json!("wrong_amount"), Some((200, true)), true),
        (json!({ "slow_ms": 50 }), Some((200, true)), true),
    ];
    for (op, method) in [("refund", REFUND), ("payout", TRANSFER)] {
        for (index, (fault, answered, booked)) in table.iter().enumerate() {
            world.fault(op, fault.clone()).await;
            let number = format!("{op}{index}");
            let content =
                if op == "refund" { refund("A1", &number, "1.00") } else { transfer(&number, "1.00") };
            let params = world.sign(world.params(method, &content));
            let request = impatient.post(format!("{}/alipay/gateway.do", world.base)).form(&params);
            let seen = match request.send().await {
                Err(error) => {
                    assert_eq!(error.is_timeout(), fault == "timeout", "{op} {fault}: {error:?}");
                    None
                }
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
                    Some((status, world.verified(method, &body).is_some()))
                }
            };
            assert_eq!(seen, *answered, "{op} {fault}");
            let (status, _) = world.control("GET", &format!("/control/orders/{number}"), Value::Null).await;
            assert_eq!(status == 200, *booked, "{op} {fault}");
        }
    }
    let (_, counts) = world.control("GET", "/control/counts", Value::Null).await;
    for op in ["refund", "payout"] {
        let counted = counts["counts"].as_array().unwrap().iter().filter(|count| count["op"] == op);
        assert_eq!(counted.count(), table.len(), "one outcome each");
    }
}

#[tokio::test]
async fn faults_of_the_queries() {
    let world = World::start().await;
    world.paid("A1", "10.00").await;
    world.refund("A1", "R1", "4.00").await;
    world.transfer("P1", "5.00").await;
    world.fault("refund_query", json!("wrong_amount")).await;
    assert_eq!(world.refund_query("A1", "R1").await["refund_amount"], "4.01");
    world.fault("refund_query", json!("not_found")).await;
    assert_eq!(world.refund_query("A1", "R1").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    world.fault("payout_query", json!("wrong_amount")).await;
    assert_eq!(world.transfer_query("P1").await["trans_amount"], "5.01");
    world.fault("payout_query", json!("not_found")).await;
    assert_eq!(world.transfer_query("P1").await["sub_code"], "ORDER_NOT_EXIST");
    world.fault("payout_query", json!("too_frequent")).await;
    assert_eq!(world.transfer_query("P1").await["code"], "40005");
    assert_eq!(world.transfer("P2", "5.00").await["status"], "SUCCESS", "only the query is struck");
}

#[tokio::test]
async fn limits_are_hidden_and_kept() {
    let world = World::start().await;
    let limit = |op: &str| json!([{ "channel": "alipay", "op": op, "per_minute": 60 }]);
    assert_eq!(world.control("PUT", "/control/limits", limit("payout")).await.0, 200);
    let mut codes = vec![];
    for number in 0..5 {
        let answer = world.transfer(&format!("P{number}"), "1.00").await;
        codes.push(answer["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(codes[0], "10000");
    assert!(codes[1..].iter().filter(|code| *code == "40005").count() >= 3, "{codes:?}");
}

#[tokio::test]
async fn the_merchants_account_can_run_dry() {
    let world = World::start().await;
    world.paid("A1", "10.00").await;
    let account = json!({ "channel": "alipay", "available_minor": 600 });
    assert_eq!(world.control("PUT", "/control/accounts", account).await.0, 200);
    assert_eq!(world.refund("A1", "R1", "6.01").await["sub_code"], "ACQ.SELLER_BALANCE_NOT_ENOUGH");
    assert_eq!(world.transfer("P1", "6.01").await["sub_code"], "PAYER_BALANCE_NOT_ENOUGH");
    for number in ["R1", "P1"] {
        assert_eq!(world.control("GET", &format!("/control/orders/{number}"), Value::Null).await.0, 404);
    }
    assert_eq!(world.transfer("P2", "6.00").await["status"], "SUCCESS");
    assert_eq!(world.refund("A1", "R1", "0.10").await["sub_code"], "ACQ.SELLER_BALANCE_NOT_ENOUGH");
    // Topped up by another payment.
    world.paid("A2", "2.00").await;
    assert_eq!(world.refund("A1", "R1", "0.10").await["fund_change"], "Y", "the same number again");
    let (_, shown) = world.control("GET", "/control/accounts", Value::Null).await;
    assert_eq!(shown["accounts"][0]["available_minor"], 190);
    let unlimited = json!({ "channel": "alipay", "available_minor": null });
    world.control("PUT", "/control/accounts", unlimited).await;
    assert_eq!(world.transfer("P1", "1000.00").await["status"], "SUCCESS");
    let negative = json!({ "channel": "alipay", "available_minor": -1 });
    assert_eq!(world.control("PUT", "/control/accounts", negative).await.0, 422);
}

#[tokio::test]
async fn the_books_add_up() {
    let world = World::start().await;
    world.paid("A1", "10.00").await;
    world.refund("A1", "R1", "4.00").await;
    world.act("R2", json!({ "action": "refund_result", "result": "failed" })).await;
    world.refund("A1", "R2", "1.00").await;
    for (number, yuan) in [("P1", "3.00"), ("P2", "2.00"), ("P3", "1.95")] {
        world.transfer(number, yuan).await;
    }
    world.act("P2", json!({ "action": "payout_result", "result": "returned" })).await;

    let (_, all) = world.control("GET", "/control/orders", Value::Null).await;
    let orders = all["orders"].as_array().unwrap();
    let seen: Vec<_> =
        orders.iter().map(|o| ["kind", "channel_ref", "state"].map(|n| o[n].as_str().unwrap())).collect();
    assert_eq!(
        seen,
        [
            ["payment", "A1", "paid"],
            ["refund", "R1", "success"],
            ["refund", "R2", "failed"],
            ["payout", "P1", "success"],
            ["payout", "P2", "returned"],
            ["payout", "P3", "dealing"],
        ]
    );
    assert_eq!((&orders[1]["payment"], &orders[1]["amount_minor"]), (&json!("A1"), &json!(400)));
    assert_eq!(orders[1]["channel_order_no"], orders[0]["channel_order_no"]);
    let (_, accounts) = world.control("GET", "/control/accounts", Value::Null).await;
    for (sum, minor) in
        [("paid_minor", 1_000), ("refunded_minor", 400), ("paid_out_minor", 500), ("returned_minor", 200)]
    {
        let added: i64 = orders.iter().map(|order| order[sum].as_i64().unwrap()).sum();
        assert_eq!((added, accounts["accounts"][0][sum].as_i64()), (minor, Some(minor)), "{sum}");
    }
    assert_eq!(accounts["accounts"][0]["paying_out_minor"], 195);
    for (query, count) in [("kind=payout", 3), ("kind=refund&state=failed", 1), ("state=success", 2)] {
        let (_, some) = world.control("GET", &format!("/control/orders?{query}"), Value::Null).await;
        assert_eq!(some["orders"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn refusals_explain_themselves() {
    let world = World::start().await;
    world.paid("A1", "10.00").await;
    world.refund("A1", "R1", "1.00").await;
    for (path, body, status) in [
        ("A9", json!({ "action": "payout_result" }), 422),
        ("A9", json!({ "action": "payout_result", "result": "lost" }), 400),
        ("A9", json!({ "action": "refund_result", "result": "returned" }), 422),
        ("A1", json!({ "action": "pay", "result": "success" }), 422),
        ("A1", json!({ "action": "scan", "after_ms": 5 }), 422),
        ("R1", json!({ "action": "pay" }), 404),
    ] {
        let (got, answer) = world.control("POST", &format!("/control/orders/{path}"), body.clone()).await;
        assert_eq!(got, status, "{body}: {answer}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    }
    let unknown = world.control("GET", "/control/orders?kind=gift", Value::Null).await;
    assert_eq!(unknown.0, 400);
}
