//! Each rule at its edge, as whoever sets rules reads it: an order a line, then what becomes of it.

use std::time::Duration;

use sluice_core::money::{Amount, Currency};
use sluice_core::risk::{Asked, Rule, UserState};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

use crate::database::{APP, Database};

/// Plays a table. Before the bar, apart from the day and time (UTC+8): the order type, the user, an amount and its
/// currency, and perhaps `to=` a user, `host=`, `from=` an address, `payee=`. After it `ok`, or what refuses the order.
fn check(database: &mut Database, table: &str) {
    for line in table.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (order, want) = line.split_once('|').expect("order | outcome");
        let words: Vec<_> = order.split_whitespace().collect();
        let [day, time, order_type, user_ref, minor, currency, named @ ..] = words.as_slice() else {
            panic!("{line}: day time type user minor currency …");
        };
        let named = |name: &str| named.iter().find_map(|word| word.strip_prefix(name));
        let now = Timestamp::parse_rfc3339(&format!("2026-11-{day}T{time}+08:00")).expect("a time");
        let asked = Asked {
            client_id: APP,
            order_type: OrderType::from_name(order_type).expect("an order type"),
            user_ref,
            recipient: named("to="),
            amount: Amount::new(minor.parse().unwrap(), currency.parse().unwrap()),
            notify_host: named("host="),
            source: named("from=").unwrap_or("198.51.100.1").parse().unwrap(),
            payee_key: named("payee="),
        };
        let got = database.create(&asked, now).err().unwrap_or("ok");
        assert_eq!(got, want.trim(), "{order}");
    }
}

fn with(document: &str, table: &str) {
    check(&mut Database::with(document), table);
}

#[test]
fn without_rules_everything_passes_and_nothing_is_counted() {
    let mut database = Database::with("{}");
    check(
        &mut database,
        "25 10:00:00 recharge u1 1             CNY                        | ok
         25 10:00:00 withdraw u1 1000000000000 CNY payee=any              | ok
         25 10:00:00 trade    u1 5             JPY to=u2 host=any.example | ok",
    );
    assert!(database.counters().is_empty());
    assert_eq!(database.opened.keys().collect::<Vec<_>>(), ["u1", "u2"], "opened at first use");
}

#[test]
fn least_and_greatest_amounts_are_allowed_themselves_by_type_and_currency() {
    with(
        r#"{"recharge": {"min": {"CNY": 100}, "max": {"CNY": 5000, "JPY": 7}}}"#,
        "25 10:00:00 recharge u1 99   CNY | min
         25 10:00:00 recharge u1 100  CNY | ok
         25 10:00:00 recharge u1 5000 CNY | ok
         25 10:00:00 recharge u1 5001 CNY | max
         25 10:00:00 recharge u1 7    JPY | ok
         25 10:00:00 recharge u1 8    JPY | max
         25 10:00:00 recharge u1 9999 USD | ok
         25 10:00:00 withdraw u1 5001 CNY | ok
         25 10:00:00 trade    u1 99   CNY | ok",
    );
}

#[test]
fn a_users_day() {
    with(
        r#"{"withdraw": {"user_daily_amount": {"CNY": 1000}, "user_daily_count": 3}}"#,
        "25 10:00:00     withdraw u1 1001 CNY | user_daily_amount
         25 10:00:00     withdraw u1 600  CNY | ok
         25 10:00:00     withdraw u1 401  CNY | user_daily_amount
         25 10:00:00     withdraw u2 1000 CNY | ok
         25 10:00:00     recharge u1 1000 CNY | ok
         25 10:00:00     withdraw u1 9000 USD | ok
         25 23:59:59.999 withdraw u1 400  CNY | ok
         25 23:59:59.999 withdraw u1 1    USD | user_daily_count
         25 23:59:59.999 withdraw u2 1    CNY | user_daily_amount
         26 00:00:00     withdraw u1 1000 CNY | ok
         26 00:00:00     withdraw u1 1    CNY | user_daily_amount",
    );
}

#[test]
fn an_apps_day() {
    let mut database = Database::with(r#"{"trade": {"app_daily_amount": {"CNY": 1000}}}"#);
    check(
        &mut database,
        "25 10:00:00     trade u1 500  CNY | ok
         25 11:00:00     trade u2 501  CNY | app_daily_amount
         25 11:00:00     trade u2 500  CNY | ok
         25 23:59:59.999 trade u3 1    CNY | app_daily_amount
         25 23:59:59.999 trade u3 1001 CNY | app_daily_amount
         26 00:00:00     trade u3 1000 CNY | ok",
    );
    assert_eq!(database.counters().into_iter().collect::<Vec<_>>(), [None], "no rule asks for users'");
}

#[test]
fn a_limit_of_nothing_lets_nothing_pass() {
    with(
        r#"{"recharge": {"user_daily_count": 0}, "trade": {"app_daily_amount": {"CNY": 0}}}"#,
        "25 10:00:00 recharge u1 1 CNY | user_daily_count
         25 10:00:00 trade    u1 1 CNY | app_daily_amount",
    );
}

#[test]
fn a_new_user_waits_from_the_first_order_on() {
    with(
        r#"{"withdraw": {"new_user_cooling": "24h"}}"#,
        "25 10:00:00     withdraw u1 1 CNY | new_user_cooling
         25 10:00:00     recharge u1 1 CNY | ok
         25 10:00:00     withdraw u1 1 CNY | new_user_cooling
         26 09:59:59.999 withdraw u1 1 CNY | new_user_cooling
         26 10:00:00     withdraw u1 1 CNY | ok
         26 10:00:00     recharge u1 1 CNY | ok
         26 10:00:00.001 withdraw u1 1 CNY | ok
         26 10:00:00     trade    u1 1 CNY to=u2 | ok
         27 09:59:59.999 withdraw u2 1 CNY | new_user_cooling
         27 10:00:00     withdraw u2 1 CNY | ok",
    );
}

#[test]
fn hosts_of_callbacks() {
    with(
        r#"{"recharge": {"notify_hosts": ["shop.example", "*.pay.example"]}}"#,
        "25 10:00:00 recharge u1 1 CNY host=shop.example    | ok
         25 10:00:00 recharge u1 1 CNY host=a.pay.example   | ok
         25 10:00:00 recharge u1 1 CNY host=pay.example     | notify_hosts
         25 10:00:00 recharge u1 1 CNY host=evilpay.example | notify_hosts
         25 10:00:00 recharge u1 1 CNY                      | ok
         25 10:00:00 trade    u1 1 CNY host=evil.example    | ok",
    );
}

#[test]
fn networks_of_requests() {
    with(
        r#"{"withdraw": {"networks": ["203.0.113.0/24", "2001:db8::/32"]}}"#,
        "25 10:00:00 withdraw u1 1 CNY from=203.0.113.255        | ok
         25 10:00:00 withdraw u1 1 CNY from=203.0.114.0          | networks
         25 10:00:00 withdraw u1 1 CNY from=::ffff:203.0.113.1   | ok
         25 10:00:00 withdraw u1 1 CNY from=2001:db8::1          | ok
         25 10:00:00 withdraw u1 1 CNY from=::1                  | networks
         25 10:00:00 recharge u1 1 CNY from=203.0.114.0          | ok",
    );
}

#[test]
fn listed_payees_after_their_wait() {
    let mut database = Database::with(r#"{"withdraw": {"payee_allow_list": {"wait": "2h"}}}"#);
    database.payees.insert("p1".to_owned(), Timestamp::parse_rfc3339("2026-11-25T10:00:00+08:00").unwrap());
    check(
        &mut database,
        "25 10:00:00     withdraw u1 1 CNY payee=p1 | payee_allow_list
         25 11:59:59.999 withdraw u1 1 CNY payee=p1 | payee_allow_list
         25 12:00:00     withdraw u1 1 CNY payee=p1 | ok
         25 12:00:00     withdraw u1 1 CNY payee=p2 | payee_allow_list
         25 12:00:00     withdraw u1 1 CNY          | payee_allow_list
         25 12:00:00     recharge u1 1 CNY          | ok",
    );
    database.payees.clear();
    check(&mut database, "26 12:00:00     withdraw u1 1 CNY payee=p1 | payee_allow_list");
}

#[test]
fn users_states() {
    let mut database = Database::with("{}");
    for (user_ref, state) in
        [("paying", UserState::NoPay), ("drawing", UserState::NoWithdraw), ("frozen", UserState::Frozen)]
    {
        database.states.insert(user_ref.to_owned(), state);
    }
    check(
        &mut database,
        "25 10:00:00 recharge paying  1 CNY            | ok
         25 10:00:00 withdraw paying  1 CNY            | ok
         25 10:00:00 trade    paying  1 CNY            | user_forbidden
         25 10:00:00 trade    u1      1 CNY to=paying  | ok
         25 10:00:00 recharge drawing 1 CNY            | ok
         25 10:00:00 withdraw drawing 1 CNY            | user_forbidden
         25 10:00:00 trade    drawing 1 CNY            | ok
         25 10:00:00 recharge frozen  1 CNY            | user_forbidden
         25 10:00:00 withdraw frozen  1 CNY            | user_forbidden
         25 10:00:00 trade    frozen  1 CNY            | user_forbidden
         25 10:00:00 trade    u1      1 CNY to=frozen  | user_forbidden",
    );
}

#[test]
fn of_several_refusals_the_first_is_named() {
    let mut database = Database::with(
        r#"{"withdraw": {"networks": ["203.0.113.0/24"], "notify_hosts": ["shop.example"], "max": {"CNY": 10},
            "new_user_cooling": "1h", "payee_allow_list": {"wait": "0s"}, "user_daily_count": 1,
            "user_daily_amount": {"CNY": 10}, "app_daily_amount": {"CNY": 10}}}"#,
    );
    check(
        &mut database,
        "25 10:00:00 withdraw u1 99 CNY host=evil.example                                   | networks
         25 10:00:00 withdraw u1 99 CNY host=evil.example from=203.0.113.1                  | notify_hosts
         25 10:00:00 withdraw u1 99 CNY host=shop.example from=203.0.113.1                  | max
         25 10:00:00 withdraw u1 9  CNY host=shop.example from=203.0.113.1                  | payee_allow_list
         25 10:00:00 withdraw u1 9  CNY host=shop.example from=203.0.113.1 payee=p1         | new_user_cooling",
    );
    database.opened.insert("u1".to_owned(), Timestamp(0));
    database.opened.insert("u2".to_owned(), Timestamp(0));
    check(&mut database, "25 10:00:00 withdraw u1 9 CNY from=203.0.113.1 payee=p1 | payee_allow_list");
    database.payees.insert("p1".to_owned(), Timestamp(0));
    check(
        &mut database,
        "25 10:00:00 withdraw u1 9  CNY from=203.0.113.1 payee=p1 | ok
         25 10:00:00 withdraw u1 9  CNY from=203.0.113.1 payee=p1 | user_daily_count
         25 10:00:00 withdraw u2 9  CNY from=203.0.113.1 payee=p1 | app_daily_amount",
    );
    database.states.insert("u1".to_owned(), UserState::Frozen);
    check(&mut database, "25 10:00:00 withdraw u1 9 CNY from=203.0.113.1 payee=p1 | user_forbidden");
}

#[test]
fn what_was_judged_by_former_rules_is_judged_anew() {
    let mut database = Database::with("{}");
    let asked = Asked {
        client_id: APP,
        order_type: OrderType::Trade,
        user_ref: "u1",
        recipient: None,
        amount: Amount::new(1000, Currency::CNY),
        notify_host: None,
        source: "198.51.100.1".parse().unwrap(),
        payee_key: None,
    };
    let now = Timestamp::parse_rfc3339("2026-11-25T10:00:00+08:00").unwrap();
    let judged = database.judge(&asked, now).unwrap();
    database.in_force = Database::with(r#"{"trade": {"max": {"CNY": 999}}}"#).in_force;
    database.in_force.version += 1;
    assert_eq!(database.write(judged), Err("outdated"));
    assert_eq!(database.create(&asked, now + Duration::from_secs(1)), Err("max"));
    assert!(database.opened.is_empty(), "nothing is written of a refused order");
}

#[test]
fn every_rule_has_its_name_and_says_what_it_means() {
    let mut names: Vec<_> = Rule::ALL.iter().map(|r| r.name()).collect();
    for rule in Rule::ALL {
        assert_eq!(rule.to_string(), format!("{}: {}", rule.name(), rule.meaning()));
        assert!(rule.meaning().len() > 10, "{rule}");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Rule::ALL.len());
}
