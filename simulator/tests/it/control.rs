//! The control API: orders, faults, limits, counts.

use crate::common::World;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn refusals_explain_themselves() {
    let world = World::start().await;
    world.precreate("A1", "1.00").await;
    world.act("A1", json!({ "action": "pay" })).await;
    for (method, path, body, status, code) in [
        ("POST", "/control/orders/A1", json!({ "action": "pay" }), 409, "conflict"),
        ("POST", "/control/orders/A1", json!({ "action": "close" }), 409, "conflict"),
        ("POST", "/control/orders/A1", json!({ "action": "fly" }), 400, "malformed"),
        ("POST", "/control/orders/A1", json!({ "action": "pay", "notfy": "now" }), 400, "malformed"),
        ("POST", "/control/orders/A9", json!({ "action": "pay" }), 404, "not_found"),
        ("POST", "/control/orders/A9", json!({ "action": "pay", "payment": null }), 404, "not_found"),
        (
            "POST",
            "/control/orders/A1",
            json!({ "action": "pay", "amount_minor": 0, "again": true }),
            422,
            "invalid",
        ),
        ("GET", "/control/orders/A9", Value::Null, 404, "not_found"),
        ("GET", "/control/orders?state=lost", Value::Null, 400, "malformed"),
        ("GET", "/control/nonsense", Value::Null, 404, "not_found"),
        (
            "PUT",
            "/control/faults",
            json!([{ "channel": "moneybank", "op": "query", "fault": "timeout" }]),
            400,
            "malformed",
        ),
        (
            "PUT",
            "/control/faults",
            json!([{ "channel": "alipay", "op": "query", "fault": "boom" }]),
            400,
            "malformed",
        ),
        (
            "PUT",
            "/control/faults",
            json!([{ "channel": "alipay", "op": "query", "fault": "reset", "rate": 2 }]),
            422,
            "invalid",
        ),
        ("PUT", "/control/limits", json!([{ "channel": "alipay", "op": "query" }]), 400, "malformed"),
    ] {
        let (got, answer) = world.control(method, path, body.clone()).await;
        assert_eq!(got, status, "{method} {path} {body}: {answer}");
        assert_eq!(answer["error"]["code"], code, "{method} {path} {body}: {answer}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_books_show_every_order() {
    let world = World::start().await;
    for number in 0..5 {
        world.precreate(&format!("B{number}"), "1.00").await;
    }
    world.act("B1", json!({ "action": "pay", "amount_minor": 70 })).await;
    world.act("B2", json!({ "action": "close" })).await;
    let (_, all) = world.control("GET", "/control/orders", Value::Null).await;
    let seen: Vec<_> = all["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| (o["channel_ref"].as_str().unwrap(), &o["state"]))
        .collect();
    assert_eq!(
        seen,
        [
            ("B0", &json!("issued")),
            ("B1", &json!("paid")),
            ("B2", &json!("closed")),
            ("B3", &json!("issued")),
            ("B4", &json!("issued"))
        ]
    );
    assert_eq!(all["orders"][1]["paid_minor"], 70);
    let (_, paid) = world.control("GET", "/control/orders?channel=alipay&state=paid", Value::Null).await;
    assert_eq!(paid["orders"].as_array().unwrap().len(), 1);
    let (_, page) = world.control("GET", "/control/orders?limit=2", Value::Null).await;
    let next = format!("/control/orders?limit=9&cursor={}", page["next_cursor"]);
    let (_, rest) = world.control("GET", &next, Value::Null).await;
    assert_eq!((page["orders"].as_array().unwrap().len(), rest["orders"].as_array().unwrap().len()), (2, 3));
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_second_payment_must_be_asked_for() {
    let world = World::start().await;
    world.precreate("C1", "1.00").await;
    world.act("C1", json!({ "action": "pay" })).await;
    let twice = world.act("C1", json!({ "action": "pay", "again": true })).await;
    let payments = twice["payments"].as_array().unwrap();
    assert_eq!(payments.len(), 2);
    assert_ne!(payments[0]["channel_order_no"], payments[1]["channel_order_no"]);
    let told = world.notified("C1", 2).await;
    assert_ne!(told[0]["trade_no"], told[1]["trade_no"]);
}

/// What each fault does to a creation: whether an answer comes, whether it verifies, whether the order exists.
#[tokio::test]
async fn faults_do_what_they_say() {
    let world = World::start().await;
    let method = "alipay.trade.precreate";
    let table = [
        (json!("timeout"), None, true),
        (json!("reset"), None, false),
        (json!("http_500"), Some((500, false)), false),
        (json!("garbage"), Some((200, false)), true),
        (json!("wrong_signature"), Some((200, false)), true),
        (json!("too_frequent"), Some((200, true)), false),
        (json!("not_found"), Some((200, true)), false),
        (json!("wrong_amount"), Some((200, true)), true),
        (json!({ "slow_ms": 100 }), Some((200, true)), true),
    ];
    let impatient =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(500)).build().unwrap();
    for (index, (fault, answered, done)) in table.into_iter().enumerate() {
        world.fault("create", fault.clone()).await;
        let number = format!("D{index}");
        let content = json!({ "out_trade_no": number, "total_amount": "1.00", "subject": "s" });
        let params = world.sign(world.params(method, &content));
        let answer = impatient.post(format!("{}/alipay/gateway.do", world.base)).form(&params).send().await;
        let seen = match answer {
            Err(error) => {
                assert_eq!(error.is_timeout(), fault == "timeout", "{fault}: {error:?}");
                None
            }
            Ok(answer) => {
                let status = answer.status().as_u16();
                let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
                Some((status, world.verified(method, &body).is_some()))
            }
        };
        assert_eq!(seen, answered, "{fault}");
        let (status, _) = world.control("GET", &format!("/control/orders/{number}"), Value::Null).await;
        assert_eq!(status == 200, done, "{fault}");
    }
}

#[tokio::test]
async fn faults_of_a_query() {
    let world = World::start().await;
    world.precreate("E1", "1.00").await;
    world.act("E1", json!({ "action": "pay", "notify": "never" })).await;
    world.fault("query", json!("wrong_amount")).await;
    assert_eq!(world.query("E1").await["total_amount"], "1.01");
    world.fault("query", json!("not_found")).await;
    assert_eq!(world.query("E1").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    world.fault("query", json!("too_frequent")).await;
    assert_eq!(world.query("E1").await["code"], "40005");
    world.fault("query", json!({ "slow_ms": 300 })).await;
    let began = Instant::now();
    assert_eq!(world.query("E1").await["trade_status"], "TRADE_SUCCESS");
    assert!(began.elapsed() >= Duration::from_millis(300));
    world.control("PUT", "/control/faults", json!([])).await;
    assert_eq!(world.query("E1").await["total_amount"], "1.00");
}

#[tokio::test]
async fn faults_of_a_notification() {
    let world = World::start().await;
    for (index, (fault, arrives, verifies)) in [
        ("timeout", false, false),
        ("reset", false, false),
        ("too_frequent", false, false),
        ("garbage", true, false),
        ("wrong_signature", true, false),
        ("http_500", true, true),
        ("wrong_amount", true, true),
        ("not_found", true, true),
    ]
    .into_iter()
    .enumerate()
    {
        let number = format!("F{index}");
        let rule = json!([{ "channel": "alipay", "op": "notify", "fault": fault, "count": 1 }]);
        world.control("PUT", "/control/faults", rule).await;
        world.precreate(&number, "1.00").await;
        let before = world.receiver.bodies().len();
        world.act(&number, json!({ "action": "pay" })).await;
        if arrives {
            let until = Instant::now() + Duration::from_secs(5);
            while world.receiver.bodies().len() == before {
                assert!(Instant::now() < until, "{fault}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let fields = world.notification(&world.receiver.bodies()[before]);
            assert_eq!(fields.is_some(), verifies, "{fault}");
            let amount = fields.as_ref().map(|fields| fields["total_amount"].as_str());
            assert_eq!(amount == Some("1.01"), fault == "wrong_amount", "{fault}");
        }
        // A receiver that acknowledged the wrong one is not told again; the others are.
        if !matches!(fault, "garbage" | "wrong_signature" | "wrong_amount" | "not_found") {
            let good = world.notified(&number, usize::from(arrives) + 1).await;
            assert_eq!(good[0]["total_amount"], "1.00", "{fault}");
        }
    }
}

#[tokio::test]
async fn limits_are_hidden_and_kept() {
    let world = World::start().await;
    world.precreate("G1", "1.00").await;
    let limits = json!([{ "channel": "alipay", "op": "query", "per_minute": 60 }]);
    assert_eq!(world.control("PUT", "/control/limits", limits.clone()).await, (200, limits));
    let mut codes = vec![];
    for _ in 0..5 {
        codes.push(world.query("G1").await["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(codes[0], "40004");
    assert!(codes[1..].iter().filter(|code| *code == "40005").count() >= 3, "{codes:?}");
    assert_eq!(world.close("G1").await["code"], "40004", "only queries are limited");
}

#[tokio::test]
async fn counts_tell_what_came_in() {
    let world = World::start().await;
    world.precreate("H1", "1.00").await;
    world.query("H1").await;
    world.query("H1").await;
    world.fault("query", json!("too_frequent")).await;
    world.query("H1").await;
    let (_, counts) = world.control("GET", "/control/counts", Value::Null).await;
    let expected = json!({ "counts": [
        { "channel": "alipay", "op": "create", "outcome": "ok", "count": 1 },
        { "channel": "alipay", "op": "query", "outcome": "refused", "count": 2 },
        { "channel": "alipay", "op": "query", "outcome": "too_frequent", "count": 1 },
    ] });
    assert_eq!(counts, expected);
}
