//! Bodies, paths and queries of withdrawals, trades and refunds: what is wrong is named, and no money moves.

use serde_json::{Value, json};
use sluice_sim::client::Request;

use crate::case::{Case, World, case};

const JSON: (u16, &str) = (400, "json_invalid");
const FIELD: (u16, &str) = (422, "field_invalid");
const CANNOT: (u16, &str) = (422, "channel_cannot");
const CONFLICT: (u16, &str) = (409, "state_conflict");
const POOR: (u16, &str) = (409, "balance_insufficient");
const EXCEEDS: (u16, &str) = (409, "refund_exceeds");
const MISSING: (u16, &str) = (404, "order_not_found");
const NONE: (u16, &str) = (404, "not_found");

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = withdrawals();
    cases.extend(trades());
    cases.extend(acts());
    cases.extend(refunds());
    cases.extend(paths());
    cases
}

fn cny(minor: i64) -> Value {
    json!({"minor": minor, "currency": "CNY"})
}

/// `whole` with one member changed; null takes it away.
fn with(mut whole: Value, name: &str, value: Value) -> Value {
    let members = whole.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    whole
}

fn shown(value: &Value) -> String {
    value.to_string().chars().take(50).collect()
}

/// A POST of `body` to `target`.
fn post(
    name: String,
    want: (u16, &'static str),
    target: impl Fn(&World) -> String + Send + Sync + 'static,
    body: Value,
) -> Case {
    case(name, want, move |w| w.a.request("POST", &target(w)).json(&body))
}

/// What every body has.
fn common(bad: &mut Vec<(&'static str, Value, (u16, &'static str))>, user: &'static str) {
    bad.extend([
        ("merchant_order_no", Value::Null, FIELD),
        ("merchant_order_no", json!("a b"), FIELD),
        ("merchant_order_no", json!("a".repeat(65)), FIELD),
        (user, Value::Null, FIELD),
        (user, json!("a b"), FIELD),
        (user, json!(7), FIELD),
        ("amount", Value::Null, FIELD),
        ("amount", cny(0), FIELD),
        ("amount", cny(-1), FIELD),
        ("amount", json!({"minor": "100", "currency": "CNY"}), FIELD),
        ("amount", json!({"minor": i64::MAX, "currency": "CNY"}), FIELD),
        ("amount", json!({"minor": 100, "currency": "cny"}), FIELD),
        ("amount", json!({"minor": 1.5, "currency": "CNY"}), JSON),
        ("amount", json!({"minor": 100, "currency": "CNY", "exponent": 2}), JSON),
        ("notify_url", json!("ftp://shop.example/"), FIELD),
        ("notify_url", json!("https://user:pw@shop.example/"), FIELD),
        ("metadata", json!({"a": 1}), FIELD),
        ("metadata", json!({"a": "x".repeat(2_049)}), FIELD),
        ("priority", json!("high"), JSON),
    ]);
}

fn withdrawals() -> Vec<Case> {
    let whole = json!({"merchant_order_no": "HOSTILE", "user_ref": "u1", "amount": cny(100),
        "payee": {"kind": "alipay", "account": "payee@example.com", "name": "李四"}});
    let payee = |change: &str, value: Value| with(whole["payee"].clone(), change, value);
    let bank = json!({"kind": "bank", "account": "6222021234567890", "name": "张三", "bank": "ICBC"});
    let mut bad = vec![
        ("payee", Value::Null, FIELD),
        ("payee", json!("payee@example.com"), FIELD),
        ("payee", json!([]), FIELD),
        ("payee", json!({}), FIELD),
        ("payee", payee("kind", json!("paypal")), FIELD),
        ("payee", payee("kind", json!("Alipay")), FIELD),
        ("payee", payee("kind", Value::Null), FIELD),
        ("payee", payee("account", Value::Null), FIELD),
        ("payee", payee("account", json!("")), FIELD),
        ("payee", payee("account", json!(13_800_000_000_i64)), FIELD),
        ("payee", payee("account", json!("a".repeat(101))), FIELD),
        ("payee", payee("account", json!("a\u{202e}b")), FIELD),
        ("payee", payee("account", json!("a b")), FIELD),
        ("payee", payee("name", Value::Null), FIELD),
        ("payee", payee("name", json!("李\n四")), FIELD),
        ("payee", payee("bank", json!("ICBC")), JSON),
        ("payee", payee("openid", json!("o1")), JSON),
        ("payee", with(bank.clone(), "bank", Value::Null), FIELD),
        ("payee", with(bank.clone(), "openid", json!("o1")), JSON),
        ("payee", json!({"kind": "wechat"}), FIELD),
        ("payee", json!({"kind": "wechat", "openid": ""}), FIELD),
        ("payee", bank, CANNOT),
        ("payee", json!({"kind": "wechat", "openid": "o1"}), CANNOT),
        ("channel", json!("paypal"), (422, "channel_unknown")),
        ("channel", json!(""), FIELD),
        ("channel", json!(["alipay"]), FIELD),
        ("amount", json!({"minor": 100, "currency": "USD"}), CANNOT),
        ("amount", cny(9), FIELD),
        ("amount", cny(10_000_000), POOR),
        ("user_ref", json!("nobody"), POOR),
        ("subject", json!("提现"), JSON),
        ("expires_in", json!("1h"), JSON),
        ("fee", cny(0), JSON),
    ];
    common(&mut bad, "user_ref");
    let create = |_: &World| "/v1/withdrawals".to_owned();
    let mut cases: Vec<_> = bad
        .into_iter()
        .map(|(name, value, want)| {
            let title = format!("a withdrawal's {name}: {}", shown(&value));
            post(title, want, create, with(whole.clone(), name, value))
        })
        .collect();
    cases.push(case("a withdrawal with another password", (401, "signature_invalid"), move |w| {
        let password = w.a.password(sluice_sim::client::OrderType::Recharge);
        w.a.request("POST", "/v1/withdrawals").json(&whole).password(password)
    }));
    cases
}

fn trades() -> Vec<Case> {
    let whole = json!({"merchant_order_no": "HOSTILE", "from_user_ref": "u1", "to": {"app": true},
        "amount": cny(100), "mode": "authorise"});
    let mut bad = vec![
        ("to", Value::Null, FIELD),
        ("to", json!("u2"), FIELD),
        ("to", json!({}), FIELD),
        ("to", json!({"app": false}), FIELD),
        ("to", json!({"app": "true"}), FIELD),
        ("to", json!({"app": true, "user_ref": "u2"}), FIELD),
        ("to", json!({"user_ref": "u1"}), FIELD),
        ("to", json!({"user_ref": ""}), FIELD),
        ("to", json!({"user_ref": "a b"}), FIELD),
        ("to", json!({"user_ref": ["u2"]}), FIELD),
        ("to", json!({"user": "u2"}), JSON),
        ("to", json!({"app": true, "client_id": "app_1"}), JSON),
        ("mode", Value::Null, FIELD),
        ("mode", json!("Direct"), FIELD),
        ("mode", json!("hold"), FIELD),
        ("mode", json!(1), FIELD),
        ("expires_in", json!("0s"), FIELD),
        ("expires_in", json!("400d"), FIELD),
        ("expires_in", json!(3_600), FIELD),
        ("amount", json!({"minor": 100, "currency": "USD"}), POOR),
        ("amount", cny(10_000_000), POOR),
        ("from_user_ref", json!("nobody"), POOR),
        ("user_ref", json!("u1"), JSON),
        ("channel", json!("alipay"), JSON),
    ];
    common(&mut bad, "from_user_ref");
    let create = |_: &World| "/v1/trades".to_owned();
    let mut cases: Vec<_> = bad
        .into_iter()
        .map(|(name, value, want)| {
            let title = format!("a trade's {name}: {}", shown(&value));
            post(title, want, create, with(whole.clone(), name, value))
        })
        .collect();
    let direct = with(with(whole, "mode", json!("direct")), "expires_in", json!("1h"));
    cases.push(post("a direct trade that expires".to_owned(), FIELD, create, direct));
    cases
}

/// Acts on orders that are there.
fn acts() -> Vec<Case> {
    let held = |act: &'static str| move |w: &World| format!("/v1/trades/{}/{act}", w.held_a);
    let done = |act: &'static str| move |w: &World| format!("/v1/trades/{}/{act}", w.trade_a);
    let mut cases = Vec::new();
    for (body, want) in [
        (json!({"amount": cny(1_001)}), FIELD),
        (json!({"amount": cny(0)}), FIELD),
        (json!({"amount": cny(-1)}), FIELD),
        (json!({"amount": {"minor": 100, "currency": "USD"}}), FIELD),
        (json!({"amount": 100}), FIELD),
        (json!({"amount": {}}), FIELD),
        (json!({"amount": {"minor": 100.0, "currency": "CNY"}}), JSON),
        (json!({"minor": 100, "currency": "CNY"}), JSON),
        (json!([]), JSON),
    ] {
        cases.push(post(format!("a capture: {}", shown(&body)), want, held("capture"), body));
    }
    for body in [json!({"reason": "x"}), json!([]), json!("")] {
        cases.push(post(format!("a void: {}", shown(&body)), JSON, held("void"), body));
    }
    cases.push(post(
        "a capture of what is settled".to_owned(),
        CONFLICT,
        done("capture"),
        json!({"amount": cny(1)}),
    ));
    cases.push(post("a void of what is settled".to_owned(), CONFLICT, done("void"), json!({})));
    let cancel = |w: &World| format!("/v1/withdrawals/{}/cancel", w.withdrawal_a);
    cases.push(post("a cancellation of what is paid out".to_owned(), CONFLICT, cancel, json!({})));
    cases.push(post("a cancellation with a body".to_owned(), JSON, cancel, json!({"force": true})));
    let close = |w: &World| format!("/v1/recharges/{}/close", w.paid_a);
    cases.push(post("a close of what is paid".to_owned(), (409, "order_paid"), close, json!({})));
    cases
}

fn refunds() -> Vec<Case> {
    let whole = json!({"merchant_order_no": "HOSTILE", "amount": cny(100), "reason": "商品缺货"});
    let of_recharge = |w: &World| format!("/v1/recharges/{}/refunds", w.paid_a);
    let of_trade = |w: &World| format!("/v1/trades/{}/refunds", w.trade_a);
    let mut cases = Vec::new();
    for (name, value, want) in [
        ("merchant_order_no", Value::Null, FIELD),
        ("merchant_order_no", json!("退款"), FIELD),
        ("amount", Value::Null, FIELD),
        ("amount", cny(0), FIELD),
        ("amount", cny(-100), FIELD),
        ("amount", json!("1.00"), FIELD),
        ("amount", json!({"minor": 100, "currency": "USD"}), FIELD),
        ("amount", json!({"minor": 1e2, "currency": "CNY"}), JSON),
        ("reason", Value::Null, FIELD),
        ("reason", json!(""), FIELD),
        ("reason", json!("a".repeat(129)), FIELD),
        ("reason", json!("a\u{0}b"), FIELD),
        ("reason", json!(7), FIELD),
        ("notify_url", json!("https://shop.example/"), JSON),
        ("user_ref", json!("u1"), JSON),
    ] {
        let body = with(whole.clone(), name, value.clone());
        cases.push(post(format!("a refund's {name}: {}", shown(&value)), want, of_recharge, body));
    }
    let more = |minor: i64| with(whole.clone(), "amount", cny(minor));
    cases.push(post("a refund of more than was paid".to_owned(), EXCEEDS, of_recharge, more(10_001)));
    cases.push(post("a refund of more than is left".to_owned(), EXCEEDS, of_trade, more(901)));
    cases.push(post("a refund of more than the user has".to_owned(), POOR, of_recharge, more(10_000)));
    let unpaid = |w: &World| format!("/v1/recharges/{}/refunds", w.order_a);
    cases.push(post("a refund of what is not paid".to_owned(), CONFLICT, unpaid, whole.clone()));
    let held = |w: &World| format!("/v1/trades/{}/refunds", w.held_a);
    cases.push(post("a refund of what is held".to_owned(), CONFLICT, held, whole.clone()));
    let twice = |w: &World| format!("/v1/trades/{}/refunds/{}/refunds", w.trade_a, w.refund_a);
    cases.push(post("a refund of a refund".to_owned(), NONE, twice, whole.clone()));
    let withdrawn = |w: &World| format!("/v1/withdrawals/{}/refunds", w.withdrawal_a);
    cases.push(post("a refund of a withdrawal".to_owned(), NONE, withdrawn, whole));
    cases
}

/// Paths and queries that lead nowhere.
fn paths() -> Vec<Case> {
    type Make = fn(&World) -> Request;
    let requests: Vec<(&str, (u16, &str), Make)> = vec![
        ("a withdrawal that there is not", MISSING, |w| w.a.request("GET", "/v1/withdrawals/wdr_x")),
        ("a recharge as a withdrawal", MISSING, |w| {
            w.a.request("GET", &format!("/v1/withdrawals/{}", w.order_a))
        }),
        ("a refund as a trade", MISSING, |w| w.a.request("GET", &format!("/v1/trades/{}", w.refund_a))),
        ("a refund under another order", MISSING, |w| {
            w.a.request("GET", &format!("/v1/recharges/{}/refunds/{}", w.paid_a, w.refund_a))
        }),
        ("refunds of nothing", MISSING, |w| w.a.request("GET", "/v1/trades/trd_x/refunds")),
        ("refunds without an order", MISSING, |w| w.a.request("GET", "/v1/recharges/refunds")),
        ("all refunds", NONE, |w| w.a.request("GET", "/v1/refunds")),
        ("a refund's callback that there is not", NONE, |w| {
            let target = format!("/v1/trades/{}/refunds/{}/callbacks/cbk_x/replay", w.trade_a, w.refund_a);
            w.a.request("POST", &target)
        }),
        ("a cancellation by GET", NONE, |w| {
            w.a.request("GET", &format!("/v1/withdrawals/{}/cancel", w.withdrawal_a))
        }),
        ("a capture by PUT", NONE, |w| w.a.request("PUT", &format!("/v1/trades/{}/capture", w.held_a))),
        ("a void by DELETE", NONE, |w| w.a.request("DELETE", &format!("/v1/trades/{}/void", w.held_a))),
        ("a trade that is closed", NONE, |w| w.a.request("POST", &format!("/v1/trades/{}/close", w.held_a))),
        ("a recharge that is captured", NONE, |w| {
            w.a.request("POST", &format!("/v1/recharges/{}/capture", w.order_a))
        }),
        ("withdrawals by DELETE", NONE, |w| w.a.request("DELETE", "/v1/withdrawals")),
        ("a capture spelt otherwise", (400, "bad_target"), |w| {
            w.a.request("POST", &format!("/v1/trades/{}/%63apture", w.held_a))
        }),
        ("a cancellation with a query twice", (400, "bad_target"), |w| {
            w.a.request("POST", &format!("/v1/withdrawals/{}/cancel?a=1&a=2", w.withdrawal_a))
        }),
    ];
    let mut cases: Vec<_> = requests.into_iter().map(|(name, want, make)| case(name, want, make)).collect();
    for target in [
        "/v1/withdrawals?state=61",
        "/v1/withdrawals?state=7",
        "/v1/withdrawals?payee=x",
        "/v1/withdrawals?cursor=rch_x",
        "/v1/trades?state=1",
        "/v1/trades?state=64",
        "/v1/trades?from_user_ref=u1",
        "/v1/trades?limit=0",
        "/v1/recharges?state=60",
        "/v1/recharges?state=6",
        "/v1/statements?account=settlement",
        "/v1/statements?to=tomorrow",
        "/v1/balances?currency=CNY",
    ] {
        cases.push(case(target, FIELD, move |w| w.a.request("GET", target)));
    }
    cases
}
