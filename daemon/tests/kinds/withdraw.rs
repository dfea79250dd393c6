//! The life of a withdrawal: the funds are held before anything is sent, and free again only when the channel says so.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::client::{NewWithdrawal, Order, Payee};
use sluice_sim::provider::course::Outcome;
use sluice_sim::stand::Stand;

use super::{CLEARING, Scene, Unchanged, line, reference, refused};

/// What holds an amount.
fn hold(user: &str, minor: i64) -> Vec<(String, i64)> {
    vec![line(user, minor), line(&format!("{user} held"), -minor)]
}

/// What releases it.
fn release(user: &str, minor: i64) -> Vec<(String, i64)> {
    vec![line(&format!("{user} held"), minor), line(user, -minor)]
}

/// What pays it out.
fn paid_out(user: &str, minor: i64) -> Vec<(String, i64)> {
    vec![line(&format!("{user} held"), minor), line(CLEARING, -minor)]
}

async fn withdraw(scene: &Scene, user: &str, number: &str, minor: i64) -> Order {
    scene.merchant.create_withdrawal(&NewWithdrawal::new(number, minor).of_user(user)).await.unwrap()
}

pub(crate) async fn paid(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("wp", 10_000).await;
    // The recipe works on it for three seconds.
    let order = withdraw(&scene, "wp", "W-paid", 3_096).await;
    assert_eq!((order.state, order.state_name.as_str(), order.payment_pending), (1, "submitted", false));
    assert_eq!(scene.purse("wp").await, (6_904, 3_096), "held before it is paid out");
    assert_eq!((order.more["method"].clone(), order.payment.is_none()), (Value::Null, true));
    let shown = json!(order).to_string();
    assert!(!shown.contains("payee@example.com") && !shown.contains("李四"), "personal data: {shown}");
    refused(scene.merchant.cancel_withdrawal(&order.order_id).await, "state_conflict");

    let done = scene.reaches(&order, &[4]).await;
    assert_eq!(scene.purse("wp").await, (6_904, 0));
    assert_eq!(scene.journals(&order).await, [hold("wp", 3_096), paid_out("wp", 3_096)]);
    scene.receives(&order, &["withdraw.paid"]).await;
    let books = scene.books(&order).await;
    assert_eq!((&books["kind"], &books["state"]), (&json!("payout"), &json!("success")));
    assert_eq!((&books["amount_minor"], &books["currency"]), (&json!(3_096), &json!("CNY")));
    assert_eq!(books["payee"]["identity"], "payee@example.com");
    assert_eq!(done.more["channel_order_no"], books["channel_order_no"]);
    let (ours, theirs) = (done.more["paid_at"].as_str().unwrap(), books["succeeded_at"].as_str().unwrap());
    assert_eq!(ours[..19], theirs[..19], "by the provider's clock");
    let shown = scene.shown(&order).await;
    assert_eq!(shown["diagnosis"]["code"], "paid", "{shown}");
    refused(scene.merchant.cancel_withdrawal(&order.order_id).await, "state_conflict");
}

/// Refused at once, worked on and failed, and refused by a provider that knows nothing of it afterwards.
pub(crate) async fn rejected(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("wr", 10_000).await;
    for (number, minor) in [("W-refused", 1_099), ("W-failed", 1_098), ("W-unknown-there", 1_094)] {
        let order = withdraw(&scene, "wr", number, minor).await;
        let closed = scene.reaches(&order, &[5]).await;
        assert_eq!(closed.closed_reason.as_deref(), Some("rejected"), "{number}");
        assert_eq!(scene.purse("wr").await, (10_000, 0), "{number}");
        assert_eq!(scene.journals(&order).await, [hold("wr", minor), release("wr", minor)], "{number}");
        scene.receives(&order, &["withdraw.closed"]).await;
        assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "rejected", "{number}");
        match scene.control.order(reference(&order)).await {
            Ok(books) => {
                assert_eq!((&books["state"], &books["paid_out_minor"]), (&json!("failed"), &json!(0)))
            }
            Err(_) => assert_eq!(number, "W-unknown-there"),
        }
    }
}

/// Worked on until somebody says how it ends: no time releases it.
pub(crate) async fn worked_on(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("ww", 10_000).await;
    let (paid, failed) =
        (withdraw(&scene, "ww", "W-work-1", 1_095).await, withdraw(&scene, "ww", "W-work-2", 2_095).await);
    for order in [&paid, &failed] {
        scene.reaches(order, &[2]).await;
        // Alipay's own word for it is none that anything can be built on.
        assert_eq!(scene.is_diagnosed(order, "unknown").await["next_step"]["kind"], "requery");
    }
    assert_eq!(scene.purse("ww").await, (6_810, 3_190));
    scene.control.payout_result(reference(&paid), Outcome::Success, 0).await.unwrap();
    scene.control.payout_result(reference(&failed), Outcome::Failed, 0).await.unwrap();
    scene.reaches(&paid, &[4]).await;
    scene.reaches(&failed, &[5]).await;
    assert_eq!(scene.purse("ww").await, (8_905, 0));
}

/// 退票: found by looking again, credited back, called back.
pub(crate) async fn returned(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("wb", 10_000).await;
    let order = withdraw(&scene, "wb", "W-back", 1_092).await;
    let paid = scene.reaches(&order, &[3, 4]).await;
    assert_eq!(scene.purse("wb").await, (8_908, 0));
    let back = scene.reaches(&order, &[6]).await;
    assert!(back.state_version > paid.state_version);
    assert_eq!(back.state_name, "returned");
    assert_eq!(scene.purse("wb").await, (10_000, 0));
    let credited = vec![line(CLEARING, 1_092), line("wb", -1_092)];
    assert_eq!(scene.journals(&order).await, [hold("wb", 1_092), paid_out("wb", 1_092), credited]);
    scene.receives(&order, &["withdraw.paid", "withdraw.returned"]).await;
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "returned");
    assert_eq!(scene.books(&order).await["returned_minor"], 1_092);
    refused(scene.merchant.cancel_withdrawal(&order.order_id).await, "state_conflict");
}

pub(crate) async fn not_enough(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 2).await;
    let wanted = NewWithdrawal::new("W-poor", 2_000).of_user("poor");
    let before = Unchanged::of(&scene, "poor").await;
    refused(scene.merchant.create_withdrawal(&wanted).await, "balance_insufficient");
    before.still(&scene).await;
    assert_eq!(scene.purse("poor").await, (0, 0));
    // The number is free still: the same request goes through once the money is there, down to the last fen.
    scene.fund("poor", 2_000).await;
    let order = scene.merchant.create_withdrawal(&wanted).await.unwrap();
    assert!(!order.replayed);
    scene.reaches(&order, &[4]).await;
    assert_eq!(scene.purse("poor").await, (0, 0));
    let before = Unchanged::of(&scene, "poor").await;
    let more = NewWithdrawal::new("W-poor-2", 10).of_user("poor");
    refused(scene.merchant.create_withdrawal(&more).await, "balance_insufficient");
    before.still(&scene).await;
}

pub(crate) async fn same_number_again(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("wn", 5_000).await;
    let wanted = NewWithdrawal::new("W-same", 1_200).of_user("wn");
    let asking = (0..16).map(|_| scene.merchant.create_withdrawal(&wanted));
    let orders: Vec<Order> = futures_util::future::try_join_all(asking).await.unwrap();
    let first = orders.iter().filter(|order| !order.replayed).count();
    assert_eq!(first, 1, "one of them made it: {orders:?}");
    assert!(orders.iter().all(|order| order.order_id == orders[0].order_id));
    scene.reaches(&orders[0], &[4]).await;
    assert_eq!(scene.purse("wn").await, (3_800, 0), "held and paid once");

    let other = |change: fn(&mut NewWithdrawal)| {
        let mut other = wanted.clone();
        change(&mut other);
        other
    };
    let payee = |name: &str| Payee::Alipay { account: "payee@example.com".to_owned(), name: name.to_owned() };
    for conflict in [
        other(|w| w.amount.minor = 1_201),
        other(|w| w.user_ref = "wn-2".to_owned()),
        NewWithdrawal { payee: payee("王五"), ..wanted.clone() },
    ] {
        refused(scene.merchant.create_withdrawal(&conflict).await, "order_conflict");
    }
    // A number stands for one order of its kind and app.
    let recharge = scene.create("W-same", 1_200).await;
    assert!(!recharge.replayed && recharge.order_id.starts_with("rch_"));
    let theirs = scene.stand.merchant(1).await.unwrap();
    refused(theirs.create_withdrawal(&wanted).await, "balance_insufficient");
}

/// Of many that the balance suffices for only in part, exactly so many are taken.
pub(crate) async fn many_at_once(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("wm", 1_000).await;
    let wanted: Vec<_> =
        (0..24).map(|n| NewWithdrawal::new(format!("W-many-{n}"), 130).of_user("wm")).collect();
    let asking = wanted.iter().map(|one| scene.merchant.create_withdrawal(one));
    let mut taken = Vec::new();
    for outcome in futures_util::future::join_all(asking).await {
        match outcome {
            Ok(order) => taken.push(order),
            Err(error) => assert_eq!(error.code(), Some("balance_insufficient"), "{error}"),
        }
    }
    assert_eq!(taken.len(), 7, "of 10.00 in parts of 1.30");
    for order in &taken {
        scene.reaches(order, &[4]).await;
    }
    assert_eq!(scene.purse("wm").await, (90, 0));
}

pub(crate) async fn payees(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("wq", 5_000).await;
    let alipay = |account: &str, name: &str| Payee::Alipay { account: account.into(), name: name.into() };
    let to = |number: &str, payee: Payee, channel: Option<&str>| NewWithdrawal {
        payee,
        channel: channel.map(str::to_owned),
        ..NewWithdrawal::new(number, 500).of_user("wq")
    };
    // The channel is found by the payee where none is named.
    for (number, payee, kind) in [
        ("W-login", alipay("somebody@example.com", "张三"), "ALIPAY_LOGON_ID"),
        ("W-phone", alipay("13800000000", "张三"), "ALIPAY_LOGON_ID"),
        ("W-id", alipay("2088102122458832", "张三"), "ALIPAY_USER_ID"),
    ] {
        let order = scene.merchant.create_withdrawal(&to(number, payee, None)).await.unwrap();
        assert_eq!(order.more["channel"], "alipay");
        scene.reaches(&order, &[4]).await;
        assert_eq!(scene.books(&order).await["payee"]["identity_type"], kind, "{number}");
    }
    let bank = || Payee::Bank {
        account: "6222021234567890".to_owned(),
        name: "张三".to_owned(),
        bank: "ICBC".to_owned(),
    };
    let wechat = || Payee::Wechat { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned(), name: None };
    let before = Unchanged::of(&scene, "wq").await;
    for (number, payee, channel, code) in [
        ("W-bank", bank(), Some("alipay"), "channel_cannot"),
        ("W-bank-any", bank(), None, "channel_cannot"),
        ("W-wechat", wechat(), Some("alipay"), "channel_cannot"),
        ("W-wechat-any", wechat(), None, "channel_cannot"),
        ("W-nowhere", alipay("a@example.com", "张三"), Some("paypal"), "channel_unknown"),
        ("W-blanks", alipay("a b@example.com", "张三"), None, "field_invalid"),
    ] {
        refused(scene.merchant.create_withdrawal(&to(number, payee, channel)).await, code);
    }
    before.still(&scene).await;
    assert_eq!(scene.purse("wq").await, (3_500, 0));
}
