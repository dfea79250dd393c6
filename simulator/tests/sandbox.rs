//! The sandbox as a whole, with the real daemon and console. Needs the workspace's programs beside `sluice-sim`:
//! `cargo build --workspace --bins`.
#![allow(clippy::unwrap_used)] // a test may fail

use serde_json::json;
use sluice_sim::client::{Error, NewRecharge, OrderType};
use sluice_sim::provider::Plan;
use sluice_sim::sandbox::SandboxFile;
use sluice_sim::stand::Stand;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(15);

fn programs() -> &'static Path {
    let programs = Path::new(env!("CARGO_BIN_EXE_sluice-sim")).parent().unwrap();
    for name in ["sluiced", "sluice"] {
        assert!(programs.join(name).is_file(), "no {name}: run `cargo build --workspace --bins` first");
    }
    programs
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}/exe")).exists()
}

#[tokio::test]
async fn from_merchant_to_merchant() {
    let stand = Stand::start(programs(), &[]).await.unwrap();
    let (merchant, control) = (stand.merchant(0).await.unwrap(), stand.control());

    // By code, and by page: paid, credited, called back, acknowledged.
    for method in ["qr", "page"] {
        let mut recharge = NewRecharge::new(format!("N-{method}"), 8_888);
        recharge.method = method.to_owned();
        let order = merchant.create_recharge(&recharge).await.unwrap();
        control.pay(&order, Plan::Now).await.unwrap();
        stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
        let received = control.received(&order.order_id).await.unwrap();
        assert_eq!(received.len(), 1, "{method}");
        assert_eq!(received[0]["verified"], true, "{method}");
        let again = merchant.create_recharge(&recharge).await.unwrap();
        assert!(again.replayed && again.order_id == order.order_id, "{method}");
    }

    // Nobody was told, and nobody can ask: limbo, until somebody can.
    let order = merchant.create_recharge(&NewRecharge::new("N-limbo", 500)).await.unwrap();
    control.faults(json!([{ "channel": "alipay", "op": "query", "fault": "timeout" }])).await.unwrap();
    control.pay(&order, Plan::Never).await.unwrap();
    let until = Instant::now() + SOON;
    loop {
        let limbo = stand.sluice_json(&["orders", "list", "--limbo"]).await.unwrap();
        if limbo.as_array().unwrap().iter().any(|one| one["order_id"] == order.order_id.as_str()) {
            break;
        }
        assert!(Instant::now() < until, "{limbo}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    control.faults(json!([])).await.unwrap();
    stand.sluice_json(&["order", "requery", &order.order_id]).await.unwrap();
    stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();

    // The merchant changes its own password; a bad one is refused, signed with the one that stays.
    let short = merchant.rotate_password(OrderType::Recharge, "short").await.unwrap_err();
    assert!(matches!(short, Error::Refused { status: 422, .. }), "{short}");
    merchant
        .rotate_password(OrderType::Recharge, "correct-horse-battery-staple-twice-over-42")
        .await
        .unwrap();
    merchant.create_recharge(&NewRecharge::new("N-new", 100)).await.unwrap();
    let old = stand.file().apps[0].passwords.recharge.clone();
    let refused = merchant.request("GET", "/v1/recharges").password(old).send().await.unwrap();
    assert_eq!((refused.status, refused.error_code().as_deref()), (401, Some("signature_invalid")));

    let check = stand.sluiced(&["ledger", "check"]).await.unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[tokio::test]
async fn a_daemon_that_dies_is_started_again() {
    let mut stand = Stand::start(programs(), &["--set", "recharge.min_expires_in=1s"]).await.unwrap();
    let merchant = stand.merchant(0).await.unwrap();
    let before = stand.file().daemons[0].pid;
    Command::new("kill").args(["-9", &before.to_string()]).status().unwrap();
    let until = Instant::now() + SOON;
    while stand.reload().unwrap().daemons[0].pid == before {
        assert!(Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut recharge = NewRecharge::new("N-1", 100);
    recharge.expires_in = Some("1s".to_owned());
    let order = loop {
        match merchant.create_recharge(&recharge).await {
            Ok(order) => break order,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    stand.wait_for_state(&merchant, &order.order_id, &[5], SOON).await.unwrap();

    let after = stand.file().daemons[0].pid;
    assert!(is_running(after));
    drop(stand);
    assert!(!is_running(after), "stopping the sandbox stops the daemon");
}

#[tokio::test]
async fn a_folder_is_used_on() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let path = dir.path().join("sandbox.json");
    let run = async || {
        let mut child = tokio::process::Command::new(programs().join("sluice-sim"))
            .args(["sandbox", "--dir"])
            .arg(dir.path())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        let file = loop {
            if let Ok(file) = SandboxFile::read(&path) {
                break file;
            }
            assert!(Instant::now() < until);
            assert_eq!(child.try_wait().unwrap(), None, "the sandbox ended");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let merchant = file.merchant(0).unwrap();
        merchant.login().await.unwrap();
        let order = merchant.create_recharge(&NewRecharge::new("N-kept", 100)).await.unwrap();
        file.control().order(order.channel_ref.as_deref().unwrap()).await.unwrap();
        Command::new("kill").arg(child.id().unwrap().to_string()).status().unwrap();
        assert!(child.wait().await.unwrap().success());
        assert!(!path.exists(), "no sandbox.json without a sandbox");
        (file, order)
    };
    let (first, created) = run().await;
    let (second, again) = run().await;
    assert_eq!((&first.api, &first.sim, &first.merchant), (&second.api, &second.sim, &second.merchant));
    assert_eq!((created.order_id, again.replayed), (again.order_id, true));
    assert_eq!(std::fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine");
}
