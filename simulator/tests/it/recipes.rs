//! Amounts ending in 90 to 99 do what the table says, and the document has the same table.

use crate::common::World;
use serde_json::{Value, json};
use sluice_sim::provider::recipe::{PayoutRecipe, Recipe, RefundRecipe};
use std::time::{Duration, Instant};

async fn wait_for(world: &World, number: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + Duration::from_secs(8);
    loop {
        let (_, order) = world.control("GET", &format!("/control/orders/{number}"), Value::Null).await;
        if holds(&order) {
            return order;
        }
        assert!(Instant::now() < until, "{number} is never {what}: {order}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn is(state: &'static str) -> impl Fn(&Value) -> bool {
    move |order| order["state"] == state
}

#[tokio::test]
async fn notified_twice() {
    let world = World::start().await;
    world.precreate("A1", "1.90").await;
    world.notified("A1", 2).await;
}

#[tokio::test]
async fn notified_before_answer() {
    let world = World::start().await;
    world.precreate("A1", "1.91").await;
    assert_eq!(world.receiver.bodies().len(), 1, "told before the creation was answered");
}

#[tokio::test]
async fn success_after_close() {
    let world = World::start().await;
    world.precreate("A1", "1.92").await;
    wait_for(&world, "A1", "waiting", is("waiting")).await;
    assert_eq!(world.close("A1").await["code"], "10000");
    let told = world.notified("A1", 1).await;
    assert_eq!(told[0]["trade_status"], "TRADE_SUCCESS");
    assert_eq!(world.query("A1").await["trade_status"], "TRADE_SUCCESS");
    tokio::time::sleep(Duration::from_millis(700)).await;
    let order = wait_for(&world, "A1", "paid", is("paid")).await;
    assert_eq!(order["payments"].as_array().unwrap().len(), 1, "once");
}

#[tokio::test]
async fn waits_for_ever() {
    let world = World::start().await;
    let soon = sluice_sim::clock::beijing(sluice_sim::clock::now_ms() + 1_000);
    let content =
        json!({ "out_trade_no": "A1", "total_amount": "1.93", "subject": "s", "time_expire": soon });
    world.call("alipay.trade.precreate", content).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(world.query("A1").await["trade_status"], "WAIT_BUYER_PAY", "even after its time");
    assert_eq!(world.close("A1").await["code"], "10000");
    assert_eq!(world.query("A1").await["trade_status"], "TRADE_CLOSED");
}

#[tokio::test]
async fn amount_mismatch() {
    let world = World::start().await;
    world.precreate("A1", "1.94").await;
    let told = world.notified("A1", 1).await;
    assert_eq!(told[0]["total_amount"], "1.93");
    assert_eq!(world.query("A1").await["total_amount"], "1.93");
}

#[tokio::test]
async fn never_notified() {
    let world = World::start().await;
    world.precreate("A1", "1.95").await;
    wait_for(&world, "A1", "paid", is("paid")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.receiver.bodies().len(), 0);
}

#[tokio::test]
async fn notified_late() {
    let world = World::start().await;
    world.precreate("A1", "1.96").await;
    wait_for(&world, "A1", "paid", is("paid")).await;
    let paid = Instant::now();
    world.notified("A1", 1).await;
    assert!(paid.elapsed() > Duration::from_millis(2_500), "{:?}", paid.elapsed());
}

#[tokio::test]
async fn paid_twice() {
    let world = World::start().await;
    world.precreate("A1", "1.97").await;
    let told = world.notified("A1", 2).await;
    assert_ne!(told[0]["trade_no"], told[1]["trade_no"]);
    let order = wait_for(&world, "A1", "paid", is("paid")).await;
    assert_eq!(order["paid_minor"], 394);
}

#[tokio::test]
async fn closed_by_channel() {
    let world = World::start().await;
    world.precreate("A1", "1.98").await;
    let order = wait_for(&world, "A1", "closed", is("closed")).await;
    assert_eq!(order["closed_by"], "provider");
    assert_eq!(world.query("A1").await["trade_status"], "TRADE_CLOSED");
    assert_eq!(world.receiver.bodies().len(), 0);
}

#[tokio::test]
async fn refused_at_creation() {
    let world = World::start().await;
    let answer = world.precreate("A1", "1.99").await;
    assert_eq!((&answer["code"], &answer["sub_code"]), (&json!("40004"), &json!("ACQ.TOTAL_FEE_EXCEED")));
}

#[tokio::test]
async fn a_page_has_the_recipe_of_its_amount() {
    let world = World::start().await;
    let content = json!({ "out_trade_no": "A1", "total_amount": "1.90", "subject": "s",
        "product_code": "FAST_INSTANT_TRADE_PAY" });
    let params = world.sign(world.params("alipay.trade.page.pay", &content));
    assert_eq!(world.send(&params).await.unwrap().status(), 200);
    world.notified("A1", 2).await;
}

#[test]
fn the_document_has_the_same_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sandbox.md");
    let text = std::fs::read_to_string(path).unwrap();
    let payments = Recipe::TABLE.map(|(digits, _, name, what)| (digits, name, what)).to_vec();
    let refunds = RefundRecipe::TABLE.map(|(digits, _, name, what)| (digits, name, what)).to_vec();
    let payouts = PayoutRecipe::TABLE.map(|(digits, _, name, what)| (digits, name, what)).to_vec();
    for (heading, table) in [
        ("| digits of a payment |", payments),
        ("| digits of a refund |", refunds),
        ("| digits of a payout |", payouts),
    ] {
        let (_, after) =
            text.split_once(heading).unwrap_or_else(|| panic!("docs/sandbox.md lacks {heading}"));
        let rows: Vec<_> = after.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
        let row = |(digits, name, what)| format!("| `{digits}` | `{name}` | {what} |");
        assert_eq!(rows, table.into_iter().map(row).collect::<Vec<_>>(), "{heading}");
    }
}
