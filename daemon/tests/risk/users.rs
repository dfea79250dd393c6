//! Users: the time that new ones wait, and what each state lets them begin.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_sim::client::NewRefund;
use sluice_sim::stand::Stand;

use crate::scene::{Scene, said};
use crate::support::{SOON, database::Database, until};

const COOLING: Duration = Duration::from_secs(2);

pub(crate) async fn cooling(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.fund("known", 1_000).await;
    tokio::time::sleep(COOLING).await;
    scene.rules(&["trade.new_user_cooling=2s"]).await;
    assert_eq!(said(&scene.trade("t0", "known", 1).await), "ok");
    // One who was never named is opened by the try, and waits from then on: refused again and again meanwhile.
    let began = Instant::now();
    let tried = until("the wait ends", SOON, async || {
        let answer = said(&scene.trade("t1", "new", 1).await);
        if answer == "new_user_cooling" { Err(answer) } else { Ok(answer) }
    })
    .await;
    // A user without money; the rule let it pass.
    assert_eq!(tried, "balance_insufficient");
    assert!(began.elapsed() >= COOLING - Duration::from_millis(1), "after {:?}", began.elapsed());
    // A receiver is opened too.
    assert_eq!(said(&scene.trade_to("t2", "known", "receiver", 5).await), "ok");
    assert_eq!(said(&scene.trade("t3", "receiver", 5).await), "new_user_cooling");
    let shown = scene.command("user", "show", &["receiver"]).await;
    assert_eq!(shown["state"], "normal");
}

pub(crate) async fn states(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    scene.fund("u1", 10_000).await;
    scene.fund("payer", 10_000).await;
    for (state, [recharge, withdraw, pay, receive]) in [
        ("no_pay", ["ok", "ok", "user_forbidden", "ok"]),
        ("no_withdraw", ["ok", "user_forbidden", "ok", "ok"]),
        ("frozen", ["user_forbidden", "user_forbidden", "user_forbidden", "user_forbidden"]),
        ("normal", ["ok", "ok", "ok", "ok"]),
    ] {
        let set = scene.act("user", "state", &["u1", "--state", state]).await;
        assert_eq!(set["state"], state);
        assert_eq!(said(&scene.recharge(&format!("r-{state}"), "u1", 100).await), recharge, "{state}");
        assert_eq!(said(&scene.withdraw(&format!("w-{state}"), "u1", 100).await), withdraw, "{state}");
        assert_eq!(said(&scene.trade(&format!("p-{state}"), "u1", 100).await), pay, "{state}");
        let received = scene.trade_to(&format!("q-{state}"), "payer", "u1", 100).await;
        assert_eq!(said(&received), receive, "{state}");
    }
    // One who was never named is opened by the command; the other app's user of the same name is another.
    scene.act("user", "state", &["stranger", "--state", "frozen"]).await;
    assert_eq!(said(&scene.recharge("s1", "stranger", 100).await), "user_forbidden");
    assert_eq!(said(&other.recharge("s1", "stranger", 100).await), "ok");
    let restricted = scene.command("user", "list", &["--restricted"]).await;
    let names: Vec<_> = restricted.as_array().unwrap().iter().map(|u| u["user_ref"].clone()).collect();
    assert_eq!(names, ["stranger"]);
    let all = scene.command("user", "list", &[]).await;
    assert_eq!(all.as_array().unwrap().len(), 3, "{all}");
}

/// What was begun before ends, also what the user is owed; and the money goes nowhere new.
pub(crate) async fn refund_of_a_frozen_user(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    let paid = scene.fund("u1", 3_000).await;
    let open = scene.recharge("open", "u1", 700).await.unwrap();
    scene.act("user", "state", &["u1", "--state", "frozen"]).await;
    let refund = scene.merchant.refund(&paid.order_id, &NewRefund::new("f1", 1_000)).await.unwrap();
    scene.reaches(&refund, 4).await;
    // Money under way settles.
    scene.control.pay(&open, sluice_sim::provider::Plan::Now).await.unwrap();
    scene.reaches(&open, 4).await;
    let balance = scene.merchant.balance(Some("u1")).await.unwrap();
    assert_eq!(balance.total_minor(), 2_700);
    assert_eq!(said(&scene.trade("t1", "u1", 1).await), "user_forbidden");
    // Told to operators, once a second, with a count.
    let db = Database::open(&scene.stand).await;
    until("the refusal is told", SOON, async || {
        let told = db.texts("SELECT summary FROM event WHERE kind = 'gate.refused'").await;
        let mine = format!("user_forbidden to {} (trade)", scene.app());
        if told.iter().any(|summary| summary.ends_with(&mine)) { Ok(()) } else { Err(format!("{told:?}")) }
    })
    .await;
}
