//! A withdrawal can be cancelled as long as nothing was sent: the channel is known to be away.

use std::sync::Arc;
use std::time::Duration;

use sluice_sim::client::{NewWithdrawal, Order};
use sluice_sim::stand::Stand;

use super::{CLEARING, Scene, line, reference, refused};
use crate::support::{SOON, until};

/// Opens the channel's breaker: nothing is answered any more.
async fn channel_goes_away(scene: &Scene, round: u8) {
    scene.fault_all(&[("create", "reset", None), ("query", "reset", None)]).await;
    let mut n = 0;
    until("the breaker is open", SOON, async || {
        n += 1;
        scene.create(&format!("X-away-{round}-{n}"), 100).await;
        let channels = scene.stand.sluice_json(&["channels", "list"]).await.unwrap();
        if channels[0]["breaker"]["state"] == "open" { Ok(()) } else { Err(channels.to_string()) }
    })
    .await;
}

async fn withdraw(scene: &Scene, number: &str) -> Order {
    let wanted = NewWithdrawal::new(number, 2_000).of_user("cancel");
    scene.merchant.create_withdrawal(&wanted).await.unwrap()
}

pub(crate) async fn unsent(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("cancel", 10_000).await;
    channel_goes_away(&scene, 1).await;
    let order = withdraw(&scene, "X-cancel").await;
    assert_eq!((order.state, order.payment_pending), (0, true), "{order:?}");
    assert_eq!(scene.purse("cancel").await, (8_000, 2_000));
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "a");

    // At the moment when its task looks whether the channel is back it cannot be cancelled.
    let cancelled = until("it is cancelled", SOON, async || {
        scene.merchant.cancel_withdrawal(&order.order_id).await.map_err(|error| error.to_string())
    })
    .await;
    assert_eq!((cancelled.state, cancelled.closed_reason.as_deref()), (5, Some("cancelled")));
    assert_eq!(scene.purse("cancel").await, (10_000, 0));
    scene.receives(&order, &["withdraw.closed"]).await;
    let again = scene.merchant.cancel_withdrawal(&order.order_id).await.unwrap();
    assert_eq!((again.state, again.state_version), (5, cancelled.state_version), "once more changes nothing");
    assert_eq!(scene.shown(&order).await["diagnosis"]["code"], "cancelled");

    // Another waits until the channel is back, and is sent then: it cannot be cancelled any more.
    let waiting = withdraw(&scene, "X-wait").await;
    scene.no_faults().await;
    let paid = scene.reaches(&waiting, &[4]).await;
    refused(scene.merchant.cancel_withdrawal(&paid.order_id).await, "state_conflict");
    assert_eq!(scene.purse("cancel").await, (8_000, 0));
    let hold = vec![line("cancel", 2_000), line("cancel held", -2_000)];
    let out = vec![line("cancel held", 2_000), line(CLEARING, -2_000)];
    assert_eq!(scene.journals(&waiting).await, [hold, out]);
    // The channel has never heard of the one that was cancelled.
    assert!(scene.control.order(reference(&order)).await.is_err());
    sent_or_cancelled(&scene).await;
}

/// Cancelled from many sides at the moment when it is sent: either it was, or it was not.
async fn sent_or_cancelled(scene: &Scene) {
    for round in 2..5 {
        channel_goes_away(scene, round).await;
        let order = withdraw(scene, &format!("X-race-{round}")).await;
        scene.no_faults().await;
        let before = scene.purse("cancel").await;
        // From when on it may be sent: the breaker lets a probe through.
        tokio::time::sleep(Duration::from_millis(3_600 + u64::from(round) * 150)).await;
        let ended = until("it is sent or cancelled", SOON, async || {
            match scene.merchant.cancel_withdrawal(&order.order_id).await {
                Ok(order) => Ok(order),
                Err(error) if error.code() == Some("state_conflict") => Ok(scene.reaches(&order, &[4]).await),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
        let at_the_provider = scene.control.order(reference(&order)).await;
        let (available, held) = before;
        assert_eq!(held, 2_000);
        if ended.state == 5 {
            assert!(at_the_provider.is_err(), "cancelled, and paid out: {at_the_provider:?}");
            scene.has("cancel", (available + 2_000, 0)).await;
        } else {
            assert_eq!(at_the_provider.unwrap()["state"], "success");
            scene.has("cancel", (available, 0)).await;
        }
    }
}
