//! Refunds and their query.

use sluice_channels::protocol::{Protocol as _, RefundOrder};
use sluice_core::money::{Amount, Currency};
use sluice_core::time::Timestamp;

use crate::common::{NOW, alipay, refund, yuan};
use crate::{expect, received_call, refused_field};

#[test]
fn a_refund_names_the_trade_and_itself() {
    for (reason, biz) in [
        ("", r#"{"out_trade_no":"rch_02p","refund_amount":"8.80","out_request_no":"rfd_01p"}"#),
        (" ", r#"{"out_trade_no":"rch_02p","refund_amount":"8.80","out_request_no":"rfd_01p"}"#),
        (
            "少发一件 & \"退\"",
            r#"{"out_trade_no":"rch_02p","refund_amount":"8.80","out_request_no":"rfd_01p","refund_reason":"少发一件 & \"退\""}"#,
        ),
    ] {
        let order = RefundOrder { reason: reason.to_owned(), ..refund() };
        let call = alipay().refund(&order, NOW).unwrap();
        assert_eq!(received_call(&call), expect("alipay.trade.refund", &[("biz_content", biz)]));
        // The same again, but for the time of sending.
        let later = alipay().refund(&order, Timestamp(NOW.0 + 60_000)).unwrap();
        assert_eq!(later.body, call.body);
        assert_ne!(later.url, call.url);
    }
}

#[test]
fn a_refund_is_asked_for_by_both_numbers() {
    let biz = r#"{"out_trade_no":"rch_02p","out_request_no":"rfd_01p","query_options":["gmt_refund_pay"]}"#;
    let call = alipay().refund_query(&refund(), NOW).unwrap();
    assert_eq!(received_call(&call), expect("alipay.trade.fastpay.refund.query", &[("biz_content", biz)]));
}

#[test]
fn what_alipay_does_not_take_is_not_written() {
    let usd: Currency = "USD".parse().unwrap();
    for (field, bad) in [
        ("channel_ref", RefundOrder { channel_ref: "a-b".to_owned(), ..refund() }),
        ("refund_ref", RefundOrder { refund_ref: String::new(), ..refund() }),
        ("refund_ref", RefundOrder { refund_ref: "r".repeat(65), ..refund() }),
        ("amount.currency", RefundOrder { amount: Amount::new(1, usd), ..refund() }),
        ("amount.minor", RefundOrder { amount: yuan(0), ..refund() }),
        ("amount.minor", RefundOrder { amount: yuan(-1), ..refund() }),
        ("amount.minor", RefundOrder { amount: yuan(8889), ..refund() }),
        ("amount.minor", RefundOrder { paid: Amount::new(8888, usd), ..refund() }),
        ("reason", RefundOrder { reason: "字".repeat(257), ..refund() }),
    ] {
        assert_eq!(refused_field(alipay().refund(&bad, NOW)), field, "{bad:?}");
    }
    for limit in [
        RefundOrder { amount: yuan(1), ..refund() },
        RefundOrder { amount: yuan(8888), ..refund() },
        RefundOrder { reason: "字".repeat(256), ..refund() },
    ] {
        assert!(alipay().refund(&limit, NOW).is_ok(), "{limit:?}");
    }
    let bad = RefundOrder { refund_ref: "r/1".to_owned(), ..refund() };
    assert_eq!(refused_field(alipay().refund_query(&bad, NOW)), "refund_ref");
}
