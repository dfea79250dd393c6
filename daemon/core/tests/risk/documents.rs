//! Documents as operators write them.

use sluice_core::risk::{Rule, Rules};
use sluice_core::signing::OrderType;

/// Every key there is.
const FULL: &str = r#"{
    "recharge": {"min": {"CNY": 1, "USD": 2}, "max": {"CNY": 5000000}, "notify_hosts": ["shop.example", "*.pay.example"]},
    "withdraw": {"user_daily_amount": {"CNY": 2000000}, "user_daily_count": 10, "app_daily_amount": {"CNY": 1000000000},
                 "new_user_cooling": "1day", "networks": ["203.0.113.0/24", "2001:db8::/32"],
                 "payee_allow_list": {"wait": "2h"}},
    "rate": {"per_second": 200, "burst": 400}
}"#;

#[test]
fn a_document_is_read_and_written_without_loss() {
    let rules = Rules::from_json(FULL).unwrap();
    let shown = rules.to_json();
    assert_eq!(Rules::from_json(&shown.to_string()), Ok(rules.clone()));
    let written: serde_json::Value = serde_json::from_str(FULL).unwrap();
    assert_eq!(shown, written, "what is off is left out");
    assert!(rules.of(OrderType::Trade).is_off() && !rules.of(OrderType::Withdraw).is_off());
}

#[test]
fn nothing_is_limited_by_an_empty_document() {
    for document in ["{}", r#"{"recharge": {}, "withdraw": {"min": {}}}"#] {
        assert_eq!(Rules::from_json(document), Ok(Rules::default()), "{document}");
    }
    assert_eq!(Rules::default().to_json().to_string(), "{}");
    let one_amount = r#"{"trade": {"min": {"CNY": 5}, "max": {"CNY": 5}}}"#;
    assert!(Rules::from_json(one_amount).is_ok(), "least and greatest may be the same");
}

#[test]
fn a_rules_name_is_its_key() {
    for rule in Rule::ALL {
        let unknown = Rules::from_json(&format!(r#"{{"withdraw": {{"{}": false}}}}"#, rule.name()));
        let why = unknown.unwrap_err().to_string();
        assert!(!why.contains("unknown field"), "{why}");
    }
}

#[test]
fn mistakes_are_named() {
    for (document, want) in [
        ("", "EOF"),
        ("[]", "/: not an object"),
        (r#"{"trade": []}"#, "/trade: not an object"),
        (r#"{"rate": [1, 2]}"#, "/rate: not an object"),
        (r#"{"withdraw": {"payee_allow_list": ["2h"]}}"#, "/withdraw/payee_allow_list: not an object"),
        (r#"{"refund": {}}"#, "unknown field `refund`"),
        (r#"{"trade": {"mim": {"CNY": 1}}}"#, "unknown field `mim`"),
        (r#"{"trade": {"min": {"CNY": 1}, "min": {"CNY": 2}}}"#, "a key stands twice"),
        (r#"{"trade": {"min": {"CNY": 1.5}}}"#, "no plain integer"),
        (r#"{"trade": {"min": {"CNY": "1"}}}"#, "invalid type: string"),
        (r#"{"trade": {"min": {"RMB": 1}}}"#, "unknown currency"),
        (r#"{"trade": {"min": {"CNY": -1}}}"#, "trade.min.CNY: not within"),
        (r#"{"trade": {"max": {"CNY": 1000000000001}}}"#, "trade.max.CNY: not within"),
        (r#"{"trade": {"min": {"CNY": 2}, "max": {"CNY": 1}}}"#, "trade.max.CNY: below min"),
        (
            r#"{"trade": {"app_daily_amount": {"CNY": 9000000000000000000}}}"#,
            "trade.app_daily_amount.CNY: not within",
        ),
        (r#"{"trade": {"user_daily_count": -1}}"#, "-1"),
        (r#"{"trade": {"new_user_cooling": "0s"}}"#, "trade.new_user_cooling: no time"),
        (r#"{"trade": {"new_user_cooling": "400d"}}"#, "trade.new_user_cooling: longer"),
        (r#"{"trade": {"new_user_cooling": "soon"}}"#, "duration"),
        (r#"{"trade": {"new_user_cooling": 60}}"#, "duration"),
        (r#"{"trade": {"notify_hosts": []}}"#, "trade.notify_hosts: empty"),
        (r#"{"trade": {"notify_hosts": ["https://shop.example"]}}"#, "`https://shop.example` is not a host"),
        (r#"{"trade": {"networks": ["203.0.113.7/24"]}}"#, "203.0.113.0/24"),
        (r#"{"trade": {"payee_allow_list": {"wait": "2h"}}}"#, "trade.payee_allow_list: only withdrawals"),
        (r#"{"withdraw": {"payee_allow_list": {}}}"#, "missing field `wait`"),
        (r#"{"rate": {"per_second": 0, "burst": 1}}"#, "nonzero"),
        (r#"{"rate": {"per_second": 1}}"#, "missing field `burst`"),
    ] {
        let why = Rules::from_json(document).unwrap_err().to_string();
        assert!(why.contains(want), "{document}: {why}");
    }
    let many = vec![r#""a.example""#; 201].join(",");
    let why = Rules::from_json(&format!(r#"{{"trade": {{"notify_hosts": [{many}]}}}}"#)).unwrap_err();
    assert_eq!(why.to_string(), "trade.notify_hosts: more than 200");
}
