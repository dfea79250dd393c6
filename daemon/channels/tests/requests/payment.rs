//! Payments: creation, query, close, and the answer to a notification.

use sluice_channels::protocol::{CreateOrder, CreateStep, EncodeError, Protocol as _};
use sluice_core::money::{Amount, Currency};
use sluice_core::order::{Method, Payment};
use sluice_core::time::Timestamp;

use crate::common::{NOW, alipay, lookup, order, yuan};
use crate::{decode, expect, received, received_call};

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
