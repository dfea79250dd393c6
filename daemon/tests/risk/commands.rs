//! Operators' commands: what they answer, what is audited, and what they refuse.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_sim::stand::Stand;

use crate::scene::{Scene, said};

/// The newest audit row of an action on this app.
async fn audited_as(scene: &Scene, action: &str) -> Value {
    let rows = scene.stand.sluice_json(&["audit", "list", "--limit", "500"]).await.unwrap();
    let mine =
        |row: &&Value| row["action"] == action && row["target"].as_str().unwrap().starts_with(scene.app());
    rows.as_array().unwrap().iter().find(mine).unwrap_or_else(|| panic!("no {action}: {rows}")).clone()
}

pub(crate) async fn audited(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    let none = scene.command("risk", "show", &[]).await;
    assert_eq!((&none["version"], &none["rules"]), (&json!(0), &json!({})));

    let rules = json!({"withdraw": {"max": {"CNY": 500}, "payee_allow_list": {"wait": "2h"}}});
    let set = scene.rules(&["withdraw.max.CNY=500", "withdraw.payee_allow_list.wait=2h"]).await;
    assert_eq!((&set["version"], &set["rules"]), (&json!(1), &rules));
    let row = audited_as(&scene, "risk_rules.set").await;
    assert_eq!(row["seq"], set["audit_seq"]);
    assert_eq!((&row["reason"], &row["role"]), (&json!("a test"), &json!("admin")));
    assert_eq!(row["before"], json!({"version": 0, "rules": {}}));
    assert_eq!(row["after"], json!({"version": 1, "rules": rules}));

    // What is not named stays; a file replaces all.
    let more = scene.rules(&["trade.user_daily_count=3"]).await;
    assert_eq!(more["rules"]["withdraw"], rules["withdraw"]);
    let file = scene.stand.dir().join(format!("{}.json", scene.app()));
    std::fs::write(&file, r#"{"trade": {"min": {"CNY": 7}}}"#).unwrap();
    let replaced = scene.act("risk", "set", &["--file", file.to_str().unwrap()]).await;
    assert_eq!(replaced["rules"], json!({"trade": {"min": {"CNY": 7}}}));
    let row = audited_as(&scene, "risk_rules.set").await;
    assert_eq!(row["before"], json!({"version": 2, "rules": more["rules"]}));
    let cleared = scene.act("risk", "clear", &[]).await;
    assert_eq!((&cleared["version"], &cleared["rules"]), (&json!(4), &json!({})));

    scene.act("user", "state", &["u1", "--state", "no_pay"]).await;
    let row = audited_as(&scene, "user.state").await;
    assert_eq!((&row["before"], &row["after"]), (&json!({"state": null}), &json!({"state": "no_pay"})));
    scene.act("user", "state", &["u1", "--state", "frozen"]).await;
    let row = audited_as(&scene, "user.state").await;
    assert_eq!((&row["before"], &row["after"]), (&json!({"state": "no_pay"}), &json!({"state": "frozen"})));

    scene.act("payee", "add", &["--kind", "bank", "--account", "6222021234567890"]).await;
    let row = audited_as(&scene, "payee.add").await;
    assert_eq!(row["after"]["payee"], "bank 622***890");
    let listed = scene.command("payee", "list", &[]).await;
    assert_eq!((&listed[0]["payee"], &listed[0]["payable_at"]), (&json!("bank 622***890"), &Value::Null));
    scene.act("payee", "remove", &[listed[0]["key"].as_str().unwrap()]).await;
    assert_eq!(audited_as(&scene, "payee.remove").await["before"]["payee"], "bank 622***890");

    scene.act("app", "suspend", &["--type", "recharge"]).await;
    assert_eq!(audited_as(&scene, "app.suspend").await["after"], json!({"suspended": true}));
    let suspended = scene.command("app", "suspensions", &[]).await;
    assert_eq!((&suspended[0]["type"], &suspended[0]["reason"]), (&json!("recharge"), &json!("a test")));
    scene.act("app", "resume", &["--type", "recharge"]).await;
    assert_eq!(audited_as(&scene, "app.resume").await["before"]["reason"], "a test");
    let chain = scene.stand.sluice_json(&["audit", "verify"]).await.unwrap();
    assert_eq!(chain["ok"], true);
}

pub(crate) async fn refused(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    scene.rules(&["recharge.max.CNY=500"]).await;
    scene.act("user", "state", &["u1", "--state", "frozen"]).await;
    scene.act("payee", "add", &["--kind", "alipay", "--account", "a@example.com"]).await;
    for (args, exit, says) in [
        (&["risk", "set", "APP", "recharge.maximum.CNY=1"][..], 2, "maximum"),
        (&["risk", "set", "APP", "recharge.max.CNY=-1"], 2, "recharge.max.CNY"),
        (&["risk", "set", "APP", "recharge.max.CNY=lots"], 2, "lots"),
        (&["risk", "set", "APP", "recharge.min.CNY=501"], 2, "below min"),
        (&["risk", "set", "APP", "trade.payee_allow_list.wait=1h"], 2, "only withdrawals"),
        (&["risk", "set", "APP", r#"trade.networks=["10.0.0.1/8"]"#], 2, "10.0.0.0/8"),
        (&["risk", "set", "APP", "rate.per_second=1"], 2, "burst"),
        (&["risk", "set", "APP", "recharge.max.CNY=500"], 2, "just these rules"),
        (&["risk", "set", "APP", "nonsense"], 2, "RULE=VALUE"),
        (&["risk", "set", "app_none", "recharge.max.CNY=1"], 3, "no app"),
        (&["risk", "clear", "APP", "trade.max"], 3, "no rule trade.max"),
        (&["user", "state", "APP", "u1", "--state", "frozen"], 5, "frozen already"),
        (&["user", "state", "APP", "u 1", "--state", "frozen"], 2, "visible"),
        (&["user", "state", "APP", "u1", "--state", "asleep"], 2, "asleep"),
        (&["user", "state", "app_none", "u1", "--state", "frozen"], 3, "no app"),
        (&["payee", "add", "APP", "--kind", "alipay", "--account", "a@example.com"], 5, "on the list since"),
        (&["payee", "add", "APP", "--kind", "bank", "--account", " "], 2, "account"),
        (&["payee", "remove", "APP", "ffffffffffff"], 3, "0 payees"),
        (&["app", "resume", "APP"], 5, "not suspended"),
        (&["app", "suspend", "app_none"], 3, "no app"),
    ] {
        let mut args: Vec<_> = args.iter().map(|a| if *a == "APP" { scene.app() } else { *a }).collect();
        args.extend(["--reason", "a test", "--yes"]);
        let output = scene.stand.sluice(&args).await.unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {stderr}");
        assert!(stderr.contains(says), "{args:?}: {stderr}");
    }
    // Without a reason, or without a confirmation, nothing is done.
    for (args, says) in [
        (["risk", "set", scene.app(), "recharge.max.CNY=9", "--yes"], "--reason"),
        (["app", "suspend", scene.app(), "--reason", "a test"], "--yes"),
    ] {
        let output = scene.stand.sluice(&args).await.unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(says));
    }
    let shown = scene.command("risk", "show", &[]).await;
    assert_eq!(
        (&shown["version"], &shown["rules"]),
        (&json!(1), &json!({"recharge": {"max": {"CNY": 500}}}))
    );
    assert_eq!(said(&scene.recharge("r1", "u2", 500).await), "ok");
}
