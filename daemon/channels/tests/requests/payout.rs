//! Payouts and their query.

use sluice_channels::protocol::{EncodeError, PayoutOrder, Protocol as _};
use sluice_core::money::{Amount, Currency};
use sluice_core::order::Payee;
use sluice_core::time::Timestamp;

use crate::common::{NOW, alipay, payee, payout, yuan};
use crate::{expect, received_call, refused_field};

const USER_ID: &str = "2088102122458832";

#[test]
fn a_payout_says_who_gets_how_much() {
    let login = r#"{"identity":"zhang.san@example.cn","identity_type":"ALIPAY_LOGON_ID","name":"张三"}"#;
    let phone = r#"{"identity":"13800138000","identity_type":"ALIPAY_LOGON_ID","name":"张三"}"#;
    let other_digits = r#"{"identity":"2089102122458832","identity_type":"ALIPAY_LOGON_ID","name":"张三"}"#;
    let too_long = r#"{"identity":"20881021224588321","identity_type":"ALIPAY_LOGON_ID","name":"张三"}"#;
    let user = r#"{"identity":"2088102122458832","identity_type":"ALIPAY_USER_ID","name":"张三"}"#;
    let nameless = r#"{"identity":"2088102122458832","identity_type":"ALIPAY_USER_ID"}"#;
    for (account, name, payee_info) in [
        ("zhang.san@example.cn", "张三", login),
        (" zhang.san@example.cn ", " 张三 ", login),
        ("13800138000", "张三", phone),
        ("2089102122458832", "张三", other_digits),
        ("20881021224588321", "张三", too_long),
        (USER_ID, "张三", user),
        (USER_ID, "", nameless),
    ] {
        let order = PayoutOrder { payee: payee(account, name), ..payout() };
        let biz = format!(
            r#"{{"out_biz_no":"wdr_01p","trans_amount":"88.00","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER","order_title":"提现","payee_info":{payee_info}}}"#
        );
        let call = alipay().payout(&order, NOW).unwrap();
        assert_eq!(received_call(&call), expect("alipay.fund.trans.uni.transfer", &[("biz_content", &biz)]));
        // The same again, but for the time of sending.
        let later = alipay().payout(&order, Timestamp(NOW.0 + 60_000)).unwrap();
        assert_eq!(later.body, call.body);
        assert_ne!(later.url, call.url);
    }
}

#[test]
fn a_payout_is_asked_for_by_our_number_alone() {
    let known =
        PayoutOrder { channel_order_no: Some("20261124110070001506660034123456".to_owned()), ..payout() };
    let biz =
        r#"{"out_biz_no":"wdr_01p","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER"}"#;
    for order in [payout(), known] {
        let call = alipay().payout_query(&order, NOW).unwrap();
        assert_eq!(received_call(&call), expect("alipay.fund.trans.common.query", &[("biz_content", biz)]));
    }
}

#[test]
fn what_alipay_does_not_take_is_not_written() {
    let usd: Currency = "USD".parse().unwrap();
    let to = |account: &str, name: &str| PayoutOrder { payee: payee(account, name), ..payout() };
    for (field, bad) in [
        ("channel_ref", PayoutOrder { channel_ref: "w-1".to_owned(), ..payout() }),
        ("amount.currency", PayoutOrder { amount: Amount::new(100, usd), ..payout() }),
        ("amount.minor", PayoutOrder { amount: yuan(9), ..payout() }),
        ("amount.minor", PayoutOrder { amount: yuan(-10), ..payout() }),
        ("amount.minor", PayoutOrder { amount: yuan(10_000_000_001), ..payout() }),
        ("title", PayoutOrder { title: " ".to_owned(), ..payout() }),
        ("title", PayoutOrder { title: "字".repeat(129), ..payout() }),
        ("payee.account", to("", "张三")),
        ("payee.account", to("zhang san@example.cn", "张三")),
        ("payee.account", to("zhang\nsan", "张三")),
        ("payee.account", to(&"a".repeat(101), "张三")),
        ("payee.name", to("zhang.san@example.cn", "")),
        ("payee.name", to("zhang.san@example.cn", " ")),
        ("payee.name", to("zhang.san@example.cn", &"字".repeat(101))),
        ("payee.name", to(USER_ID, &"字".repeat(101))),
    ] {
        assert_eq!(refused_field(alipay().payout(&bad, NOW)), field, "{bad:?}");
    }
    for limit in [
        PayoutOrder { amount: yuan(10), ..payout() },
        PayoutOrder { amount: yuan(10_000_000_000), ..payout() },
        PayoutOrder { title: "字".repeat(128), ..payout() },
    ] {
        assert!(alipay().payout(&limit, NOW).is_ok(), "{limit:?}");
    }
    let bad = PayoutOrder { channel_ref: String::new(), ..payout() };
    assert_eq!(refused_field(alipay().payout_query(&bad, NOW)), "channel_ref");
}

#[test]
fn every_kind_of_payee_is_either_a_capability_or_refused() {
    let (account, name) = ("6222021234567890".to_owned(), "张三".to_owned());
    for to in [
        payee(USER_ID, "张三"),
        Payee::Bank { account, name, bank: "ICBC".to_owned() },
        Payee::Wechat { openid: "o6_bmjrPTlm6_2sgVt7hMZOPfL2M".to_owned(), name: None },
    ] {
        let made = alipay().payout(&PayoutOrder { payee: to.clone(), ..payout() }, NOW);
        if alipay().capabilities().payees.contains(&to.kind()) {
            assert!(made.is_ok(), "{to:?}");
        } else {
            assert_eq!(made, Err(EncodeError::CannotDo(to.kind().name())));
        }
    }
}

#[test]
fn neither_debug_nor_a_masked_request_tells_who_is_paid() {
    for (account, name) in [("zhang.san@example.cn", "张三"), (USER_ID, "阿卜杜拉·买买提·艾力江")]
    {
        let order = PayoutOrder { payee: payee(account, name), ..payout() };
        let call = alipay().payout(&order, NOW).unwrap();
        for shown in [format!("{order:?}"), alipay().masked(&call.body)] {
            assert!(!shown.contains(account) && !shown.contains(name), "{shown}");
            assert!(shown.contains("wdr_01p"), "{shown}");
        }
        assert!(format!("{call:?}").ends_with(&format!("body: {} bytes, .. }}", call.body.len())));
    }
}
