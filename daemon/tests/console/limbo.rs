//! A payment whose notification never comes, at a channel that does not answer: found in Limbo, asked for, settled.

use serde_json::json;
use sluice_sim::provider::Plan;

use crate::desk::Desk;
use crate::support::SOON;

pub(crate) async fn is_found_and_requeried(desk: &mut Desk) {
    desk.control.faults(json!([{ "channel": "alipay", "op": "query", "fault": "timeout" }])).await.unwrap();
    let order = desk.recharge("LIMBO-1").await;
    desk.control.pay(&order, Plan::Never).await.unwrap();

    let terminal = &mut desk.terminal;
    terminal.press(&["3"]).await;
    let screen = terminal.until("LIMBO-1").await;
    assert!(screen.contains("100.25 CNY at risk"), "{screen}");
    terminal.press(&["Enter"]).await;
    terminal.until("u the channel gives no usable answer").await;

    // The query that was not answered, with what was sent.
    terminal.press(&["G"]).await;
    terminal.choose("k", "◆").await;
    terminal.press(&["Enter"]).await;
    terminal.until("alipay query · no answer").await;
    terminal.until(order.channel_ref.as_deref().unwrap()).await;
    terminal.press(&["Escape"]).await;

    desk.control.faults(json!([])).await.unwrap();
    let terminal = &mut desk.terminal;
    terminal.press(&["r"]).await;
    let screen = terminal.until("4 completed").await;
    assert!(screen.contains("c1 paid, the channel's notification missing"), "{screen}");
    terminal.press(&["Escape"]).await;
    terminal.until("no order is in limbo").await;
    desk.stand.wait_for_state(&desk.merchant, &order.order_id, &[4], SOON).await.unwrap();
    let audit = desk.stand.sluice_json(&["audit", "list"]).await.unwrap();
    assert_eq!((&audit[0]["action"], &audit[0]["target"]), (&json!("order.requery"), &json!(order.order_id)));
}
