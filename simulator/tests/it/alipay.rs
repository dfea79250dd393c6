//! The Alipay gateway on its wire, held against an independent signer and verifier.

use crate::common::{self, World};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_code_becomes_a_trade_when_it_is_scanned() {
    let world = World::start().await;
    let created = world.precreate("A1", "88.88").await;
    assert_eq!((&created["code"], &created["out_trade_no"]), (&json!("10000"), &json!("A1")));
    let code = created["qr_code"].as_str().unwrap().to_owned();

    // Nobody has scanned it: for Alipay there is no trade, yet the code can be paid.
    for answer in [world.query("A1").await, world.close("A1").await] {
        assert_eq!((&answer["code"], &answer["sub_code"]), (&json!("40004"), &json!("ACQ.TRADE_NOT_EXIST")));
    }
    let page = world.http.get(&code).send().await.unwrap();
    assert!(page.status().is_success());
    assert!(page.text().await.unwrap().contains("88.88"));
    let waiting = world.query("A1").await;
    assert_eq!(waiting["trade_status"], "WAIT_BUYER_PAY");
    let trade_no = waiting["trade_no"].as_str().unwrap().to_owned();
    assert_eq!(trade_no.len(), 28);

    world.act("A1", json!({ "action": "pay" })).await;
    let paid = world.query("A1").await;
    assert_eq!(paid["trade_status"], "TRADE_SUCCESS");
    assert_eq!(paid["total_amount"], "88.88");
    assert_eq!(paid["trade_no"], trade_no.as_str());
    assert!(paid["send_pay_date"].as_str().unwrap().len() == 19);
    let by_trade_no = world.call("alipay.trade.query", json!({ "trade_no": trade_no })).await;
    assert_eq!(by_trade_no, paid);
    assert_eq!(world.close("A1").await["sub_code"], "ACQ.TRADE_STATUS_ERROR");
}

#[tokio::test]
async fn the_same_number_means_the_same_payment() {
    let world = World::start().await;
    let first = world.precreate("B1", "1.00").await;
    assert_eq!(world.precreate("B1", "1.00").await, first);
    assert_eq!(world.precreate("B1", "2.00").await["sub_code"], "ACQ.CONTEXT_INCONSISTENT");
    world.act("B1", json!({ "action": "scan" })).await;
    assert_eq!(world.close("B1").await["code"], "10000");
    assert_eq!(world.query("B1").await["trade_status"], "TRADE_CLOSED");
    assert_eq!(world.precreate("B1", "1.00").await["sub_code"], "ACQ.TRADE_HAS_CLOSE");
    world.precreate("B2", "1.00").await;
    world.act("B2", json!({ "action": "pay" })).await;
    assert_eq!(world.precreate("B2", "1.00").await["sub_code"], "ACQ.TRADE_HAS_SUCCESS");
}

#[tokio::test]
async fn wrong_requests_are_refused_unsigned() {
    let world = World::start().await;
    let method = "alipay.trade.query";
    let good = world.params(method, &json!({ "out_trade_no": "C1" }));
    for (name, value, sub_code) in [
        ("app_id", "2021000000000000", "isv.invalid-app-id"),
        ("sign_type", "RSA", "isv.invalid-signature-type"),
        ("charset", "gbk", "isv.invalid-charset"),
        ("version", "2.0", "isv.invalid-version"),
        ("timestamp", "2026-11-24T10:20:30Z", "isv.invalid-timestamp"),
        ("method", "alipay.trade.nonsense", "isv.invalid-method"),
    ] {
        let mut params = good.clone();
        params.insert(name.into(), value.into());
        let body = world.send(&world.sign(params)).await.unwrap().text().await.unwrap();
        assert!(body.contains(sub_code) && !body.contains("\"sign\""), "{name}: {body}");
    }
    // A signature of other content, none, and one of another key.
    let mut tampered = world.sign(good.clone());
    tampered.insert("biz_content".into(), json!({ "out_trade_no": "C2" }).to_string());
    let mut foreign = world.sign(good.clone());
    let other = sluice_sim::keys::generate().unwrap();
    let other = sluice_sim::keys::SigningKey::from_pem(&other.private).unwrap();
    foreign.insert("sign".into(), other.sign(b"anything").unwrap());
    for params in [tampered, good, foreign] {
        let body = world.send(&params).await.unwrap().text().await.unwrap();
        assert!(body.contains("isv.invalid-signature\"") && !body.contains("\"sign\""), "{body}");
    }
}

#[tokio::test]
async fn contents_are_checked() {
    let world = World::start().await;
    let good = json!({ "out_trade_no": "D1", "total_amount": "1.00", "subject": "s" });
    let with = |name: &str, value: Value| {
        let mut content = good.clone();
        content[name] = value;
        content
    };
    for content in [
        with("out_trade_no", json!("")),
        with("out_trade_no", json!("a-b")),
        with("out_trade_no", json!("x".repeat(65))),
        with("total_amount", json!("0.00")),
        with("total_amount", json!("1.001")),
        with("total_amount", json!(1.0)),
        with("subject", json!("a&b")),
        with("subject", Value::Null),
        with("time_expire", json!("tomorrow")),
        with("timeout_express", json!("5s")),
        json!("text"),
    ] {
        let answer = world.call("alipay.trade.precreate", content.clone()).await;
        assert_eq!(answer["sub_code"], "ACQ.INVALID_PARAMETER", "{content}");
    }
    assert_eq!(world.query("D1").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
}

#[tokio::test]
async fn time_runs_out() {
    let world = World::start().await;
    let soon = sluice_sim::clock::beijing(sluice_sim::clock::now_ms() + 2_000);
    for number in ["E1", "E2"] {
        let content =
            json!({ "out_trade_no": number, "total_amount": "1.00", "subject": "s", "time_expire": soon });
        world.call("alipay.trade.precreate", content).await;
    }
    world.act("E1", json!({ "action": "scan" })).await;
    assert_eq!(world.query("E1").await["trade_status"], "WAIT_BUYER_PAY");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(world.query("E1").await["trade_status"], "TRADE_CLOSED");
    assert_eq!(world.query("E2").await["sub_code"], "ACQ.TRADE_NOT_EXIST", "never scanned, never a trade");
    // Money that was on its way arrives all the same.
    let late = world.act("E1", json!({ "action": "pay" })).await;
    assert_eq!((&late["state"], &late["paid_minor"]), (&json!("paid"), &json!(100)));
    assert_eq!(world.query("E1").await["trade_status"], "TRADE_SUCCESS");
}

#[tokio::test]
async fn a_page_exists_once_it_is_opened() {
    let world = World::start().await;
    let content = json!({
        "out_trade_no": "F1", "total_amount": "12.30", "subject": "页面 + 测试%",
        "product_code": "FAST_INSTANT_TRADE_PAY",
    });
    let fields = world.sign(world.params("alipay.trade.page.pay", &content));
    let action = format!("{}/alipay/gateway.do?charset=utf-8", world.base);
    let form = json!({ "kind": "form", "action": action, "method": "POST", "charset": "utf-8",
        "fields": fields.iter().collect::<Vec<_>>() });
    assert_eq!(world.query("F1").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    let (status, body) = world.control("POST", "/control/orders/F1", json!({ "action": "pay" })).await;
    assert_eq!(status, 404, "{body}");

    let paid = world.act("F1", json!({ "action": "pay", "payment": form })).await;
    assert_eq!((&paid["state"], &paid["method"]), (&json!("paid"), &json!("page")));
    assert_eq!(world.query("F1").await["total_amount"], "12.30");

    // The same by address, and a form that somebody has changed.
    let content = json!({ "out_trade_no": "F2", "total_amount": "1.00", "subject": "s",
        "product_code": "FAST_INSTANT_TRADE_PAY" });
    let params = world.sign(world.params("alipay.trade.page.pay", &content));
    let url = reqwest::Url::parse_with_params(&format!("{}/alipay/gateway.do", world.base), &params).unwrap();
    let redirect = json!({ "kind": "redirect", "url": url.as_str() });
    let opened = world.act("F2", json!({ "action": "scan", "payment": redirect })).await;
    assert_eq!(opened["state"], "waiting");
    let changed = url.as_str().replace("F2", "F3");
    let redirect = json!({ "action": "pay", "payment": { "kind": "redirect", "url": changed } });
    let (status, body) = world.control("POST", "/control/orders/F3", redirect).await;
    assert_eq!(status, 422);
    assert!(body["error"]["message"].as_str().unwrap().contains("isv.invalid-signature"), "{body}");
}

#[tokio::test]
async fn the_payer_does_not_wander_off() {
    let world = World::start().await;
    let elsewhere = json!({ "kind": "redirect", "url": format!("{}.evil.example/", world.base) });
    let act = json!({ "action": "pay", "payment": elsewhere });
    let (status, body) = world.control("POST", "/control/orders/G1", act).await;
    assert_eq!(status, 422, "{body}");
}

#[tokio::test]
async fn notifications_say_who_paid_what() {
    let world = World::start().await;
    world.precreate("H1", "66.60").await;
    let order = world.act("H1", json!({ "action": "pay" })).await;
    let fields = world.notified("H1", 1).await.remove(0);
    for (name, value) in [
        ("app_id", common::APP_ID),
        ("seller_id", common::SELLER_ID),
        ("notify_type", "trade_status_sync"),
        ("trade_status", "TRADE_SUCCESS"),
        ("total_amount", "66.60"),
        ("trade_no", order["channel_order_no"].as_str().unwrap()),
        ("subject", "充值 100%"),
    ] {
        assert_eq!(fields[name], value, "{name}");
    }
}

#[tokio::test]
async fn notifications_are_repeated_until_acknowledged() {
    let world = World::start().await;
    world.receiver.refuse(2);
    world.precreate("I1", "1.00").await;
    world.act("I1", json!({ "action": "pay" })).await;
    let tries = world.notified("I1", 3).await;
    assert!(tries.iter().all(|fields| fields["notify_id"] == tries[0]["notify_id"]), "one event, one id");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(world.receiver.bodies().len(), 3, "none after the acknowledgement");
    let (_, order) = world.control("GET", "/control/orders/I1", Value::Null).await;
    assert_eq!(order["notifications"], json!({ "sent": 3, "acknowledged": 1, "last": "200 success" }));
}

#[tokio::test]
async fn notifications_go_as_planned() {
    let world = World::start().await;
    for (number, notify) in [
        ("J1", json!("now")),
        ("J2", json!("never")),
        ("J3", json!("twice")),
        ("J4", json!({ "after_ms": 400 })),
    ] {
        world.precreate(number, "1.00").await;
        world.act(number, json!({ "action": "pay", "notify": notify })).await;
    }
    world.notified("J1", 1).await;
    world.notified("J3", 2).await;
    assert!(
        !world.receiver.bodies().iter().any(|body| world.notification(body).unwrap()["out_trade_no"] == "J4")
    );
    world.notified("J4", 1).await;
    assert_eq!(world.receiver.bodies().len(), 4, "none of J2");
}
