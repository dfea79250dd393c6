//! The ways in which a recharge ends without money.

use std::sync::Arc;

use serde_json::json;
use sluice_sim::control::Action;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::Scene;

pub(crate) async fn by_merchant_unopened(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_with("C-unopened", 100, |r| r.expires_in = Some("6s".to_owned())).await;
    let closed = scene.merchant.close_recharge(&order.order_id).await.unwrap();
    assert_eq!((closed.state, closed.closed_reason.as_deref()), (5, Some("closed_by_merchant")));
    scene.receives(&order, &["recharge.closed"]).await;
    // Closing what is closed changes nothing.
    let again = scene.merchant.close_recharge(&order.order_id).await.unwrap();
    assert_eq!((again.state, again.state_version), (5, closed.state_version));
    // Whoever holds the code can still bring it to life at the provider: then it is closed there, too.
    scene.act(&order, Action::Scan).await;
    support_until_closed(&scene, &order).await;
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "e3");
}

pub(crate) async fn by_merchant_opened(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("C-opened", 101).await;
    scene.act(&order, Action::Scan).await;
    let closed = scene.merchant.close_recharge(&order.order_id).await.unwrap();
    assert_eq!((closed.state, closed.closed_reason.as_deref()), (5, Some("closed_by_merchant")));
    let books = scene.books(&order).await;
    assert_eq!((&books["state"], &books["closed_by"]), (&json!("closed"), &json!("merchant")));
    scene.receives(&order, &["recharge.closed"]).await;
}

pub(crate) async fn paid_before_the_close(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    // Nobody was told of the payment: only the query before the close finds it.
    let order = scene.create("C-paid", 102).await;
    scene.pay(&order, Plan::Never).await;
    let refused = scene.merchant.close_recharge(&order.order_id).await.unwrap_err();
    assert_eq!(refused.code(), Some("order_paid"));
    scene.reaches(&order, &[4]).await;
    let refused = scene.merchant.close_recharge(&order.order_id).await.unwrap_err();
    assert_eq!(refused.code(), Some("order_paid"));
}

pub(crate) async fn expired_unopened(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_short("C-exp", 103).await;
    let closed = scene.reaches(&order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("expired"));
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "e1");
    scene.receives(&order, &["recharge.closed"]).await;
    assert_eq!(scene.journals(&order).await.len(), 0);
}

pub(crate) async fn expired_opened(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_short("C-exp-open", 104).await;
    scene.act(&order, Action::Scan).await;
    let closed = scene.reaches(&order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("expired"));
    assert_eq!(scene.books(&order).await["state"], "closed");
    scene.receives(&order, &["recharge.closed"]).await;
}

pub(crate) async fn by_channel(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("C-channel", 198).await;
    let closed = scene.reaches(&order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("closed_by_channel"));
    assert_eq!(scene.books(&order).await["closed_by"], "provider");
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "e2");
    scene.receives(&order, &["recharge.closed"]).await;
}

pub(crate) async fn refused(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create("C-refused", 199).await;
    assert_eq!((order.state, order.closed_reason.as_deref()), (5, Some("refused_by_channel")));
    assert!(order.payment.is_none() && !order.payment_pending);
    let shown = scene.shown(&order).await;
    let text = shown["diagnosis"]["text"].as_str().unwrap();
    assert!(text.contains("ACQ.TOTAL_FEE_EXCEED"), "the provider's own reason is shown: {text}");
    scene.receives(&order, &["recharge.closed"]).await;
}

/// The provider says "waiting" for ever: the order's end closes it there.
pub(crate) async fn waits_for_ever(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let order = scene.create_with("C-ever", 193, |r| r.expires_in = Some("3s".to_owned())).await;
    scene.reaches(&order, &[2]).await;
    let closed = scene.reaches(&order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("expired"));
    let books = scene.books(&order).await;
    assert_eq!((&books["state"], &books["closed_by"]), (&json!("closed"), &json!("merchant")));
}

async fn support_until_closed(scene: &Scene, order: &sluice_sim::client::Order) {
    super::support::until("the provider closes it", super::SOON, async || {
        let books = scene.books(order).await;
        if books["state"] == "closed" { Ok(()) } else { Err(books.to_string()) }
    })
    .await;
}
