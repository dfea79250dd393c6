//! Every endpoint with the ids of another app, and every order in another's place: not found, and nothing changes.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::client::{Merchant, NewRefund, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::stand::Stand;

use super::{Scene, Unchanged};

/// One order of each kind, at rest.
struct Orders {
    recharge: Order,
    open: Order,
    withdrawal: Order,
    trade: Order,
    held: Order,
    refund: Order,
    trade_refund: Order,
}

impl Orders {
    async fn of(scene: &Scene, user: &str) -> Self {
        let merchant = &scene.merchant;
        let recharge = scene.fund(user, 10_000).await;
        let open = scene.create_with("I-open", 1_000, |r| r.user_ref = user.to_owned()).await;
        let withdrawal = NewWithdrawal::new("I-out", 1_000).of_user(user);
        let withdrawal = merchant.create_withdrawal(&withdrawal).await.unwrap();
        let trade = NewTrade::direct("I-trade", user, Party::app(), 1_000);
        let trade = merchant.create_trade(&trade).await.unwrap();
        let held = NewTrade::authorise("I-held", user, Party::app(), 1_000);
        let held = merchant.create_trade(&held).await.unwrap();
        let refund = merchant.refund(&recharge.order_id, &NewRefund::new("I-back", 100)).await.unwrap();
        let trade_refund = merchant.refund(&trade.order_id, &NewRefund::new("I-half", 100)).await.unwrap();
        let ended = async |order: &Order, states: &[i64]| {
            scene.reaches(order, states).await;
            let told = scene.now(order).await.more["callbacks"].as_array().unwrap().len();
            crate::support::until("its callbacks are delivered", crate::support::SOON, async || {
                let received = scene.received(order).await;
                if received.len() == told { Ok(()) } else { Err(format!("{received:?}")) }
            })
            .await;
        };
        for order in [&withdrawal, &refund, &trade_refund] {
            ended(order, &[4]).await;
        }
        ended(&trade, &[62]).await;
        Self {
            recharge: scene.now(&recharge).await,
            open,
            withdrawal: scene.now(&withdrawal).await,
            trade: scene.now(&trade).await,
            held,
            refund: scene.now(&refund).await,
            trade_refund: scene.now(&trade_refund).await,
        }
    }
}

fn callback(order: &Order) -> String {
    order.callback_ids().first().map(|id| (*id).to_owned()).unwrap()
}

/// Every path below an order, with its method and a body that would do.
fn endpoints(orders: &Orders) -> Vec<(&'static str, String, Value)> {
    let refund = json!(NewRefund::new("I-theirs", 100));
    let mut all = Vec::new();
    for (folder, order) in
        [("recharges", &orders.recharge), ("withdrawals", &orders.withdrawal), ("trades", &orders.trade)]
    {
        let path = format!("/v1/{folder}/{}", order.order_id);
        all.push(("GET", path.clone(), Value::Null));
        all.push(("GET", format!("{path}/timeline"), Value::Null));
        all.push(("POST", format!("{path}/callbacks/{}/replay", callback(order)), Value::Null));
    }
    for (folder, order, refund_order) in
        [("recharges", &orders.recharge, &orders.refund), ("trades", &orders.trade, &orders.trade_refund)]
    {
        let path = format!("/v1/{folder}/{}/refunds", order.order_id);
        all.push(("POST", path.clone(), refund.clone()));
        all.push(("GET", path.clone(), Value::Null));
        let path = format!("{path}/{}", refund_order.order_id);
        all.push(("GET", path.clone(), Value::Null));
        all.push(("GET", format!("{path}/timeline"), Value::Null));
        all.push(("POST", format!("{path}/callbacks/{}/replay", callback(refund_order)), Value::Null));
    }
    let open = &orders.open.order_id;
    all.push(("POST", format!("/v1/recharges/{open}/close"), Value::Null));
    all.push(("POST", format!("/v1/withdrawals/{}/cancel", orders.withdrawal.order_id), Value::Null));
    for act in ["capture", "void"] {
        all.push(("POST", format!("/v1/trades/{}/{act}", orders.held.order_id), Value::Null));
    }
    let part = json!({"amount": {"minor": 1, "currency": "CNY"}});
    all.push(("POST", format!("/v1/trades/{}/capture", orders.held.order_id), part));
    all
}

/// What is wrong with the answer.
async fn asked(
    merchant: &Merchant,
    (method, target, body): &(&'static str, String, Value),
    wanted: &str,
) -> Option<String> {
    let mut request = merchant.request(method, target);
    if !body.is_null() {
        request = request.json(body);
    }
    let answer = request.send().await.unwrap();
    answer.verify().unwrap();
    let said = answer.error_code().unwrap_or_default();
    let right = answer.status == 404 && said == wanted;
    (!right)
        .then(|| format!("{method} {target}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)))
}

pub(crate) async fn of_apps(stand: Arc<Stand>) {
    let (a, b) = (Scene::of_app(stand.clone(), 9).await, Scene::of_app(stand, 10).await);
    let (mine, theirs) = (Orders::of(&a, "ia").await, Orders::of(&b, "ib").await);
    let (before_a, before_b) = (Unchanged::of(&a, "ia").await, Unchanged::of(&b, "ib").await);
    let mut wrong = Vec::new();
    for endpoint in endpoints(&mine) {
        wrong.extend(asked(&b.merchant, &endpoint, "order_not_found").await);
    }
    // Their own order with a refund or a callback of ours.
    for (method, target, code) in [
        (
            "GET",
            format!("/v1/recharges/{}/refunds/{}", theirs.recharge.order_id, mine.refund.order_id),
            "order_not_found",
        ),
        (
            "GET",
            format!("/v1/trades/{}/refunds/{}", theirs.trade.order_id, mine.trade_refund.order_id),
            "order_not_found",
        ),
        (
            "POST",
            format!(
                "/v1/withdrawals/{}/callbacks/{}/replay",
                theirs.withdrawal.order_id,
                callback(&mine.withdrawal)
            ),
            "not_found",
        ),
        (
            "POST",
            format!("/v1/trades/{}/callbacks/{}/replay", theirs.trade.order_id, callback(&mine.trade)),
            "not_found",
        ),
    ] {
        wrong.extend(asked(&b.merchant, &(method, target, Value::Null), code).await);
    }
    assert!(wrong.is_empty(), "another app's: {wrong:#?}");
    for place in ["recharges", "withdrawals", "trades"] {
        let number = if place == "withdrawals" { "I-out" } else { "I-open" };
        let target = format!("/v1/{place}?merchant_order_no={number}&user_ref=ia");
        let page: Value = b.merchant.request("GET", &target).send().await.unwrap().into_verified().unwrap();
        assert_eq!(page["items"], json!([]), "{target}");
    }
    for target in ["/v1/statements?user_ref=ia", "/v1/statements?user_ref=ia&account=held"] {
        let page: Value = b.merchant.request("GET", target).send().await.unwrap().into_verified().unwrap();
        assert_eq!(page["items"], json!([]), "{target}");
    }
    assert_eq!(b.purse("ia").await, (0, 0));
    // Money of another app's user of the same name cannot be spent.
    for outcome in [
        b.merchant.create_withdrawal(&NewWithdrawal::new("I-steal-1", 100).of_user("ia")).await,
        b.merchant.create_trade(&NewTrade::direct("I-steal-2", "ia", Party::app(), 100)).await,
    ] {
        super::refused(outcome, "balance_insufficient");
    }
    before_a.still(&a).await;
    before_b.still(&b).await;
}

/// An order under another folder, another order or another kind: not found there.
pub(crate) async fn of_orders(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 11).await;
    let orders = Orders::of(&scene, "io").await;
    let other = scene.fund("io", 9_000).await;
    let before = Unchanged::of(&scene, "io").await;
    let (rch, wdr, trd, rfd) = (
        &orders.recharge.order_id,
        &orders.withdrawal.order_id,
        &orders.trade.order_id,
        &orders.refund.order_id,
    );
    let refund = json!(NewRefund::new("I-misplaced", 100));
    let mut cases = vec![
        ("GET", format!("/v1/recharges/{}/refunds/{rfd}", other.order_id), Value::Null),
        ("GET", format!("/v1/recharges/{}/refunds/{rfd}/timeline", other.order_id), Value::Null),
        ("GET", format!("/v1/trades/{trd}/refunds/{rfd}"), Value::Null),
        ("GET", format!("/v1/recharges/{rch}/refunds/{}", orders.trade_refund.order_id), Value::Null),
        ("GET", format!("/v1/recharges/{rch}/refunds/{rch}"), Value::Null),
        ("GET", format!("/v1/recharges/{rch}/refunds/rfd_x"), Value::Null),
        ("POST", format!("/v1/trades/{}/capture", orders.recharge.order_id), Value::Null),
        ("POST", format!("/v1/withdrawals/{trd}/cancel"), Value::Null),
        ("POST", format!("/v1/recharges/{trd}/close"), Value::Null),
        ("POST", format!("/v1/trades/{rch}/refunds"), refund.clone()),
        ("POST", format!("/v1/recharges/{trd}/refunds"), refund.clone()),
        ("POST", format!("/v1/recharges/{rfd}/refunds"), refund.clone()),
        ("GET", format!("/v1/trades/{rch}/refunds"), Value::Null),
    ];
    for (folder, ids) in
        [("recharges", [wdr, trd, rfd]), ("withdrawals", [rch, trd, rfd]), ("trades", [rch, wdr, rfd])]
    {
        for id in ids {
            cases.push(("GET", format!("/v1/{folder}/{id}"), Value::Null));
            cases.push(("GET", format!("/v1/{folder}/{id}/timeline"), Value::Null));
        }
    }
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(asked(&scene.merchant, case, "order_not_found").await);
    }
    for (order, callback_of) in [(&orders.withdrawal, &orders.trade), (&orders.recharge, &orders.refund)] {
        let folder = if order.order_id.starts_with("wdr") { "withdrawals" } else { "recharges" };
        let target = format!("/v1/{folder}/{}/callbacks/{}/replay", order.order_id, callback(callback_of));
        wrong.extend(asked(&scene.merchant, &("POST", target, Value::Null), "not_found").await);
    }
    assert!(wrong.is_empty(), "in another's place: {wrong:#?}");
    before.still(&scene).await;
}
