//! A merchant's endpoint that fails: its callback gets stuck, and is sent again once the endpoint is repaired.

use sluice_sim::provider::Plan;

use crate::desk::Desk;

pub(crate) async fn is_stuck_and_replayed(desk: &mut Desk) {
    let client_id = desk.merchant.client_id().to_owned();
    desk.control.answer(&client_id, "http_500".into()).await.unwrap();
    let order = desk.recharge("STUCK-1").await;
    desk.control.pay(&order, Plan::Now).await.unwrap();

    let terminal = &mut desk.terminal;
    terminal.press(&["4"]).await;
    terminal.until("STUCK-1").await;
    terminal.press(&["Enter"]).await;
    terminal.until("▲ stuck").await;

    // Cancel has the focus: an Enter too many does nothing.
    terminal.press(&["c", "Enter"]).await;
    terminal.until("Replay: cancelled, nothing was changed").await;

    desk.control.answer(&client_id, "success".into()).await.unwrap();
    let terminal = &mut desk.terminal;
    terminal.press(&["c", "Tab"]).await;
    terminal.type_text("endpoint repaired").await;
    terminal.press(&["Tab"]).await;
    terminal.type_text(&order.order_id[order.order_id.len() - 4..]).await;
    let screen = terminal.until("endpoint repaired").await;
    for part in ["100.25 CNY", "STUCK-1", &order.order_id] {
        assert!(screen.contains(part), "the dialog does not show {part}:\n{screen}");
    }
    terminal.press(&["Tab", "Enter"]).await;
    terminal.until("sandbox callback.replay").await;
    terminal.until("✓ delivered").await;
    terminal.press(&["Escape"]).await;
    terminal.until("no callback is stuck").await;
    let received = desk.control.received(&order.order_id).await.unwrap();
    let answers: Vec<_> = received.iter().filter_map(|one| one["answered"].as_str()).collect();
    assert_eq!(answers, ["http_500", "success"]);
    assert!(received.iter().all(|one| one["verified"] == true), "{received:?}");
}
