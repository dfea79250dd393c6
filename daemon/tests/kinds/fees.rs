//! Our fees on each kind: who bears them, whether they go back, and from when on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_sim::client::{Money, NewRefund, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::stand::Stand;

use super::{CLEARING, Scene, line, refused};

const EARNED: &str = "fee:service";

async fn withdraw(scene: &Scene, user: &str, number: &str, minor: i64) -> Order {
    scene.merchant.create_withdrawal(&NewWithdrawal::new(number, minor).of_user(user)).await.unwrap()
}

/// On top of a withdrawal and a trade: the payee gets exactly the amount.
pub(crate) async fn borne_by_users(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 2).await;
    scene.fund("fu", 10_000).await;
    scene.configure(&["fee", "--type", "withdraw", "--ppm", "5000", "--min", "20", "--max", "100"]).await;
    scene.configure(&["fee", "--type", "trade", "--ppm", "10000", "--fixed", "5"]).await;

    let out = withdraw(&scene, "fu", "F-out", 2_000).await;
    assert_eq!((out.fee_minor(), out.more.get("fee_borne_by")), (20, None), "the minimum");
    scene.reaches(&out, &[4]).await;
    assert_eq!(scene.purse("fu").await, (7_980, 0));
    let hold = vec![line("fu", 2_020), line("fu held", -2_020)];
    let paid = vec![line("fu held", 2_020), line(EARNED, -20), line(CLEARING, -2_000)];
    assert_eq!(scene.journals(&out).await, [hold, paid]);
    assert_eq!(scene.books(&out).await["paid_out_minor"], 2_000);
    // What is there suffices for the amount alone.
    let short = NewWithdrawal::new("F-short", 7_970).of_user("fu");
    refused(scene.merchant.create_withdrawal(&short).await, "balance_insufficient");
    let small = NewWithdrawal::new("F-small", 20).of_user("fu");
    refused(scene.merchant.create_withdrawal(&small).await, "amount_below_fee");
    // Refused by the channel: the fee is free again with the rest.
    let rejected = withdraw(&scene, "fu", "F-rejected", 1_099).await;
    scene.reaches(&rejected, &[5]).await;
    assert_eq!(scene.purse("fu").await, (7_980, 0));

    let trade = NewTrade::direct("F-trade", "fu", Party::user("fu-2"), 1_050);
    let trade = scene.merchant.create_trade(&trade).await.unwrap();
    // 1 % of 10.50 is 10.5 fen: half up.
    assert_eq!(trade.fee_minor(), 16);
    assert_eq!(
        scene.journals(&trade).await,
        [vec![line("fu", 1_066), line("fu-2", -1_050), line(EARNED, -16)]]
    );
    assert_eq!((scene.purse("fu").await, scene.purse("fu-2").await), ((6_914, 0), (1_050, 0)));

    // A hold has the fee in it; a capture in part takes the part's fee.
    let held = NewTrade::authorise("F-held", "fu", Party::app(), 3_000);
    let held = scene.merchant.create_trade(&held).await.unwrap();
    assert_eq!((held.fee_minor(), scene.purse("fu").await), (35, (3_879, 3_035)));
    let captured = scene.merchant.capture(&held.order_id, Some(Money::cny(1_000))).await.unwrap();
    assert_eq!((captured.fee_minor(), scene.purse("fu").await), (15, (5_899, 0)));
    let capture =
        vec![line("fu held", 3_035), line("settlement", -1_000), line(EARNED, -15), line("fu", -2_020)];
    assert_eq!(scene.journals(&held).await[1], capture);
    // A fee that is not returned stays ours at a refund.
    let back = scene.merchant.refund(&trade.order_id, &NewRefund::new("F-back", 1_050)).await.unwrap();
    assert_eq!(back.more["fee_returned"], json!({"minor": 0, "currency": "CNY"}));
    assert_eq!((scene.purse("fu").await, scene.purse("fu-2").await), ((6_949, 0), (0, 0)));
}

/// Booked as owed by the app: nothing can fail for want of its money.
pub(crate) async fn borne_by_the_app(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 3).await;
    for kind in ["recharge", "withdraw", "trade"] {
        let fee = ["fee", "--type", kind, "--ppm", "10000", "--borne-by", "app", "--returned"];
        scene.configure(&fee).await;
    }
    let recharge = scene.fund("fa", 10_000).await;
    assert_eq!((recharge.fee_minor(), &recharge.more["fee_borne_by"]), (100, &json!("app")));
    assert_eq!(scene.purse("fa").await, (10_000, 0), "the user has all of it");
    let credit = vec![line(CLEARING, 10_000), line("fa", -10_000), line(EARNED, -100), line("fees due", 100)];
    assert_eq!(scene.journals(&recharge).await, [credit]);

    let out = withdraw(&scene, "fa", "G-out", 2_000).await;
    scene.reaches(&out, &[4]).await;
    let paid = vec![line("fa held", 2_000), line(EARNED, -20), line("fees due", 20), line(CLEARING, -2_000)];
    assert_eq!(scene.journals(&out).await[1], paid);
    let trade = NewTrade::direct("G-trade", "fa", Party::app(), 8_000);
    let trade = scene.merchant.create_trade(&trade).await.unwrap();
    assert_eq!((scene.purse("fa").await, scene.settlement().await), ((0, 0), (8_000, 0)));

    // Returned to whom it was taken from: the app owes less, the payer gets the amount.
    let back = scene.merchant.refund(&trade.order_id, &NewRefund::new("G-back", 2_000)).await.unwrap();
    assert_eq!(back.more["fee_returned"]["minor"], 20);
    assert_eq!((scene.purse("fa").await, scene.settlement().await), ((2_000, 0), (6_000, 0)));
    let lines = vec![line("settlement", 2_000), line("fa", -2_000), line(EARNED, 20), line("fees due", -20)];
    assert_eq!(scene.journals(&back).await, [lines]);
    let given = scene.merchant.refund(&recharge.order_id, &NewRefund::new("G-given", 1_000)).await.unwrap();
    scene.reaches(&given, &[4]).await;
    let lines = vec![line("fa held", 1_000), line(EARNED, 10), line("fees due", -10), line(CLEARING, -1_000)];
    assert_eq!(scene.journals(&given).await[1], lines);
    assert_eq!(scene.purse("fa").await, (1_000, 0));
}

/// The parts of a returned fee add up to the fee, however the refunds cut the amount.
pub(crate) async fn returned(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 4).await;
    scene.configure(&["fee", "--type", "recharge", "--ppm", "6000", "--returned"]).await;
    scene.configure(&["fee", "--type", "trade", "--ppm", "7000", "--returned"]).await;
    scene.configure(&["fee", "--type", "withdraw", "--fixed", "50", "--returned"]).await;
    let paid = scene.fund("fr", 8_888).await;
    assert_eq!((paid.fee_minor(), scene.purse("fr").await), (53, (8_835, 0)));

    let mut parts = 0;
    for (n, minor) in [1_111, 3_333, 1, 4_443].into_iter().enumerate() {
        let wanted = NewRefund::new(format!("H-{n}"), minor);
        let refund = scene.merchant.refund(&paid.order_id, &wanted).await.unwrap();
        scene.reaches(&refund, &[4]).await;
        parts += refund.more["fee_returned"]["minor"].as_i64().unwrap();
    }
    assert_eq!((parts, scene.purse("fr").await), (53, (0, 0)));

    // Alone of 100.00: 60 fen of fee, so that 99.40 are there. A withdrawal takes its fee on top; returned, all is back.
    scene.fund("fr", 10_000).await;
    let out = withdraw(&scene, "fr", "H-out", 2_092).await;
    scene.reaches(&out, &[3, 4]).await;
    assert_eq!(scene.purse("fr").await, (9_940 - 2_142, 0));
    let back = scene.reaches(&out, &[6]).await;
    assert_eq!((&back.more["fee_returned"]["minor"], scene.purse("fr").await), (&json!(50), (9_940, 0)));
    let lines = vec![line(CLEARING, 2_092), line("fr", -2_142), line(EARNED, 50)];
    assert_eq!(scene.journals(&out).await[2], lines);

    let trade = NewTrade::direct("H-trade", "fr", Party::user("fr-2"), 3_000);
    let trade = scene.merchant.create_trade(&trade).await.unwrap();
    assert_eq!((trade.fee_minor(), scene.purse("fr").await), (21, (6_919, 0)));
    for (n, minor) in [1_000, 1_000, 1_000].into_iter().enumerate() {
        let wanted = NewRefund::new(format!("H-trade-{n}"), minor);
        let refund = scene.merchant.refund(&trade.order_id, &wanted).await.unwrap();
        assert_eq!(refund.more["fee_returned"]["minor"], 7, "{n}");
    }
    assert_eq!((scene.purse("fr").await, scene.purse("fr-2").await), ((9_940, 0), (0, 0)));
}

/// What is agreed for later leaves today's as it is; an order has the fee of its creation.
pub(crate) async fn from_later_on(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 5).await;
    let funded = scene.fund("fl", 50_000).await;
    scene.configure(&["fee", "--type", "trade", "--fixed", "10"]).await;
    let now = humantime::parse_rfc3339(funded.more["created_at"].as_str().unwrap()).unwrap();
    let later = now + Duration::from_secs(6);
    let from = humantime::format_rfc3339_millis(later).to_string();
    scene.configure(&["fee", "--type", "trade", "--fixed", "30", "--from", &from]).await;
    let past = humantime::format_rfc3339_millis(now - Duration::from_secs(60)).to_string();
    let args = ["app", "fee", scene.merchant.client_id(), "--type", "trade", "--from", &past];
    assert!(!scene.stand.sluiced(&args).await.unwrap().status.success(), "not into the past");

    let held = NewTrade::authorise("L-held", "fl", Party::app(), 1_000);
    let held = scene.merchant.create_trade(&held).await.unwrap();
    assert_eq!(held.fee_minor(), 10);
    let mut seen = Vec::new();
    for n in 0..80 {
        let trade = NewTrade::direct(format!("L-{n}"), "fl", Party::app(), 100);
        let trade = scene.merchant.create_trade(&trade).await.unwrap();
        let created = humantime::parse_rfc3339(trade.more["created_at"].as_str().unwrap()).unwrap();
        let fee = if created < later { 10 } else { 30 };
        assert_eq!(trade.fee_minor(), fee, "{trade:?}, and the new fee counts from {from} on");
        if seen.last() != Some(&fee) {
            seen.push(fee);
        }
        if fee == 30 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(seen, [10, 30]);
    let captured = scene.merchant.capture(&held.order_id, Some(Money::cny(500))).await.unwrap();
    assert_eq!(captured.fee_minor(), 10, "the fee of its creation");
}
