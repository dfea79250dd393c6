//! The sample merchant's books over its wire: what verifies is booked, and nothing else.

use crate::merchant::{sample, signed_callback};
use serde_json::{Value, json};
use sluice_sim::client::OrderType;

fn money(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "CNY" })
}

/// A callback about an order of `ann`'s; `more` is added to the order.
fn body(callback: &str, order_id: &str, version: i64, minor: i64, more: Value) -> Value {
    let mut order = json!({ "order_id": order_id, "type": callback.split_once('.').unwrap().0,
        "merchant_order_no": format!("N-{order_id}"), "user_ref": "ann", "amount": money(minor),
        "fee": money(0), "state": 3, "state_name": "paid", "state_version": version });
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "callback_id": "cbk_1", "type": callback, "state_version": version, "order": order })
}

async fn books(http: &reqwest::Client, base: &str) -> Value {
    let url = format!("{base}/control/books?client_id=app_1");
    http.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn what_verifies_is_booked_however_it_is_answered() {
    let (base, http) = sample().await;
    let url = format!("{base}/callback/app_1");
    let (r, w, t) = (OrderType::Recharge, OrderType::Withdraw, OrderType::Trade);
    let refund = json!({ "original_order_id": "rch_1", "fee_returned": money(1) });
    for (order_type, password, answer, body) in [
        (r, "spw_r", "success", body("recharge.paid", "rch_1", 3, 1_000, json!({ "fee": money(6) }))),
        (r, "spw_wrong", "success", body("recharge.paid", "rch_2", 3, 9_000, json!({}))),
        (w, "spw_r", "success", body("withdraw.paid", "wdr_9", 3, 9_000, json!({}))),
        (w, "spw_w", "http_500", body("withdraw.paid", "wdr_1", 3, 300, json!({}))),
        (
            t,
            "spw_t",
            "success",
            body("trade.settled", "trd_1", 2, 200, json!({ "to": { "user_ref": "bob" } })),
        ),
        (r, "spw_r", "success", body("refund.refunded", "rfd_1", 3, 100, refund)),
        (w, "spw_w", "success", body("withdraw.paid", "wdr_1", 3, 300, json!({}))),
        (w, "spw_w", "success", body("withdraw.returned", "wdr_1", 5, 300, json!({}))),
        (w, "spw_w", "success", body("withdraw.paid", "wdr_1", 3, 300, json!({}))),
    ] {
        let set = json!({ "client_id": "app_1", "answer": answer });
        http.put(format!("{base}/control/answers")).json(&set).send().await.unwrap();
        signed_callback(&http, &url, order_type, password, &body).send().await.unwrap();
    }
    let shown = books(&http, &base).await;
    assert_eq!(
        shown["users"],
        json!([
            { "user_ref": "ann", "currency": "CNY", "balance_minor": 994 - 200 - 99 },
            { "user_ref": "bob", "currency": "CNY", "balance_minor": 200 },
        ])
    );
    let orders: Vec<_> = shown["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| {
            (o["order_id"].as_str().unwrap(), o["callback"].as_str().unwrap(), o["stale"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        orders,
        [
            ("rch_1", "recharge.paid", 0),
            ("wdr_1", "withdraw.returned", 2),
            ("trd_1", "trade.settled", 0),
            ("rfd_1", "refund.refunded", 0)
        ]
    );
    assert_eq!(shown["orders"][0]["refunded"], money(100));
    assert_eq!(shown["asked"], json!([]));
}

#[tokio::test]
async fn books_are_asked_for_by_app() {
    let (base, http) = sample().await;
    for (query, status) in [("?client_id=app_1", 200), ("?client_id=app_9", 404), ("", 400)] {
        let answer = http.get(format!("{base}/control/books{query}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{query}");
    }
    let empty = books(&http, &base).await;
    assert_eq!(
        (&empty["orders"], &empty["users"], &empty["settlement"]),
        (&json!([]), &json!([]), &json!([]))
    );
}

/// The document's table says what each callback is worth; the books are held against it.
#[tokio::test]
async fn the_document_says_what_is_booked() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sandbox.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, after) = text.split_once("| callback | the order's user | who was paid |").unwrap();
    let figures = [("amount", 1_000), ("captured", 700), ("fee", 10), ("fee_returned", 4)];
    let worth = |cell: &str| {
        let terms: Vec<_> = cell.split_whitespace().filter(|word| *word != "0").collect();
        let term = |pair: &[&str]| {
            let (_, minor) = figures.iter().find(|(name, _)| *name == pair[1]).unwrap();
            if pair[0] == "−" { -minor } else { *minor }
        };
        terms.chunks(2).map(term).sum::<i64>()
    };
    let (base, http) = sample().await;
    let mut rows = 0;
    for line in after.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let (what, user, payee) = (cells[1], cells[2], cells[3]);
        let callback = what.split('`').nth(1).unwrap();
        let (ann, bob) = (format!("ann{rows}"), format!("bob{rows}"));
        let original = format!("{}_{rows}", if what.ends_with("trade") { "trd" } else { "rch" });
        let order = json!({ "user_ref": ann, "fee": money(10), "fee_returned": money(4),
            "captured": money(700), "to": { "user_ref": bob }, "original_order_id": original });
        let told = body(callback, &format!("x_{rows}"), 3, 1_000, order);
        let url = format!("{base}/callback/app_1");
        signed_callback(&http, &url, OrderType::Trade, "spw_t", &told).send().await.unwrap();
        let mut before = [0, 0];
        if callback == "refund.refunded" {
            // The original, and what it is worth by itself.
            let kind = if what.ends_with("trade") { "trade.settled" } else { "recharge.paid" };
            let more = json!({ "user_ref": ann, "to": { "user_ref": bob } });
            let told = body(kind, &original, 2, 1_000, more);
            signed_callback(&http, &url, OrderType::Trade, "spw_t", &told).send().await.unwrap();
            before = if kind == "trade.settled" { [-1_000, 1_000] } else { [1_000, 0] };
        }
        let shown = books(&http, &base).await;
        let balance = |name: &str| {
            let mut users = shown["users"].as_array().unwrap().iter();
            users
                .find(|user| user["user_ref"] == name)
                .map_or(0, |user| user["balance_minor"].as_i64().unwrap())
        };
        let seen = [balance(&ann) - before[0], balance(&bob) - before[1]];
        assert_eq!(seen, [worth(user), worth(payee)], "{line}");
        rows += 1;
    }
    assert_eq!(rows, 10);
}
