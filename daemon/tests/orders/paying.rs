//! From creation to completion.

use std::sync::Arc;

use serde_json::json;
use sluice_sim::client::NewRecharge;
use sluice_sim::control::{Action, PaymentContent};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::{Scene, line};

pub(crate) async fn by_code(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("P-code", 8_888).await;
    assert_eq!((order.state, order.state_name.as_str(), order.payment_pending), (1, "submitted", false));
    assert!(matches!(order.payment, Some(PaymentContent::Qr { .. })), "{:?}", order.payment);
    assert_eq!(order.more["channel_order_no"], json!(null), "the provider has given no number yet");
    scene.pay(&order, Plan::Now).await;
    let order = scene.reaches(&order, &[4]).await;
    let books = scene.books(&order).await;
    assert_eq!(order.more["channel_order_no"], books["payments"][0]["channel_order_no"]);
    // The provider states seconds.
    let (ours, theirs) = (order.more["paid_at"].as_str().unwrap(), books["paid_at"].as_str().unwrap());
    assert_eq!(ours[..19], theirs[..19]);
    assert_eq!((order.closed_reason.as_ref(), order.flags.len()), (None, 0));
    scene.receives(&order, &["recharge.paid"]).await;
    let credit = vec![line("channel:alipay:clearing", 8_888), line("u1", -8_888)];
    assert_eq!(scene.journals(&order).await, [credit]);
    let shown = scene.shown(&order).await;
    assert_eq!((&shown["diagnosis"]["code"], &shown["next_step"]["kind"]), (&json!("c2"), &json!("none")));
}

pub(crate) async fn by_page(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_with("P-page", 8_800, |recharge| recharge.method = "page".to_owned()).await;
    assert_eq!(order.state, 1);
    assert!(!matches!(order.payment, Some(PaymentContent::Qr { .. }) | None), "{:?}", order.payment);
    assert!(scene.control.order(super::reference(&order)).await.is_err(), "the provider knows it too early");
    scene.pay(&order, Plan::Now).await;
    scene.reaches(&order, &[4]).await;
}

pub(crate) async fn waiting_first(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("P-wait", 8_801).await;
    let shown = scene.shown(&order).await;
    assert_eq!((&shown["diagnosis"]["code"], &shown["next_step"]["kind"]), (&json!("a"), &json!("requery")));
    scene.act(&order, Action::Scan).await;
    let waiting = scene.reaches(&order, &[2]).await;
    assert!(waiting.state_version > order.state_version);
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "b");
    scene.pay(&order, Plan::Now).await;
    scene.reaches(&order, &[4]).await;
}

pub(crate) async fn found_by_asking(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("P-ask", 8_802).await;
    scene.pay(&order, Plan::Never).await;
    scene.reaches(&order, &[4]).await;
    assert_eq!(scene.books(&order).await["notifications"]["sent"], 0);
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "c1");
    scene.receives(&order, &["recharge.paid"]).await;
}

pub(crate) async fn notified_twice(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("P-twice", 8_803).await;
    scene.pay(&order, Plan::Twice).await;
    scene.reaches(&order, &[4]).await;
    super::nothing_more_happens().await;
    assert_eq!(scene.books(&order).await["notifications"]["acknowledged"], 2);
    assert_eq!(scene.journals(&order).await.len(), 1);
    scene.receives(&order, &["recharge.paid"]).await;
}

pub(crate) async fn notified_before_the_answer(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("P-before", 8_891).await;
    assert!(order.state >= 3, "paid while the provider still held back its answer: {order:?}");
    scene.reaches(&order, &[4]).await;
    assert_eq!(scene.journals(&order).await.len(), 1);
    scene.receives(&order, &["recharge.paid"]).await;
}

pub(crate) async fn same_number_again(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let mut recharge = NewRecharge::new("P-same", 8_804);
    let send = |recharge: &NewRecharge| scene.merchant.request("POST", "/v1/recharges").json(recharge).send();
    let first = send(&recharge).await.unwrap();
    let again = send(&recharge).await.unwrap();
    assert!(first.verify().is_ok() && again.verify().is_ok());
    assert_eq!((first.status, first.headers.get("sluice-replayed")), (201, None));
    assert_eq!((again.status, again.headers["sluice-replayed"].to_str().unwrap()), (200, "true"));
    let (first, again) = (first.json().unwrap(), again.json().unwrap());
    assert_eq!((first.get("replayed"), &again["replayed"]), (None, &json!(true)));
    assert_eq!(first["order_id"], again["order_id"]);
    // Defaults filled in are the same content; the order of fields and blanks are not content.
    recharge.expires_in = Some("120m".to_owned());
    recharge.channel = None;
    assert_eq!(send(&recharge).await.unwrap().status, 200);
    // Whatever else is asked for under the number is another order.
    let changes: [fn(&mut NewRecharge); 5] = [
        |r| r.amount.minor += 1,
        |r| r.user_ref = "u2".to_owned(),
        |r| r.subject = "other".to_owned(),
        |r| r.method = "page".to_owned(),
        |r| drop(r.more.insert("metadata".to_owned(), json!({"a": "b"}))),
    ];
    for change in changes {
        let mut other = NewRecharge::new("P-same", 8_804);
        change(&mut other);
        let conflict = send(&other).await.unwrap();
        assert_eq!((conflict.status, conflict.error_code().as_deref()), (409, Some("order_conflict")));
    }
    // Another app's number is another's.
    let other = scene.stand.merchant(1).await.unwrap();
    let theirs = other.create_recharge(&NewRecharge::new("P-same", 1_000)).await.unwrap();
    assert!(!theirs.replayed && first["order_id"] != theirs.order_id.as_str());
}

pub(crate) async fn same_number_at_once(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let recharge = NewRecharge::new("P-race", 8_805);
    let asked = (0..16).map(|_| scene.merchant.create_recharge(&recharge));
    let orders: Vec<_> =
        futures_util::future::join_all(asked).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(orders.iter().filter(|order| !order.replayed).count(), 1);
    assert!(orders.iter().all(|order| order.order_id == orders[0].order_id));
    let books = scene.control.orders().await.unwrap();
    assert_eq!(books.iter().filter(|one| one["channel_ref"] == super::reference(&orders[0])).count(), 1);
}

pub(crate) async fn with_a_fee(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 2).await;
    let before = scene.create("P-fee-before", 10).await;
    let args = ["app", "fee", scene.merchant.client_id(), "--ppm", "6000", "--fixed", "10", "--max", "500"];
    let set = scene.stand.sluiced(&args).await.unwrap();
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    // 0.6 % and 0.10: rounded half up, no more than 5.00, and never all of the amount.
    for (minor, fee) in [(10_000, 70), (8_888, 63), (8_750, 63), (1_000_000, 500)] {
        let order = scene.create(&format!("P-fee-{minor}"), minor).await;
        assert_eq!(order.more["fee"]["minor"], fee, "of {minor}");
        scene.pay(&order, Plan::Now).await;
        let order = scene.reaches(&order, &[4]).await;
        let credit =
            vec![line("channel:alipay:clearing", minor), line("u1", fee - minor), line("fee:service", -fee)];
        assert_eq!(scene.journals(&order).await, [credit]);
    }
    let refused = scene.merchant.create_recharge(&NewRecharge::new("P-fee-below", 10)).await.unwrap_err();
    assert_eq!(refused.code(), Some("amount_below_fee"));
    // What was created before the fee stands, and whoever asks again hears of it.
    let again = scene.create("P-fee-before", 10).await;
    assert_eq!((again.order_id, again.replayed), (before.order_id, true));
}
