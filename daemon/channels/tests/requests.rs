//! Requests as they go out: the layout on the wire, the fields, and what can't be written.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{APP_ID, GATEWAY, NOW, account, alipay, folder, json, lookup, order, yuan};
use secrecy::SecretString;
use sluice_channels::alipay::{AccountError, Alipay, AlipayAccount};
use sluice_channels::protocol::{CreateOrder, CreateStep, EncodeError, HttpRequest, Protocol};
use sluice_channels::rsa::{KeyError, VerifyingKey};
use sluice_core::money::{Amount, Currency};
use sluice_core::order::{Method, Payment};
use sluice_core::time::Timestamp;

fn decode(form: &str) -> BTreeMap<String, String> {
    let pairs: Vec<_> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "a parameter stands twice: {form}");
    map
}

/// What a gateway sees: every parameter of URL and body, after the signature over all of them was checked.
fn received(url: &str, body: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = decode(url.strip_prefix(GATEWAY).unwrap().strip_prefix('?').unwrap());
    assert!(!all.contains_key("biz_content"), "biz_content belongs into the body");
    all.extend(body);
    let sign = STANDARD.decode(all.remove("sign").unwrap()).unwrap();
    assert!(all.values().all(|value| !value.is_empty()), "an empty parameter: {all:?}");
    let text = all.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let vectors = json(&folder("vectors/alipay.json"));
    let key = VerifyingKey::from_spki_pem(vectors["app_public_key"].as_str().unwrap()).unwrap();
    assert!(key.verify_sha256(text.as_bytes(), &sign), "{text}");
    all
}

fn received_call(call: &HttpRequest) -> BTreeMap<String, String> {
    assert_eq!(call.method, "POST");
    assert_eq!(
        call.headers,
        [("content-type", "application/x-www-form-urlencoded;charset=utf-8".to_owned())]
    );
    let body = decode(std::str::from_utf8(&call.body).unwrap());
    assert_eq!(body.keys().collect::<Vec<_>>(), ["biz_content"]);
    received(&call.url, body)
}

fn expect(method: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    [
        ("app_id", APP_ID),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", method),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-24 10:20:30"),
        ("version", "1.0"),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .collect()
}

#[test]
fn query_and_close_name_the_trade_by_our_number_alone() {
    for (call, method) in [
        (alipay().query(&lookup("R1"), NOW).unwrap(), "alipay.trade.query"),
        (alipay().close(&lookup("R1"), NOW).unwrap(), "alipay.trade.close"),
    ] {
        let want = expect(method, &[("biz_content", r#"{"out_trade_no":"R1"}"#)]);
        assert_eq!(received_call(&call), want);
    }
}

#[test]
fn a_code_to_scan() {
    let CreateStep::Send(call) = alipay().create(&order(Method::Qr), NOW).unwrap() else {
        panic!("a server's call")
    };
    let biz = r#"{"out_trade_no":"rch_02p","total_amount":"88.88","subject":"充值 + 测试＆＝%","time_expire":"2026-11-24 12:20:30"}"#;
    let want = expect(
        "alipay.trade.precreate",
        &[("biz_content", biz), ("notify_url", "https://wallet.example/notify/alipay")],
    );
    assert_eq!(received_call(&call), want);
    // The same again, but for the time of sending.
    let CreateStep::Send(later) = alipay().create(&order(Method::Qr), Timestamp(NOW.0 + 60_000)).unwrap()
    else {
        panic!("a server's call")
    };
    assert_eq!(later.body, call.body);
    assert_ne!(later.url, call.url);
}

#[test]
fn a_page_is_a_form_that_the_browser_brings_back_whole() {
    let CreateStep::Ready(Payment::Form { action, method, charset, fields }) =
        alipay().create(&order(Method::Page), NOW).unwrap()
    else {
        panic!("a form")
    };
    assert_eq!((method.as_str(), charset.as_str()), ("POST", "utf-8"));
    // As a browser submits it.
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let biz = r#"{"out_trade_no":"rch_02p","total_amount":"88.88","subject":"充值 + 测试＆＝%","product_code":"FAST_INSTANT_TRADE_PAY","time_expire":"2026-11-24 12:20:30"}"#;
    let want = expect(
        "alipay.trade.page.pay",
        &[
            ("biz_content", biz),
            ("notify_url", "https://wallet.example/notify/alipay"),
            ("return_url", "https://shop.example/back?a=1&b=2"),
        ],
    );
    assert_eq!(received(&action, decode(&body)), want);
}

#[test]
fn what_is_absent_or_empty_is_not_sent() {
    for return_url in [None, Some(String::new())] {
        let bare = CreateOrder { return_url, ..order(Method::Page) };
        let CreateStep::Ready(Payment::Form { action, .. }) = alipay().create(&bare, NOW).unwrap() else {
            panic!("a form")
        };
        assert!(!action.contains("return_url"), "{action}");
    }
}

#[test]
fn what_alipay_does_not_take_is_not_written() {
    let good = order(Method::Qr);
    let usd: Currency = "USD".parse().unwrap();
    let field = |field, order: CreateOrder| (field, order);
    for (field, bad) in [
        field("channel_ref", CreateOrder { channel_ref: String::new(), ..good.clone() }),
        field("channel_ref", CreateOrder { channel_ref: "a".repeat(65), ..good.clone() }),
        field("channel_ref", CreateOrder { channel_ref: "a-b".to_owned(), ..good.clone() }),
        field("channel_ref", CreateOrder { channel_ref: "订单".to_owned(), ..good.clone() }),
        field("amount.currency", CreateOrder { amount: Amount::new(1, usd), ..good.clone() }),
        field("amount.minor", CreateOrder { amount: yuan(0), ..good.clone() }),
        field("amount.minor", CreateOrder { amount: yuan(-1), ..good.clone() }),
        field("amount.minor", CreateOrder { amount: yuan(10_000_000_001), ..good.clone() }),
        field("subject", CreateOrder { subject: " ".to_owned(), ..good.clone() }),
        field("subject", CreateOrder { subject: "字".repeat(257), ..good.clone() }),
        field(
            "expires_in",
            CreateOrder { expires_at: Timestamp(NOW.0 + 15 * 86_400_000 + 1), ..good.clone() },
        ),
        field(
            "notify_url",
            CreateOrder { notify_url: format!("https://{}", "a".repeat(250)), ..good.clone() },
        ),
        field("return_url", CreateOrder { return_url: Some("a".repeat(257)), ..good.clone() }),
    ] {
        match alipay().create(&bad, NOW) {
            Err(EncodeError::Field { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    for limit in [
        CreateOrder { amount: yuan(1), ..good.clone() },
        CreateOrder { amount: yuan(10_000_000_000), ..good.clone() },
        CreateOrder { channel_ref: "A_9".repeat(21), ..good.clone() },
        CreateOrder { expires_at: Timestamp(NOW.0 + 15 * 86_400_000), ..good.clone() },
    ] {
        assert!(alipay().create(&limit, NOW).is_ok());
    }
}

#[test]
fn every_method_is_either_a_capability_or_refused() {
    let alipay = alipay();
    for method in Method::ALL {
        let made = alipay.create(&order(method), NOW);
        if alipay.capabilities().methods.contains(&method) {
            assert!(made.is_ok(), "{method:?}");
        } else {
            assert_eq!(made, Err(EncodeError::CannotDo(method.name())));
        }
    }
}

#[test]
fn acknowledgements_are_the_seven_letters_or_not() {
    assert_eq!(alipay().acknowledge(true).body, b"success");
    assert_ne!(alipay().acknowledge(false).body, b"success");
}

#[test]
fn an_account_that_cannot_work_is_refused_with_the_reason() {
    let vectors = json(&folder("vectors/alipay.json"));
    let good = account(&vectors);
    let secret = |text: &str| SecretString::from(text);
    let own = vectors["app_public_key"].as_str().unwrap();
    for (bad, want) in [
        (AlipayAccount { gateway_url: "gateway.do".to_owned(), ..good.clone() }, AccountError::GatewayUrl),
        (AlipayAccount { gateway_url: "https://a/b?c".to_owned(), ..good.clone() }, AccountError::GatewayUrl),
        (AlipayAccount { gateway_url: "https://".to_owned(), ..good.clone() }, AccountError::GatewayUrl),
        (AlipayAccount { app_id: String::new(), ..good.clone() }, AccountError::AppId),
        (AlipayAccount { app_id: "2021 ".to_owned(), ..good.clone() }, AccountError::AppId),
        (AlipayAccount { seller_id: "2".repeat(33), ..good.clone() }, AccountError::SellerId),
        (
            AlipayAccount { private_key_pem: secret("-----"), ..good.clone() },
            AccountError::PrivateKey(KeyError::NotPem),
        ),
        (
            AlipayAccount { provider_public_key_pem: String::new(), ..good.clone() },
            AccountError::ProviderKey(KeyError::NotPem),
        ),
        (
            AlipayAccount { provider_public_key_pem: own.to_owned(), ..good.clone() },
            AccountError::OwnPublicKey,
        ),
    ] {
        assert_eq!(Alipay::new(bad).unwrap_err(), want);
    }
}

#[test]
fn debug_shows_no_key() {
    let vectors = json(&folder("vectors/alipay.json"));
    let private = vectors["app_private_key_pkcs8"].as_str().unwrap();
    let shown = format!("{:?} {:?}", account(&vectors), alipay());
    for part in private.lines().filter(|l| !l.starts_with('-')) {
        assert!(!shown.contains(part), "{shown}");
    }
    assert!(shown.contains(APP_ID));
}
