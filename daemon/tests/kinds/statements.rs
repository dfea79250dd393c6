//! Statements after a life with all kinds: each line has the balance after it, in JSON and in CSV.

use std::sync::Arc;

use sluice_sim::client::{Money, NewRefund, NewTrade, NewWithdrawal, Party, StatementLine};
use sluice_sim::stand::Stand;

use super::Scene;

/// An app of its own: its settlement account is nobody else's.
pub(crate) async fn statements(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 8).await;
    let merchant = &scene.merchant;
    let recharge = scene.fund("su", 10_000).await;
    let trade = NewTrade::direct("S-trade", "su", Party::app(), 2_000);
    let trade = merchant.create_trade(&trade).await.unwrap();
    let held = NewTrade::authorise("S-held", "su", Party::app(), 3_000);
    let held = merchant.create_trade(&held).await.unwrap();
    merchant.capture(&held.order_id, Some(Money::cny(1_000))).await.unwrap();
    let out = merchant.create_withdrawal(&NewWithdrawal::new("S-out", 1_500).of_user("su")).await.unwrap();
    scene.reaches(&out, &[4]).await;
    let back = merchant.refund(&recharge.order_id, &NewRefund::new("S-back", 400)).await.unwrap();
    scene.reaches(&back, &[4]).await;
    let half = merchant.refund(&trade.order_id, &NewRefund::new("S-half", 500)).await.unwrap();

    let su = [
        ("recharge_credit", &recharge, 10_000, 10_000),
        ("trade_settle", &trade, -2_000, 8_000),
        ("trade_hold", &held, -3_000, 5_000),
        ("trade_capture", &held, 2_000, 7_000),
        ("withdraw_hold", &out, -1_500, 5_500),
        ("refund_hold", &back, -400, 5_100),
        ("trade_refund", &half, 500, 5_600),
    ];
    let su_held = [
        ("trade_hold", &held, 3_000, 3_000),
        ("trade_capture", &held, -3_000, 0),
        ("withdraw_hold", &out, 1_500, 1_500),
        ("withdraw_paid", &out, -1_500, 0),
        ("refund_hold", &back, 400, 400),
        ("refund_paid", &back, -400, 0),
    ];
    let app = [
        ("trade_settle", &trade, 2_000, 2_000),
        ("trade_capture", &held, 1_000, 3_000),
        ("trade_refund", &half, -500, 2_500),
    ];
    for (user, account, wanted) in [
        (Some("su"), "available", &su[..]),
        (Some("su"), "held", &su_held[..]),
        (None, "available", &app[..]),
        (None, "held", &[][..]),
    ] {
        let lines = lines(&scene, user, account).await;
        let seen: Vec<_> = lines
            .iter()
            .map(|line| (line.kind.as_str(), line.order_id.as_str(), line.amount.minor, line.balance.minor))
            .collect();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(kind, order, amount, balance)| (*kind, order.order_id.as_str(), *amount, *balance))
            .collect();
        assert_eq!(seen, wanted, "{user:?} {account}");
        as_csv(&scene, user, account, &lines).await;
    }
    assert_eq!((scene.purse("su").await, scene.settlement().await), ((5_600, 0), (2_500, 0)));
    // From a moment on, and up to it.
    let all = lines(&scene, Some("su"), "available").await;
    let at = &all[3].at;
    let later = merchant.statement(Some("su"), &format!("from={at}")).await.unwrap().items;
    let sooner = merchant.statement(Some("su"), &format!("to={at}")).await.unwrap().items;
    assert_eq!(sooner.len() + later.len(), all.len());
    assert!(later.iter().all(|line| line.at >= *at) && sooner.iter().all(|line| line.at < *at));
}

/// All lines, in pages of two.
async fn lines(scene: &Scene, user: Option<&str>, account: &str) -> Vec<StatementLine> {
    let (mut cursor, mut lines) = (String::new(), Vec::new());
    loop {
        let query = format!("account={account}&limit=2{cursor}");
        let page = scene.merchant.statement(user, &query).await.unwrap();
        assert!(page.items.len() <= 2);
        lines.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return lines,
        }
    }
}

/// The same lines as CSV, with decimal amounts.
async fn as_csv(scene: &Scene, user: Option<&str>, account: &str, lines: &[StatementLine]) {
    let csv = scene.merchant.statement_csv(user, &format!("account={account}")).await.unwrap();
    let decimal = |money: &Money| {
        let (sign, minor) = if money.minor < 0 { ("-", -money.minor) } else { ("", money.minor) };
        format!("{sign}{}.{:02}", minor / 100, minor % 100)
    };
    let mut wanted = "entry_id,at,kind,order_id,merchant_order_no,amount,balance,currency\r\n".to_owned();
    for line in lines {
        let (amount, balance) = (decimal(&line.amount), decimal(&line.balance));
        let StatementLine { entry_id, at, kind, order_id, merchant_order_no, .. } = line;
        wanted +=
            &format!("{entry_id},{at},{kind},{order_id},{merchant_order_no},{amount},{balance},CNY\r\n");
    }
    assert_eq!(csv, wanted, "{user:?} {account}");
}
