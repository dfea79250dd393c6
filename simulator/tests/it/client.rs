//! The client's methods: which request each makes, signed with which password, and what it reads of the answer.

use crate::merchant::client;
use serde_json::json;
use sluice_sim::client::{Error, Money, NewRefund, NewTrade, NewWithdrawal, Party, Payee};

/// Every call against a server that checks the signature with the password of the path's type.
#[tokio::test]
async fn every_method_is_one_request() {
    let (merchant, impostor) = client().await;
    let last = || impostor.last_genuine().expect("signed as it must be");

    let mut withdrawal = NewWithdrawal::new("W1", 500).of_user("ann");
    withdrawal.payee = Payee::Bank { account: "6222".into(), name: "李四".into(), bank: "ICBC".into() };
    merchant.create_withdrawal(&withdrawal).await.unwrap();
    let body = json!({ "merchant_order_no": "W1", "user_ref": "ann", "amount": Money::cny(500),
        "payee": { "kind": "bank", "account": "6222", "name": "李四", "bank": "ICBC" }, "channel": "alipay" });
    assert_eq!(last(), format!("POST /v1/withdrawals {body}"));
    merchant.withdrawal("wdr_1").await.unwrap();
    assert_eq!(last(), "GET /v1/withdrawals/wdr_1");
    merchant.cancel_withdrawal("wdr_1").await.unwrap();
    assert_eq!(last(), "POST /v1/withdrawals/wdr_1/cancel");

    merchant.create_trade(&NewTrade::direct("T1", "ann", Party::app(), 300)).await.unwrap();
    let body = json!({ "merchant_order_no": "T1", "from_user_ref": "ann", "to": { "app": true },
        "amount": Money::cny(300), "mode": "direct" });
    assert_eq!(last(), format!("POST /v1/trades {body}"));
    merchant.create_trade(&NewTrade::authorise("T2", "ann", Party::user("bob"), 300)).await.unwrap();
    assert!(last().contains(r#""to":{"user_ref":"bob"}"#));
    merchant.trade("trd_1").await.unwrap();
    assert_eq!(last(), "GET /v1/trades/trd_1");
    merchant.capture("trd_1", None).await.unwrap();
    assert_eq!(last(), "POST /v1/trades/trd_1/capture {}");
    merchant.capture("trd_1", Some(Money::cny(5))).await.unwrap();
    assert_eq!(last(), r#"POST /v1/trades/trd_1/capture {"amount":{"minor":5,"currency":"CNY"}}"#);
    merchant.void("trd_1").await.unwrap();
    assert_eq!(last(), "POST /v1/trades/trd_1/void {}");

    let refund = NewRefund::new("R1", 100);
    let body = json!({ "merchant_order_no": "R1", "amount": Money::cny(100), "reason": "商品缺货" });
    for (original, path) in [("rch_1", "/v1/recharges/rch_1"), ("trd_1", "/v1/trades/trd_1")] {
        merchant.refund(original, &refund).await.unwrap();
        assert_eq!(last(), format!("POST {path}/refunds {body}"));
        merchant.refund_of(original, "rfd_1").await.unwrap();
        assert_eq!(last(), format!("GET {path}/refunds/rfd_1"));
        merchant.order(original).await.unwrap();
        assert_eq!(last(), format!("GET {path}"));
    }
    assert!(matches!(merchant.refund("rfd_1", &refund).await, Err(Error::Shape(_))));

    let refund = json!({ "order_id": "rfd_1", "merchant_order_no": "R1", "state": 3, "original_order_id": "trd_1",
        "amount": Money::cny(100), "fee": Money::cny(2), "callbacks": [{ "callback_id": "cbk_1" }] });
    impostor.answer_with(&refund);
    let refund = merchant.refund_of("trd_1", "rfd_1").await.unwrap();
    assert_eq!((refund.fee_minor(), refund.callback_ids()), (2, vec!["cbk_1"]));
    last();
    merchant.again(&refund).await.unwrap();
    assert_eq!(last(), "GET /v1/trades/trd_1/refunds/rfd_1");
    merchant.replay(&refund, "cbk_1").await.unwrap();
    assert_eq!(last(), "POST /v1/trades/trd_1/refunds/rfd_1/callbacks/cbk_1/replay");

    impostor.answer_with(
        json!({ "items": [{ "at": "t", "kind": "order.created", "summary": "s" }], "next_cursor": null }),
    );
    assert_eq!(merchant.timeline(&refund).await.unwrap().items[0].kind, "order.created");
    assert_eq!(last(), "GET /v1/trades/trd_1/refunds/rfd_1/timeline");

    impostor.answer_with(json!({ "items": [], "next_cursor": null }));
    merchant.withdrawals("state=3").await.unwrap();
    assert_eq!(last(), "GET /v1/withdrawals?state=3");
    merchant.trades("").await.unwrap();
    assert_eq!(last(), "GET /v1/trades");
    merchant.refunds("trd_1", "limit=5").await.unwrap();
    assert_eq!(last(), "GET /v1/trades/trd_1/refunds?limit=5");
}

#[tokio::test]
async fn accounts_are_read() {
    let (merchant, impostor) = client().await;
    let last = || impostor.last_genuine().expect("signed as it must be");
    let amounts = json!({ "user_ref": "a b", "available": Money::cny(70), "held": Money::cny(30) });
    impostor.answer_with(&amounts);
    let balance = merchant.balance(Some("a b")).await.unwrap();
    assert_eq!((last().as_str(), balance.total_minor()), ("GET /v1/balances?user_ref=a%20b", 100));
    merchant.balance(None).await.unwrap();
    assert_eq!(last(), "GET /v1/balances");

    let line = json!({ "entry_id": "2", "at": "t", "kind": "recharge_credit", "order_id": "rch_1",
        "merchant_order_no": "N1", "amount": Money::cny(100), "balance": Money::cny(100) });
    impostor.answer_with(json!({ "items": [line], "next_cursor": null }));
    let lines = merchant.whole_statement(Some("ann")).await.unwrap();
    assert_eq!((lines.len(), lines[0].balance.minor), (1, 100));
    assert_eq!(last(), "GET /v1/statements?user_ref=ann&limit=1000");
    merchant.statement(None, "account=held").await.unwrap();
    assert_eq!(last(), "GET /v1/statements?account=held");
    impostor.answer_with("entry_id,at\r\n2,t\r\n");
    let csv = merchant.statement_csv(Some("ann"), "limit=5").await.unwrap();
    assert_eq!(
        (csv.as_str(), last().as_str()),
        ("entry_id,at\r\n2,t\r\n", "GET /v1/statements?user_ref=ann&format=csv&limit=5")
    );
}
