//! Apps that operators stop: refused at once, while what is under way comes to its end.

use std::sync::Arc;

use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use crate::scene::{Scene, said};
use crate::support::{SOON, until};

pub(crate) async fn whole_app(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    let paid = scene.fund("u1", 2_000).await;
    let open = scene.recharge("open", "u1", 700).await.unwrap();
    let stopped = scene.act("app", "suspend", &[]).await;
    assert_eq!((&stopped["type"], &stopped["reason"]), (&serde_json::Value::Null, &"a test".into()));
    for answer in [
        scene.recharge("r1", "u1", 100).await,
        scene.trade("t1", "u1", 100).await,
        scene.withdraw("w1", "u1", 100).await,
        scene.merchant.recharge(&paid.order_id).await,
        scene.merchant.close_recharge(&open.order_id).await,
    ] {
        assert_eq!(said(&answer), "unsigned access_denied");
    }
    assert_eq!(said(&other.recharge("r1", "u1", 100).await), "ok");
    let shown = scene.command("apps", "list", &[]).await;
    assert_eq!(shown[0]["status"], "suspended", "{shown}");

    // Paid at the provider by now: credited, and called back.
    scene.control.pay(&open, Plan::Now).await.unwrap();
    until("the callback is received", SOON, async || {
        let received = scene.control.received(&open.order_id).await.unwrap();
        match received.as_slice() {
            [one] if one["type"] == "recharge.paid" && one["verified"] == true => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;

    let left = scene.act("app", "resume", &[]).await;
    assert_eq!(left["left"], serde_json::json!([]));
    scene.reaches(&open, 4).await;
    assert_eq!(said(&scene.recharge("r1", "u1", 100).await), "ok");
    assert_eq!(scene.merchant.balance(Some("u1")).await.unwrap().available.minor, 2_700);
}

pub(crate) async fn one_type(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("u1", 2_000).await;
    let held = scene.withdraw("w0", "u1", 100).await.unwrap();
    scene.act("app", "suspend", &["--type", "withdraw"]).await;
    assert_eq!(said(&scene.withdraw("w1", "u1", 100).await), "unsigned access_denied");
    assert_eq!(said(&scene.merchant.withdrawal(&held.order_id).await), "unsigned access_denied");
    assert_eq!(said(&scene.trade("t1", "u1", 100).await), "ok");
    assert_eq!(said(&scene.recharge("r1", "u1", 100).await), "ok");
    // The payout that was under way is paid, and told.
    until("the payout is told", SOON, async || {
        let received = scene.control.received(&held.order_id).await.unwrap();
        if received.iter().any(|one| one["type"] == "withdraw.paid") {
            Ok(())
        } else {
            Err(format!("{received:?}"))
        }
    })
    .await;
    // The whole app and a type are two stops: the end of one is not the end of the other.
    scene.act("app", "suspend", &[]).await;
    let left = scene.act("app", "resume", &[]).await;
    assert_eq!(left["left"][0]["type"], "withdraw", "{left}");
    assert_eq!(said(&scene.withdraw("w1", "u1", 100).await), "unsigned access_denied");
    scene.act("app", "resume", &["--type", "withdraw"]).await;
    assert_eq!(said(&scene.withdraw("w1", "u1", 100).await), "ok");
}
