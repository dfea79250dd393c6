//! Balances and statements, as a merchant reads them: what was credited, line by line, and nobody else's.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod support;

use serde_json::{Value, json};
use sluice_sim::client::{Merchant, NewRecharge};
use sluice_sim::provider::Plan;
use support::SOON;

async fn get(merchant: &Merchant, target: &str) -> (u16, Value) {
    let exchange = merchant.request("GET", target).send().await.unwrap();
    exchange.verify().unwrap();
    (exchange.status, exchange.json().unwrap_or_default())
}

#[tokio::test]
async fn a_users_money_and_how_it_came() {
    let stand = support::stand(&[]).await;
    let (merchant, other) = (stand.merchant(0).await.unwrap(), stand.merchant(1).await.unwrap());
    let rule = ["app", "fee", merchant.client_id(), "--ppm", "6000"];
    assert!(stand.sluiced(&rule).await.unwrap().status.success());

    // 88.00 less 0.53, 1.00 less 0.01, 250.00 less 1.50.
    let paid = [(8_800, 8_747), (100, 99), (25_000, 24_850)];
    for (i, (minor, _)) in paid.iter().enumerate() {
        let mut recharge = NewRecharge::new(format!("S-{i}"), *minor);
        recharge.user_ref = "u-7".to_owned();
        let order = merchant.create_recharge(&recharge).await.unwrap();
        stand.control().pay(&order, Plan::Now).await.unwrap();
        stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
    }

    let total: i64 = paid.iter().map(|(_, credited)| credited).sum();
    let (status, balance) = get(&merchant, "/v1/balances?user_ref=u-7").await;
    let cny = |minor: i64| json!({"minor": minor, "currency": "CNY"});
    assert_eq!(status, 200);
    assert_eq!(balance, json!({"user_ref": "u-7", "available": cny(total), "held": cny(0)}));
    let nothing = json!({"user_ref": "u-7", "available": cny(0), "held": cny(0)});
    assert_eq!(get(&other, "/v1/balances?user_ref=u-7").await, (200, nothing), "another app's user");
    let settlement = json!({"user_ref": null, "available": cny(0), "held": cny(0)});
    assert_eq!(get(&merchant, "/v1/balances").await, (200, settlement));

    // Two pages, and the running balance goes from line to line.
    let (_, first) = get(&merchant, "/v1/statements?user_ref=u-7&limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, second) = get(&merchant, &format!("/v1/statements?user_ref=u-7&limit=2&cursor={cursor}")).await;
    assert_eq!(second["next_cursor"], Value::Null);
    let lines: Vec<&Value> = [&first, &second].iter().flat_map(|p| p["items"].as_array().unwrap()).collect();
    let mut running = 0;
    for (i, (line, (_, credited))) in lines.iter().zip(paid).enumerate() {
        running += credited;
        assert_eq!(line["kind"], "recharge_credit");
        assert_eq!(line["merchant_order_no"], format!("S-{i}"));
        assert_eq!((&line["amount"], &line["balance"]), (&cny(credited), &cny(running)));
    }
    assert_eq!(lines.len(), 3);

    let csv = merchant.request("GET", "/v1/statements?user_ref=u-7&format=csv").send().await.unwrap();
    csv.verify().unwrap();
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(rows[0], "entry_id,at,kind,order_id,merchant_order_no,amount,balance,currency");
    assert!(rows[3].ends_with(",S-2,248.50,336.96,CNY"), "{}", rows[3]);

    for (target, code) in [
        ("/v1/balances?user_ref=", "field_invalid"),
        ("/v1/balances?who=u-7", "field_invalid"),
        ("/v1/statements?user_ref=u-7&cursor=7", "field_invalid"),
        ("/v1/statements?user_ref=u-7&limit=0", "field_invalid"),
        ("/v1/statements?user_ref=u-7&format=xml", "field_invalid"),
        ("/v1/statements?account=frozen", "field_invalid"),
        ("/v1/statements?from=yesterday", "field_invalid"),
    ] {
        let (status, body) = get(&merchant, target).await;
        assert_eq!((status, &body["error"]["code"]), (422, &json!(code)), "{target}");
    }
    assert!(stand.sluiced(&["ledger", "check"]).await.unwrap().status.success());
    support::assert_no_panic(&stand);
}
