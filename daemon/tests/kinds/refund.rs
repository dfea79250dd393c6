//! The life of a refund: never more than was paid, held until the channel says how it ended.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::client::{Error, Money, NewRefund, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::provider::Plan;
use sluice_sim::provider::course::Outcome;
use sluice_sim::stand::Stand;

use super::{CLEARING, Scene, Unchanged, line, nothing_more_happens, reference, refused};

async fn refund(scene: &Scene, of: &Order, number: &str, minor: i64) -> Order {
    scene.merchant.refund(&of.order_id, &NewRefund::new(number, minor)).await.unwrap()
}

/// What the original says: its state, and what was refunded of it.
async fn original(scene: &Scene, order: &Order) -> (i64, i64) {
    let now = scene.now(order).await;
    (now.state, now.refunded.map_or(0, |refunded| refunded.minor))
}

pub(crate) async fn in_parts(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("rp", 10_000).await;
    let version = paid.state_version;
    // The recipe works on it for three seconds.
    let first = refund(&scene, &paid, "R-part-1", 2_096).await;
    assert_eq!(first.original_order_id.as_deref(), Some(paid.order_id.as_str()));
    assert!(first.state < 3 && first.order_id.starts_with("rfd_"), "{first:?}");
    assert_eq!(scene.purse("rp").await, (7_904, 2_096), "held before it is given back");
    assert_eq!(original(&scene, &paid).await, (61, 0));
    assert_eq!(scene.shown(&paid).await["diagnosis"]["code"], "d2");
    let done = scene.reaches(&first, &[4]).await;
    assert!(done.more["paid_at"].is_string(), "{done:?}");
    assert_eq!(scene.purse("rp").await, (7_904, 0));
    assert_eq!(original(&scene, &paid).await, (62, 2_096));
    let hold = vec![line("rp", 2_096), line("rp held", -2_096)];
    let given = vec![line("rp held", 2_096), line(CLEARING, -2_096)];
    assert_eq!(scene.journals(&first).await, [hold, given]);
    scene.receives(&first, &["refund.refunded"]).await;
    assert_eq!(scene.shown(&first).await["diagnosis"]["code"], "d1");

    // What is left of it, and then nothing any more.
    let rest = refund(&scene, &paid, "R-part-2", 7_904).await;
    scene.reaches(&rest, &[4]).await;
    assert_eq!((original(&scene, &paid).await, scene.purse("rp").await), ((62, 10_000), (0, 0)));
    let books = scene.books(&paid).await;
    assert_eq!((&books["refunded_minor"], books["refunds"].as_array().unwrap().len()), (&json!(10_000), 2));
    let at_the_provider = scene.books(&first).await;
    assert_eq!(at_the_provider["kind"], "refund");
    assert_eq!(at_the_provider["payment"], reference(&paid));
    let before = Unchanged::of(&scene, "rp").await;
    refused(scene.merchant.refund(&paid.order_id, &NewRefund::new("R-part-3", 1)).await, "refund_exceeds");
    before.still(&scene).await;
    assert!(scene.now(&paid).await.state_version > version, "a receiver can tell which is newer");
    // The merchant's acknowledgement of the payment stands in 6x.
    scene.receives(&paid, &["recharge.paid"]).await;
    assert_eq!(scene.shown(&paid).await["diagnosis"]["code"], "d1");
}

/// Accepted, and then not shown any more: no time and no silence releases what is held.
pub(crate) async fn not_shown(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("rh", 3_000).await;
    let refund = refund(&scene, &paid, "R-failed-late", 1_098).await;
    tokio::time::sleep(std::time::Duration::from_secs(7)).await;
    assert_eq!(scene.books(&refund).await["state"], "failed", "at the provider");
    let now = scene.now(&refund).await;
    assert!(now.state < 3, "{now:?}");
    assert_eq!((original(&scene, &paid).await, scene.purse("rh").await), ((61, 0), (1_902, 1_098)));
    let over = NewRefund::new("R-failed-over", 1_903);
    refused(scene.merchant.refund(&paid.order_id, &over).await, "refund_exceeds");
    assert_eq!(scene.shown(&refund).await["next_step"]["kind"], "requery");
}

/// What is under way counts like what is done; what failed does not.
pub(crate) async fn failed(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("rf", 1_200).await;
    for (number, minor) in [("R-refused", 1_099), ("R-refused-too", 599)] {
        let refund = refund(&scene, &paid, number, minor).await;
        let over = NewRefund::new(format!("{number}-over"), 1_200 - minor + 1);
        refused(scene.merchant.refund(&paid.order_id, &over).await, "refund_exceeds");
        scene.reaches(&refund, &[5]).await;
        assert_eq!(scene.purse("rf").await, (1_200, 0), "{number}: free again");
        assert_eq!(original(&scene, &paid).await, (63, 0), "{number}: the paid fact stands");
        scene.receives(&refund, &["refund.failed"]).await;
        assert_eq!(scene.shown(&refund).await["diagnosis"]["code"], "d3");
        assert_eq!(scene.shown(&paid).await["diagnosis"]["code"], "d3");
        let hold = vec![line("rf", minor), line("rf held", -minor)];
        let release = vec![line("rf held", minor), line("rf", -minor)];
        assert_eq!(scene.journals(&refund).await, [hold, release]);
        assert_eq!(scene.books(&refund).await["state"], "failed");
    }
    let whole = refund(&scene, &paid, "R-after-failure", 1_200).await;
    scene.reaches(&whole, &[4]).await;
    assert_eq!(original(&scene, &paid).await, (62, 1_200));
}

/// 61 while any is under way, else 62 if anything was given back.
pub(crate) async fn several_at_once(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("rs", 10_000).await;
    // The one is refused, the other worked on until a control call says how it ends.
    let good = refund(&scene, &paid, "R-good", 3_095).await;
    let bad = refund(&scene, &paid, "R-bad", 4_099).await;
    assert_eq!((original(&scene, &paid).await, scene.purse("rs").await), ((61, 0), (2_806, 7_194)));
    scene.reaches(&bad, &[5]).await;
    assert_eq!((original(&scene, &paid).await, scene.purse("rs").await), ((61, 0), (6_905, 3_095)));
    let more = refund(&scene, &paid, "R-more", 1_000).await;
    scene.reaches(&more, &[4]).await;
    assert_eq!(original(&scene, &paid).await, (61, 1_000), "one is under way still");
    scene.control.refund_result(reference(&good), Outcome::Success, 0).await.unwrap();
    scene.reaches(&good, &[4]).await;
    assert_eq!((original(&scene, &paid).await, scene.purse("rs").await), ((62, 4_095), (5_905, 0)));
}

pub(crate) async fn notified_oddly(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("ro", 10_000).await;
    for (number, minor) in [("R-twice", 1_090), ("R-before", 1_091), ("R-unanswered", 1_097)] {
        let refund = refund(&scene, &paid, number, minor).await;
        scene.reaches(&refund, &[4]).await;
        scene.receives(&refund, &["refund.refunded"]).await;
    }
    nothing_more_happens().await;
    assert_eq!((original(&scene, &paid).await, scene.purse("ro").await), ((62, 3_278), (6_722, 0)));
}

/// 32 callers of one order: so much as was paid, and not a fen more.
pub(crate) async fn from_many_callers(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("rc", 10_000).await;
    let traded = async |number: &str| {
        scene.fund("rc-payer", 10_000).await;
        let trade = NewTrade::direct(number, "rc-payer", Party::user("rc-payee"), 10_000);
        scene.merchant.create_trade(&trade).await.unwrap()
    };
    let trade = traded("R-trade-many").await;
    for order in [&paid, &trade] {
        let wanted: Vec<_> =
            (0..32).map(|n| NewRefund::new(format!("R-many-{}-{n}", &order.order_id[..3]), 700)).collect();
        let asking = wanted.iter().map(|one| scene.merchant.refund(&order.order_id, one));
        let mut taken = Vec::new();
        for outcome in futures_util::future::join_all(asking).await {
            match outcome {
                Ok(refund) => taken.push(refund),
                Err(error) => assert_eq!(error.code(), Some("refund_exceeds"), "{error}"),
            }
        }
        assert_eq!(taken.len(), 14, "of 100.00 in parts of 7.00: {taken:?}");
        for refund in &taken {
            scene.reaches(refund, &[4]).await;
        }
        assert_eq!(original(&scene, order).await, (62, 9_800));
        let last = refund(&scene, order, &format!("R-rest-{}", &order.order_id[..3]), 200).await;
        scene.reaches(&last, &[4]).await;
        assert_eq!(original(&scene, order).await, (62, 10_000));
    }
    assert_eq!(scene.purse("rc").await, (0, 0));
    assert_eq!((scene.purse("rc-payer").await, scene.purse("rc-payee").await), ((10_000, 0), (0, 0)));
    assert_eq!(scene.books(&paid).await["refunded_minor"], 10_000);
}

/// The same number from many at once is one refund.
pub(crate) async fn same_number_again(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let (paid, other) = (scene.fund("rn", 5_000).await, scene.fund("rn", 4_000).await);
    let wanted = NewRefund::new("R-same", 1_000);
    let asking = (0..16).map(|_| scene.merchant.refund(&paid.order_id, &wanted));
    let refunds: Vec<Order> = futures_util::future::try_join_all(asking).await.unwrap();
    assert_eq!(refunds.iter().filter(|refund| !refund.replayed).count(), 1, "{refunds:?}");
    assert!(refunds.iter().all(|refund| refund.order_id == refunds[0].order_id));
    scene.reaches(&refunds[0], &[4]).await;
    let mut why = wanted.clone();
    why.reason = "别的原因".to_owned();
    let conflicts: [Result<Order, Error>; 3] = [
        scene.merchant.refund(&paid.order_id, &NewRefund::new("R-same", 1_001)).await,
        scene.merchant.refund(&other.order_id, &wanted).await,
        scene.merchant.refund(&paid.order_id, &why).await,
    ];
    for conflict in conflicts {
        refused(conflict, "order_conflict");
    }
    // Once more still answers when nothing is left to refund.
    let rest = refund(&scene, &paid, "R-same-rest", 4_000).await;
    scene.reaches(&rest, &[4]).await;
    let again = scene.merchant.refund(&paid.order_id, &wanted).await.unwrap();
    assert_eq!((again.replayed, again.state, &again.order_id), (true, 4, &refunds[0].order_id));
    assert_eq!(scene.purse("rn").await, (4_000, 0));
}

/// What is not paid cannot be refunded.
pub(crate) async fn of_what_was_not_paid(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("ru", 5_000).await;
    let open = scene.create_with("R-open", 3_000, |r| r.user_ref = "ru".to_owned()).await;
    let closed = scene.create_with("R-closed", 3_000, |r| r.user_ref = "ru".to_owned()).await;
    scene.merchant.close_recharge(&closed.order_id).await.unwrap();
    scene.reaches(&closed, &[5]).await;
    scene.receives(&closed, &["recharge.closed"]).await;
    let held =
        scene.merchant.create_trade(&NewTrade::authorise("R-held", "ru", Party::app(), 100)).await.unwrap();
    let void =
        scene.merchant.create_trade(&NewTrade::authorise("R-void", "ru", Party::app(), 100)).await.unwrap();
    scene.merchant.void(&void.order_id).await.unwrap();
    scene.receives(&void, &["trade.closed"]).await;
    nothing_more_happens().await;
    let before = Unchanged::of(&scene, "ru").await;
    for (n, order) in [&open, &closed, &held, &void].into_iter().enumerate() {
        let wanted = NewRefund::new(format!("R-unpaid-{n}"), 100);
        refused(scene.merchant.refund(&order.order_id, &wanted).await, "state_conflict");
    }
    before.still(&scene).await;
    // A withdrawal has no refunds.
    let out =
        scene.merchant.create_withdrawal(&NewWithdrawal::new("R-out", 100).of_user("ru")).await.unwrap();
    let target = format!("/v1/withdrawals/{}/refunds", out.order_id);
    for method in ["POST", "GET"] {
        let answer =
            scene.merchant.request(method, &target).json(&NewRefund::new("R-out-1", 100)).send().await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.error_code().as_deref()), (404, Some("not_found")), "{method}");
    }
}

/// The user has spent the money: refused, unless the app's setting lets it pay.
pub(crate) async fn of_money_that_is_spent(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 5).await;
    let paid = scene.fund("rx", 5_000).await;
    scene.merchant.create_trade(&NewTrade::direct("R-spent", "rx", Party::app(), 4_500)).await.unwrap();
    let wanted = NewRefund::new("R-spent-1", 2_000);
    nothing_more_happens().await;
    let before = Unchanged::of(&scene, "rx").await;
    refused(scene.merchant.refund(&paid.order_id, &wanted).await, "balance_insufficient");
    before.still(&scene).await;

    scene.configure(&["refunds", "--from", "user-then-app"]).await;
    let refund = scene.merchant.refund(&paid.order_id, &wanted).await.unwrap();
    assert_eq!(refund.flags, ["from_settlement"]);
    scene.reaches(&refund, &[4]).await;
    assert_eq!((scene.purse("rx").await, scene.settlement().await), ((500, 0), (2_500, 0)));
    let hold = vec![line("settlement", 2_000), line("settlement held", -2_000)];
    let given = vec![line("settlement held", 2_000), line(CLEARING, -2_000)];
    assert_eq!(scene.journals(&refund).await, [hold, given]);
    // What the user has goes first; and what nobody has is refused still.
    let small = scene.merchant.refund(&paid.order_id, &NewRefund::new("R-spent-2", 400)).await.unwrap();
    assert_eq!(small.flags, [""; 0]);
    scene.reaches(&small, &[4]).await;
    assert_eq!((scene.purse("rx").await, scene.settlement().await), ((100, 0), (2_500, 0)));
    let more = NewRefund::new("R-spent-3", 2_501);
    refused(scene.merchant.refund(&paid.order_id, &more).await, "balance_insufficient");
    scene.configure(&["refunds", "--from", "user"]).await;
    let no_more = NewRefund::new("R-spent-4", 2_000);
    refused(scene.merchant.refund(&paid.order_id, &no_more).await, "balance_insufficient");
}

/// From the payee back to the payer, at once.
pub(crate) async fn of_a_trade(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    scene.fund("rt", 10_000).await;
    let held = NewTrade::authorise("R-trade", "rt", Party::user("rt-2"), 6_000);
    let trade = scene.merchant.create_trade(&held).await.unwrap();
    scene.merchant.capture(&trade.order_id, Some(Money::cny(4_000))).await.unwrap();
    scene.reaches(&trade, &[4]).await;
    // No more than was captured, whatever was authorised.
    let over = NewRefund::new("R-trade-over", 4_001);
    refused(scene.merchant.refund(&trade.order_id, &over).await, "refund_exceeds");
    let first = refund(&scene, &trade, "R-trade-1", 1_500).await;
    assert_eq!((first.state, first.channel_ref.clone()), (3, None), "no channel is waited for");
    assert_eq!((scene.purse("rt").await, scene.purse("rt-2").await), ((7_500, 0), (2_500, 0)));
    assert_eq!(original(&scene, &trade).await, (62, 1_500));
    scene.reaches(&first, &[4]).await;
    scene.receives(&first, &["refund.refunded"]).await;
    assert_eq!(scene.journals(&first).await, [vec![line("rt-2", 1_500), line("rt", -1_500)]]);
    // The payee has spent the rest.
    let spent = NewTrade::direct("R-trade-spent", "rt-2", Party::app(), 2_400);
    scene.merchant.create_trade(&spent).await.unwrap();
    let wanted = NewRefund::new("R-trade-2", 2_500);
    refused(scene.merchant.refund(&trade.order_id, &wanted).await, "balance_insufficient");
    refund(&scene, &trade, "R-trade-3", 100).await;
    assert_eq!(original(&scene, &trade).await, (62, 1_600));
    assert_eq!((scene.purse("rt").await, scene.purse("rt-2").await), ((7_600, 0), (0, 0)));
}

/// The channel wants some time between two refunds of one payment.
pub(crate) async fn spaced(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let paid = scene.fund("spaced", 3_000).await;
    let (first, second, third) = (
        refund(&scene, &paid, "R-space-1", 500).await,
        refund(&scene, &paid, "R-space-2", 500).await,
        refund(&scene, &paid, "R-space-3", 500).await,
    );
    assert!(first.state >= 3, "the first goes at once: {first:?}");
    for waiting in [&second, &third] {
        assert_eq!((waiting.state, waiting.payment_pending), (0, true), "{waiting:?}");
        assert!(scene.control.order(reference(waiting)).await.is_err(), "sent too early");
        assert_eq!(scene.shown(waiting).await["next_step"]["kind"], "submit");
    }
    assert_eq!(original(&scene, &paid).await.0, 61);
    for one in [&first, &second, &third] {
        scene.reaches(one, &[4]).await;
    }
    let mut asked = Vec::new();
    for one in [&first, &second, &third] {
        let books: Value = scene.books(one).await;
        let at = humantime::parse_rfc3339(books["requested_at"].as_str().unwrap()).unwrap();
        asked.push(at);
    }
    for pair in asked.windows(2) {
        let apart = pair[1].duration_since(pair[0]).unwrap();
        assert!(apart.as_millis() >= 1_900, "only {apart:?} apart");
    }
    assert_eq!(original(&scene, &paid).await, (62, 1_500));
}

/// Money that nobody told of is refunded like any other once it is found.
pub(crate) async fn of_a_late_payment(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 0).await;
    let late = scene
        .create_with("R-late", 2_000, |r| {
            r.user_ref = "rl".to_owned();
            r.expires_in = Some("1s".to_owned());
        })
        .await;
    scene.reaches(&late, &[5]).await;
    refused(scene.merchant.refund(&late.order_id, &NewRefund::new("R-late-0", 1)).await, "state_conflict");
    scene.pay(&late, Plan::Now).await;
    scene.reaches(&late, &[4]).await;
    let refund = refund(&scene, &late, "R-late-1", 2_000).await;
    scene.reaches(&refund, &[4]).await;
    assert_eq!((original(&scene, &late).await, scene.purse("rl").await), ((62, 2_000), (0, 0)));
    assert_eq!(scene.now(&late).await.flags, ["late"]);
}
