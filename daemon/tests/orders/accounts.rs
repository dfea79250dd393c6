//! What a user holds, and how it came to it.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::Scene;

async fn read(scene: &Scene, target: &str) -> Value {
    scene.merchant.request("GET", target).send().await.unwrap().into_verified().unwrap()
}

/// An app and a user of their own: nobody else moves their money.
pub(crate) async fn balances_and_statements(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 6).await;
    let args = ["app", "fee", scene.merchant.client_id(), "--ppm", "10000"];
    assert!(scene.stand.sluiced(&args).await.unwrap().status.success());
    let balance = async |user: &str| read(&scene, &format!("/v1/balances?user_ref={user}")).await;
    let none = json!({"minor": 0, "currency": "CNY"});
    assert_eq!(balance("saver").await["available"], none, "nothing yet is nothing");

    // Three credits less 1 %, and one of a wrong amount, which is nobody's yet.
    let mut expected = Vec::new();
    let mut sum = 0;
    for minor in [10_000, 2_500, 300] {
        let order =
            scene.create_with(&format!("A-{minor}"), minor, |r| r.user_ref = "saver".to_owned()).await;
        scene.pay(&order, Plan::Now).await;
        let order = scene.reaches(&order, &[4]).await;
        sum += minor - minor / 100;
        expected.push((order.order_id, minor - minor / 100, sum));
    }
    let wrong = scene.create_with("A-wrong", 7_094, |r| r.user_ref = "saver".to_owned()).await;
    scene.is_flagged(&wrong, "amount_mismatch").await;
    let held = balance("saver").await;
    assert_eq!(
        (&held["available"]["minor"], &held["held"], &held["user_ref"]),
        (&json!(sum), &none, &json!("saver"))
    );
    assert_eq!(balance("another").await["available"], none);
    let app = read(&scene, "/v1/balances").await;
    assert_eq!((&app["user_ref"], &app["available"]), (&Value::Null, &none));

    // Line by line, page by page: each with the balance after it.
    let (mut lines, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read(&scene, &format!("/v1/statements?user_ref=saver&limit=2{cursor}")).await;
        for line in page["items"].as_array().unwrap() {
            let number = |field: &str| line[field]["minor"].as_i64().unwrap();
            assert_eq!(line["kind"], "recharge_credit");
            lines.push((line["order_id"].as_str().unwrap().to_owned(), number("amount"), number("balance")));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(lines, expected);
    let answer =
        scene.merchant.request("GET", "/v1/statements?user_ref=saver&format=csv").send().await.unwrap();
    answer.verify().unwrap();
    let csv = String::from_utf8(answer.body.to_vec()).unwrap();
    let rows: Vec<_> = csv.lines().collect();
    assert_eq!(rows.len(), 4, "{csv}");
    assert!(rows[1].contains("A-10000,99.00,99.00,CNY"), "{csv}");

    // Users of two apps never mix, whatever they are called.
    let other = scene.stand.merchant(7).await.unwrap();
    let answer = other.request("GET", "/v1/balances?user_ref=saver").send().await.unwrap();
    let theirs: Value = answer.into_verified().unwrap();
    assert_eq!(theirs["available"], none);
    for user in ["saver:available", "saver%20x", "x:saver", "%25"] {
        let answer =
            scene.merchant.request("GET", &format!("/v1/balances?user_ref={user}")).send().await.unwrap();
        let mine = answer.status == 422 || answer.json().unwrap()["available"] == none;
        assert!(mine, "{user}: {}", String::from_utf8_lossy(&answer.body));
    }
}
