//! Payouts go to listed payees only, and to new ones only after a wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_sim::client::{NewWithdrawal, Payee};
use sluice_sim::stand::Stand;

use crate::scene::{Scene, said};
use crate::support::{SOON, database::Database, until};

const WAIT: Duration = Duration::from_secs(2);

fn to(number: &str, account: &str) -> NewWithdrawal {
    let payee = Payee::Alipay { account: account.to_owned(), name: "李四".to_owned() };
    NewWithdrawal { payee, ..NewWithdrawal::new(number, 100) }
}

pub(crate) async fn listed_and_waited(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    scene.fund("u1", 10_000).await;
    other.fund("u1", 10_000).await;
    let account = "listed-payee@example.com";
    scene.rules(&["withdraw.payee_allow_list.wait=2s"]).await;
    assert_eq!(said(&scene.merchant.create_withdrawal(&to("w1", account)).await), "payee_allow_list");

    let began = Instant::now();
    let added = scene.act("payee", "add", &["--kind", "alipay", "--account", account]).await;
    assert_eq!(added["payee"], "alipay lis***com");
    let refused = until("the wait ends", SOON, async || {
        match said(&scene.merchant.create_withdrawal(&to("w1", account)).await).as_str() {
            "ok" => Ok(began.elapsed()),
            still => Err(still.to_owned()),
        }
    })
    .await;
    assert!(refused >= WAIT - Duration::from_millis(1), "paid after {refused:?}");

    // Another account, kind or app is not meant.
    assert_eq!(
        said(&scene.merchant.create_withdrawal(&to("w2", "other@example.com")).await),
        "payee_allow_list"
    );
    other.rules(&["withdraw.payee_allow_list.wait=0s"]).await;
    assert_eq!(said(&other.merchant.create_withdrawal(&to("w1", account)).await), "payee_allow_list");
    other.act("payee", "add", &["--kind", "bank", "--account", account]).await;
    assert_eq!(said(&other.merchant.create_withdrawal(&to("w1", account)).await), "payee_allow_list");
    other.act("payee", "add", &["--kind", "alipay", "--account", account]).await;
    assert_eq!(
        said(&other.merchant.create_withdrawal(&to("w1", account)).await),
        "ok",
        "no wait, if it is zero"
    );

    let listed = scene.command("payee", "list", &[]).await;
    let key = listed[0]["key"].as_str().unwrap().to_owned();
    scene.act("payee", "remove", &[&key[..12]]).await;
    assert_eq!(said(&scene.merchant.create_withdrawal(&to("w3", account)).await), "payee_allow_list");
    assert!(scene.merchant.create_withdrawal(&to("w1", account)).await.unwrap().replayed);

    // The list and the audit log hold no account in the clear.
    let db = Database::open(&scene.stand).await;
    for sql in [
        "SELECT payee_key || masked FROM risk_payee",
        "SELECT target || before || after FROM audit",
        "SELECT summary || detail FROM event WHERE kind LIKE 'payee.%'",
    ] {
        let texts = db.texts(sql).await;
        assert!(!texts.is_empty() && texts.iter().all(|text| !text.contains("listed-payee")), "{texts:?}");
    }
}
