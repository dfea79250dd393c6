//! Payouts: transfers on Alipay's wire, decided by control calls, and by the recipes of their amounts.

use crate::common::{World, transfer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// `sub_code` or `status`.
fn said(answer: &Value) -> &str {
    answer["sub_code"].as_str().or(answer["status"].as_str()).unwrap_or_else(|| panic!("{answer}"))
}

fn decide(result: &str, after_ms: u64) -> Value {
    json!({ "action": "payout_result", "result": result, "after_ms": after_ms })
}

#[tokio::test]
async fn a_transfer_is_paid_at_once_and_once() {
    let world = World::start().await;
    assert_eq!(said(&world.transfer_query("P1").await), "ORDER_NOT_EXIST");
    let paid = world.transfer("P1", "88.88").await;
    assert_eq!((said(&paid), &paid["out_biz_no"]), ("SUCCESS", &json!("P1")));
    assert_eq!(world.transfer("P1", "88.88").await, paid, "the same again is the same");
    assert_eq!(said(&world.transfer("P1", "88.89").await), "PAYMENT_INFO_INCONSISTENCY");
    let mut other = transfer("P1", "88.88");
    other["payee_info"]["identity"] = json!("other@example.com");
    let answer = world.call("alipay.fund.trans.uni.transfer", other).await;
    assert_eq!(said(&answer), "PAYMENT_INFO_INCONSISTENCY");

    let known = world.transfer_query("P1").await;
    assert_eq!((said(&known), &known["trans_amount"]), ("SUCCESS", &json!("88.88")));
    assert_eq!(known["pay_date"].as_str().unwrap().len(), 19);
    for name in ["order_id", "pay_fund_order_id"] {
        assert_eq!((known[name].as_str().unwrap().len(), &known[name]), (32, &paid[name]));
        let content = json!({ (name): paid[name] });
        assert_eq!(world.call("alipay.fund.trans.common.query", content).await, known, "{name}");
    }
    let record = world.record("P1").await;
    assert_eq!(
        (&record["kind"], &record["state"], &record["paid_out_minor"]),
        (&json!("payout"), &json!("success"), &json!(8_888))
    );
    assert_eq!(record["payee"]["identity"], "payee@example.com");
}

#[tokio::test]
async fn contents_are_checked() {
    let world = World::start().await;
    let with = |path: &str, value: Value| {
        let mut content = transfer("P1", "1.00");
        *content.pointer_mut(path).unwrap() = value;
        content
    };
    for (content, code) in [
        (with("/out_biz_no", json!("P-1")), "INVALID_PARAMETER"),
        (with("/trans_amount", json!("1.001")), "INVALID_PARAMETER"),
        (with("/trans_amount", json!(1)), "INVALID_PARAMETER"),
        (with("/trans_amount", json!("0.09")), "EXCEED_LIMIT_SM_MIN_AMOUNT"),
        (with("/product_code", json!("TRANS_BANKCARD_NO_PWD")), "INVALID_PARAMETER"),
        (with("/biz_scene", json!("")), "INVALID_PARAMETER"),
        (with("/order_title", json!("")), "INVALID_PARAMETER"),
        (with("/payee_info", json!({})), "INVALID_PARAMETER"),
        (with("/payee_info/name", Value::Null), "INVALID_PARAMETER"),
        (with("/payee_info/identity_type", json!("ALIPAY_USER_ID")), "INVALID_PARAMETER"),
        (json!([]), "ACQ.INVALID_PARAMETER"),
    ] {
        let answer = world.call("alipay.fund.trans.uni.transfer", content.clone()).await;
        assert_eq!(said(&answer), code, "{content}");
    }
    assert_eq!(said(&world.transfer_query("P1").await), "ORDER_NOT_EXIST");
    for content in [json!({}), json!({ "out_biz_no": "P1" })] {
        let answer = world.call("alipay.fund.trans.common.query", content).await;
        assert_eq!(said(&answer), "INVALID_PARAMETER");
    }
    let mut by_id = transfer("P2", "0.10");
    by_id["payee_info"] = json!({ "identity": "2088102122458832", "identity_type": "ALIPAY_USER_ID" });
    assert_eq!(said(&world.call("alipay.fund.trans.uni.transfer", by_id).await), "SUCCESS");
}

/// What is said before the transfer, what the transfer says, what is said after, what a query says then.
#[tokio::test]
async fn a_control_call_decides_before_or_after() {
    let world = World::start().await;
    let table = [
        (None, "SUCCESS", None, "SUCCESS"),
        (None, "SUCCESS", Some(("returned", 0)), "REFUND"),
        (None, "SUCCESS", Some(("returned", 60_000)), "SUCCESS"),
        (Some(("success", 0)), "SUCCESS", None, "SUCCESS"),
        (Some(("failed", 0)), "PAYEE_NOT_EXIST", None, "FAIL"),
        (Some(("returned", 0)), "REFUND", None, "REFUND"),
        (Some(("returned", 60_000)), "SUCCESS", None, "SUCCESS"),
        (Some(("success", 60_000)), "DEALING", None, "DEALING"),
        (Some(("success", 60_000)), "DEALING", Some(("success", 0)), "SUCCESS"),
        (Some(("success", 60_000)), "DEALING", Some(("failed", 0)), "FAIL"),
        (Some(("failed", 60_000)), "DEALING", Some(("returned", 0)), "REFUND"),
    ];
    for (index, (before, answer, after, asked)) in table.into_iter().enumerate() {
        let number = format!("P{index}");
        let case = format!("{before:?} {after:?}");
        if let Some((result, after_ms)) = before {
            let noted = world.act(&number, decide(result, after_ms)).await;
            assert_eq!((&noted["state"], &noted["result"]), (&Value::Null, &json!(result)), "{case}");
        }
        assert_eq!(said(&world.transfer(&number, "5.00").await), answer, "{case}");
        if let Some((result, after_ms)) = after {
            assert_eq!(world.act(&number, decide(result, after_ms)).await["kind"], "payout", "{case}");
        }
        let known = world.transfer_query(&number).await;
        assert_eq!(said(&known), asked, "{case}");
        assert_eq!(known["trans_amount"].is_string(), asked == "SUCCESS", "{case}");
        assert_eq!(known["error_code"].is_string(), asked == "FAIL", "{case}");
        let again = world.transfer(&number, "5.00").await;
        let same = if asked == "FAIL" { "PAYEE_NOT_EXIST" } else { asked };
        assert_eq!(said(&again), same, "{case}: asked for again");
    }
    let impossible = world.control("POST", "/control/orders/P4", decide("success", 0)).await;
    assert_eq!((impossible.0, &impossible.1["error"]["code"]), (409, &json!("conflict")));
}

#[tokio::test]
async fn what_is_to_come_comes() {
    let world = World::start().await;
    for (number, result) in [("P1", "success"), ("P2", "failed"), ("P3", "returned")] {
        world.act(number, decide(result, 300)).await;
        world.transfer(number, "5.00").await;
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    let mut states = vec![];
    for number in ["P1", "P2", "P3"] {
        states.push(said(&world.transfer_query(number).await).to_owned());
    }
    assert_eq!(states, ["SUCCESS", "FAIL", "REFUND"]);
}

#[tokio::test]
async fn recipes_of_a_payouts_amount() {
    let world = World::start().await;
    let began = Instant::now();
    for (yuan, answer, asked) in [
        ("1.90", "SUCCESS", "SUCCESS"),
        ("1.92", "SUCCESS", "SUCCESS"),
        ("1.94", "PAYEE_NOT_EXIST", "ORDER_NOT_EXIST"),
        ("1.95", "DEALING", "DEALING"),
        ("1.96", "DEALING", "DEALING"),
        ("1.98", "DEALING", "DEALING"),
        ("1.99", "PAYEE_NOT_EXIST", "FAIL"),
    ] {
        let number = format!("P{}", &yuan[2..]);
        assert_eq!(said(&world.transfer(&number, yuan).await), answer, "{yuan}");
        assert_eq!(said(&world.transfer_query(&number).await), asked, "{yuan}");
    }
    let impatient =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(300)).build().unwrap();
    let params = world.sign(world.params("alipay.fund.trans.uni.transfer", &transfer("P97", "1.97")));
    let request = impatient.post(format!("{}/alipay/gateway.do", world.base)).form(&params);
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(said(&world.transfer_query("P97").await), "SUCCESS");
    assert_eq!(said(&world.transfer("P97", "1.97").await), "SUCCESS", "asked for again, it answers");

    for (number, status) in [("P92", "REFUND"), ("P96", "SUCCESS"), ("P98", "FAIL")] {
        world.until(async || world.transfer_query(number).await, |known| said(known) == status).await;
    }
    assert!(began.elapsed() > Duration::from_millis(2_500));
    assert_eq!(said(&world.transfer_query("P95").await), "DEALING");
    // What was said counts, and the amount no more.
    for (number, yuan) in [("Q94", "2.94"), ("Q99", "2.99")] {
        world.act(number, decide("success", 0)).await;
        assert_eq!(said(&world.transfer(number, yuan).await), "SUCCESS", "{number}");
    }
}
