//! Callbacks in all their orders, and what the books make of them.

use super::*;

const APP: &str = "app_1";

fn money(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "CNY" })
}

/// A callback of version `version`; `more` is added to its order, whose user is `ann` unless it says otherwise.
fn callback(callback: &str, order_id: &str, version: i64, minor: i64, more: Value) -> Vec<u8> {
    let kind = callback.split_once('.').unwrap().0;
    let mut order = json!({ "order_id": order_id, "type": kind, "merchant_order_no": format!("N-{order_id}"),
        "user_ref": "ann", "amount": money(minor), "state": 3, "state_name": "x" });
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "type": callback, "state_version": version, "order": order }).to_string().into_bytes()
}

fn balances(books: &Books) -> Vec<(String, i64)> {
    let shown = books.show(APP);
    let lines = shown["users"].as_array().unwrap().iter().chain(shown["settlement"].as_array().unwrap());
    let line = |line: &Value| {
        (line["user_ref"].as_str().unwrap_or("-").to_owned(), line["balance_minor"].as_i64().unwrap())
    };
    lines.map(line).collect()
}

#[test]
fn newer_versions_replace_older_ones_and_stale_ones_change_nothing() {
    let books = Books::default();
    // The payout's `paid` was superseded before it was sent; it comes late, after all.
    assert!(books.take(APP, &callback("recharge.paid", "rch_1", 3, 1_000, json!({}))));
    assert!(books.take(APP, &callback("withdraw.returned", "wdr_1", 5, 400, json!({}))));
    assert!(!books.take(APP, &callback("withdraw.paid", "wdr_1", 4, 400, json!({}))));
    assert_eq!(balances(&books), [("ann".into(), 1_000)]);
    // A late payment after an expiry.
    assert!(books.take(APP, &callback("recharge.closed", "rch_2", 3, 50, json!({}))));
    assert!(books.take(APP, &callback("recharge.paid", "rch_2", 5, 50, json!({}))));
    for _ in 0..2 {
        assert!(!books.take(APP, &callback("recharge.paid", "rch_2", 5, 50, json!({}))), "told again");
    }
    assert_eq!(balances(&books), [("ann".into(), 1_050)]);
    let shown = books.show(APP);
    let seen: Vec<_> = shown["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| (order["callback"].as_str().unwrap(), order["state_version"].as_i64(), &order["stale"]))
        .collect();
    assert_eq!(
        seen,
        [
            ("recharge.paid", Some(3), &json!(0)),
            ("withdraw.returned", Some(5), &json!(1)),
            ("recharge.paid", Some(5), &json!(2))
        ]
    );
}

#[test]
fn a_refund_waits_for_its_original() {
    let trade = callback("trade.settled", "trd_1", 2, 700, json!({ "to": { "app": true } }));
    let refund = callback(
        "refund.refunded",
        "rfd_1",
        2,
        200,
        json!({ "original_order_id": "trd_1", "user_ref": "ann" }),
    );
    for order in [[&trade, &refund], [&refund, &trade]] {
        let books = Books::default();
        books.take(APP, &callback("recharge.paid", "rch_1", 3, 1_000, json!({})));
        for body in order {
            books.take(APP, body);
        }
        assert_eq!(balances(&books), [("ann".into(), 500), ("-".into(), 500)]);
        let shown = books.show(APP);
        let trade = shown["orders"].as_array().unwrap().iter().find(|o| o["order_id"] == "trd_1").unwrap();
        assert_eq!(trade["refunded"], money(200));
    }
}

#[test]
fn no_more_is_asked_for_than_is_there() {
    let books = Books::default();
    let ask = |number: &str, kind, minor| Ask {
        kind,
        merchant_order_no: number.to_owned(),
        user_ref: Some("ann".to_owned()),
        amount: Money::cny(minor),
        original_order_id: None,
    };
    assert!(books.ask(APP, ask("N-rch_1", OrderKind::Recharge, 1_000)), "takes nothing");
    assert!(!books.ask(APP, ask("N1", OrderKind::Trade, 1)), "and gives nothing before it is paid");
    books.take(APP, &callback("recharge.paid", "rch_1", 3, 1_000, json!({})));
    assert!(books.ask(APP, ask("N-wdr_1", OrderKind::Withdraw, 600)));
    assert!(!books.ask(APP, ask("N2", OrderKind::Trade, 401)));
    assert_eq!(books.spender(APP, "zoe", &Money::cny(400)), Some(("ann".to_owned(), Money::cny(400))));
    assert_eq!(books.spender(APP, "ann", &Money::cny(401)), None);
    // Refused, closed, or paid: what was held is free, or gone.
    assert!(books.ask(APP, ask("N3", OrderKind::Trade, 400)));
    books.withdraw_ask(APP, OrderKind::Trade, "N3");
    books.take(APP, &callback("withdraw.closed", "wdr_1", 2, 600, json!({})));
    assert_eq!(books.spender(APP, "", &Money::cny(1)), Some(("ann".to_owned(), Money::cny(1_000))));
    assert_eq!(books.show(APP)["asked"], json!([]));
}

#[test]
fn refunds_are_asked_for_while_the_money_is_there() {
    let books = Books::default();
    assert_eq!(books.refundable(APP, 0.5), None);
    books.take(APP, &callback("recharge.paid", "rch_1", 3, 1_000, json!({})));
    books.take(APP, &callback("trade.settled", "trd_1", 2, 700, json!({ "to": { "user_ref": "bob" } })));
    let most = |share: f64| books.refundable(APP, share).map(|found| (found.order_id, found.most.minor));
    assert_eq!(most(0.0), Some(("rch_1".to_owned(), 300)), "no more than the user still has");
    assert_eq!(most(0.5), Some(("trd_1".to_owned(), 700)));
    let ask = |number: &str, minor| Ask {
        kind: OrderKind::Refund,
        merchant_order_no: number.to_owned(),
        user_ref: Some("bob".to_owned()),
        amount: Money::cny(minor),
        original_order_id: Some("trd_1".to_owned()),
    };
    assert!(books.ask(APP, ask("R1", 500)));
    assert!(!books.ask(APP, ask("R2", 201)));
    assert_eq!(most(0.5), Some(("trd_1".to_owned(), 200)));
    books.take(
        APP,
        &callback(
            "refund.failed",
            "rfd_1",
            2,
            500,
            json!({ "original_order_id": "trd_1", "merchant_order_no": "R1" }),
        ),
    );
    assert_eq!(most(0.5), Some(("trd_1".to_owned(), 700)), "one that failed is free again");
}

#[test]
fn what_is_saved_comes_back() {
    let books = Books::default();
    books.take(APP, &callback("recharge.paid", "rch_1", 3, 1_000, json!({ "fee": money(6) })));
    books.take(APP, &callback("trade.settled", "trd_1", 2, 700, json!({ "to": { "user_ref": "bob" } })));
    let ask = Ask {
        kind: OrderKind::Withdraw,
        merchant_order_no: "N1".to_owned(),
        user_ref: Some("bob".to_owned()),
        amount: Money::cny(50),
        original_order_id: None,
    };
    assert!(books.ask(APP, ask));
    let file = tempfile::NamedTempFile::new().unwrap();
    books.save(file.path()).unwrap();
    let again = Books::default();
    again.load(file.path()).unwrap();
    assert_eq!(again.show(APP), books.show(APP));
    assert_eq!(balances(&again), [("ann".into(), 294), ("bob".into(), 700)]);
}

#[test]
fn nonsense_is_not_booked() {
    let books = Books::default();
    for body in [&b"{}"[..], b"", b"{\"type\":\"recharge.paid\",\"order\":{\"order_id\":\"rch_1\"}}"] {
        assert!(!books.take(APP, body));
    }
    assert_eq!(books.show(APP)["orders"], json!([]));
}
