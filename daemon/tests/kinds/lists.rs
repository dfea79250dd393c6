//! Lists of each kind: filters, states, cursors.

use std::sync::Arc;

use sluice_sim::client::{NewRefund, NewTrade, NewWithdrawal, Orders, Party};
use sluice_sim::stand::Stand;

use super::{Scene, refused};

/// An app of its own: nobody else's orders stand in its lists.
pub(crate) async fn lists(stand: Arc<Stand>) {
    let scene = Scene::of_app(stand, 7).await;
    let merchant = &scene.merchant;
    let funded = scene.fund("even", 20_000).await;
    scene.fund("odd", 20_000).await;
    let mut newest_first: [Vec<String>; 3] = Default::default();
    let mut middle = String::new();
    for n in 0..6_i64 {
        let user = if n % 2 == 0 { "even" } else { "odd" };
        let out = NewWithdrawal::new(format!("L-{n}"), 100 + n).of_user(user);
        let make = if n < 4 { NewTrade::direct } else { NewTrade::authorise };
        let trade = make(format!("L-{n}"), user, Party::app(), 200 + n);
        let back = NewRefund::new(format!("L-{n}"), if n == 5 { 199 } else { 300 + n });
        let out = merchant.create_withdrawal(&out).await.unwrap();
        let trade = merchant.create_trade(&trade).await.unwrap();
        let back = merchant.refund(&funded.order_id, &back).await.unwrap();
        if n == 3 {
            middle = out.more["created_at"].as_str().unwrap().to_owned();
        }
        for (list, order) in newest_first.iter_mut().zip([&out, &trade, &back]) {
            list.insert(0, order.merchant_order_no.clone());
        }
        for (order, ends) in [(&out, &[4][..]), (&trade, &[0, 4][..]), (&back, &[4, 5][..])] {
            scene.reaches(order, ends).await;
        }
    }
    let refunds = format!("/v1/recharges/{}/refunds", funded.order_id);
    let list = async |place: &str, query: &str| -> Vec<String> {
        let target = if query.is_empty() { place.to_owned() } else { format!("{place}?{query}") };
        let page: Orders = merchant.request("GET", &target).send().await.unwrap().into_verified().unwrap();
        page.items.into_iter().map(|order| order.merchant_order_no).collect()
    };
    for (place, all) in ["/v1/withdrawals", "/v1/trades", &refunds].into_iter().zip(&newest_first) {
        assert_eq!(&list(place, "").await, all, "{place}");
        assert_eq!(list(place, "merchant_order_no=L-3").await, ["L-3"], "{place}");
        assert_eq!(list(place, "merchant_order_no=L-9").await, [""; 0], "{place}");
        pages(&scene, place, all).await;
        for query in [
            "state=7",
            "state=60",
            "state=64",
            "state=-1",
            "state=x",
            "limit=0",
            "limit=201",
            "cursor=x",
            "x=1",
        ] {
            let answer = merchant.request("GET", &format!("{place}?{query}")).send().await.unwrap();
            assert_eq!(
                (answer.status, answer.error_code().as_deref()),
                (422, Some("field_invalid")),
                "{place} {query}"
            );
        }
    }
    assert_eq!(list("/v1/withdrawals", "user_ref=odd").await, ["L-5", "L-3", "L-1"]);
    assert_eq!(list("/v1/withdrawals", "user_ref=odd&state=4&limit=2").await, ["L-5", "L-3"]);
    assert_eq!(list("/v1/withdrawals", &format!("from={middle}")).await, ["L-5", "L-4", "L-3"]);
    assert_eq!(list("/v1/withdrawals", &format!("to={middle}")).await, ["L-2", "L-1", "L-0"]);
    assert_eq!(list("/v1/trades", "state=0").await, ["L-5", "L-4"]);
    assert_eq!(list("/v1/trades", "state=4&user_ref=even").await, ["L-2", "L-0"]);
    assert_eq!(list(&refunds, "state=5").await, ["L-5"]);
    assert_eq!(list(&refunds, "state=4").await, ["L-4", "L-3", "L-2", "L-1", "L-0"]);
    // The states that refunds lend, and those that a kind does not have.
    assert_eq!(list("/v1/recharges", "state=62").await, [funded.merchant_order_no.as_str()]);
    assert_eq!(list("/v1/recharges", "state=61").await, [""; 0]);
    for (place, state) in
        [("/v1/withdrawals", 61), ("/v1/withdrawals", 62), ("/v1/trades", 1), ("/v1/trades", 2)]
    {
        let answer = merchant.request("GET", &format!("{place}?state={state}")).send().await.unwrap();
        assert_eq!(answer.error_code().as_deref(), Some("field_invalid"), "{place} {state}");
    }
    refused(merchant.refunds(&funded.order_id, "state=62").await, "field_invalid");
    // Another order's refunds are not among them.
    let other = merchant.recharges("user_ref=odd").await.unwrap().items.remove(0);
    assert_eq!(merchant.refunds(&other.order_id, "").await.unwrap().items.len(), 0);
}

/// Page by page: each once, in order.
async fn pages(scene: &Scene, place: &str, all: &[String]) {
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let target = format!("{place}?limit=4{cursor}");
        let page: Orders =
            scene.merchant.request("GET", &target).send().await.unwrap().into_verified().unwrap();
        assert!(page.items.len() <= 4);
        seen.extend(page.items.into_iter().map(|order| order.merchant_order_no));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all, "{place}");
}
