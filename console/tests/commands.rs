//! The real binary against a daemon of sample data: JSON shapes, exit codes, what is asked for and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "common/fake.rs"]
#[expect(dead_code, reason = "the feed's test uses the rest")]
mod fake;
#[path = "common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;

use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::process::Command;

use fake::Fake;

/// Runs `sluice` without a terminal, as the operator with this token.
async fn sluice(fake: &Fake, token: &str, args: &str) -> Output {
    command(fake, token).args(words(args)).output().await.unwrap()
}

fn command(fake: &Fake, token: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("SLUICE_ENDPOINT", fake.endpoint())
        .env("SLUICE_TOKEN_FILE", fake.token_file(token))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Words divided by spaces; `␣` is a space within a word.
fn words(args: &str) -> Vec<String> {
    args.split_whitespace().map(|w| w.replace('␣', " ")).collect()
}

async fn json(fake: &Fake, args: &str) -> Value {
    let output = sluice(fake, "admin", &format!("{args} --json")).await;
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn exit_codes() {
    let fake = Fake::start().await;
    for (token, args, code, says) in [
        ("admin", "overview", 0, ""),
        ("admin", "orders list --limit 3", 0, ""),
        ("admin", "order show A-20261124-0007", 0, ""),
        ("admin", "order requery A-20261124-0007", 0, ""),
        ("admin", "audit verify", 1, ""),
        ("admin", "", 2, "need a terminal"),
        ("admin", "orders list --limit x", 2, "invalid value"),
        ("admin", "no-such-command", 2, "unrecognized"),
        ("admin", "password rotate app_bookshop --type trade --reason x", 2, "add --yes"),
        ("admin", "password rotate app_bookshop --type trade --yes", 2, "--reason"),
        ("admin", "--endpoint http://10.0.0.7:1 overview", 2, "loopback"),
        ("admin", "--profile nope overview", 2, "no profile"),
        ("admin", "order show A-none", 3, "no order, channel number or callback is A-none"),
        ("admin", "order show A-1", 3, "2 orders have the number A-1"),
        ("admin", "evidence show ev_none", 3, "not found"),
        ("admin", "password rotate app_none --type trade --reason x --yes", 3, "no app app_none"),
        ("admin", "order requery A-20261124-0019", 4, ""),
        ("viewer", "order requery A-20261124-0007", 5, "needs the role admin"),
        ("admin", "callback replay cbk_01KBFZ0P5Q7WJQ0C0X3M9N0044", 5, "being sent right now"),
        ("admin", "--read-only order requery A-20261124-0007", 5, "read-only"),
        ("admin", "ledger trial", 0, ""),
        ("admin", "ledger trial --prove", 1, ""),
        ("admin", "ledger statement no:such:account", 3, "no:such:account"),
        ("admin", "ledger journal", 2, "required"),
        ("admin", "ledger journal A-20261124-0003 --journal-id 1", 2, "cannot be used with"),
        (
            "admin",
            "desk decide A-20261124-0012 2026112422001400012 --decision refund --reason x",
            2,
            "add --yes",
        ),
        (
            "admin",
            "desk decide A-20261124-0012 2026112422001400012 --decision burn --reason x",
            2,
            "invalid value",
        ),
        ("admin", "desk decide A-20261124-0012 2026112422001400012 --decision refund --yes", 2, "--reason"),
        (
            "admin",
            "desk decide A-20261124-0012 none --decision refund --reason x --yes",
            3,
            "with the key none",
        ),
        (
            "admin",
            "desk decide A-20261124-0031 2026112422001400031 --decision apply --reason x --yes",
            5,
            "the user is frozen",
        ),
        (
            "viewer",
            "desk decide A-20261124-0012 2026112422001400012 --decision refund --reason x --yes",
            5,
            "needs the role",
        ),
        (
            "admin",
            "--read-only payout resolve A-20261124-0003 --outcome paid --bill-line x --reason x --yes",
            5,
            "read-only",
        ),
        (
            "admin",
            "payout resolve A-20261124-0007 --outcome paid --bill-line x --reason x --yes",
            5,
            "it sends no money out",
        ),
        (
            "admin",
            "payout resolve A-20261124-0003 --outcome refunded --bill-line x --reason x --yes",
            5,
            "a withdraw is paid or failed, not refunded",
        ),
        ("admin", "payout resolve A-20261124-0003 --outcome paid --reason x --yes", 2, "--bill-line"),
        ("admin", "payout resolve A-20261124-0003 --outcome paid --bill-line x --reason x", 2, "add --yes"),
        ("admin", "risk show app_bookshop", 0, ""),
        ("admin", "risk show app_none", 3, "no app"),
        ("admin", "risk set app_bookshop withdraw.max.CNY=1 --reason x", 2, "add --yes"),
        ("admin", "risk set app_bookshop withdraw.max.CNY=1 --yes", 2, "--reason"),
        ("admin", "risk set app_bookshop --reason x --yes", 2, "required"),
        ("admin", "risk set app_bookshop withdraw.max.CNY=50000 --reason x --yes", 2, "just these rules"),
        ("admin", "risk set app_bookshop --file /none.json --reason x --yes", 2, "cannot be read"),
        ("admin", "risk clear app_bookshop trade.min --reason x --yes", 3, "no rule trade.min"),
        ("viewer", "risk clear app_bookshop --reason x --yes", 5, "needs the role"),
        ("admin", "--read-only risk clear app_bookshop --reason x --yes", 5, "read-only"),
        ("admin", "user state app_bookshop u-1 --state frozen --reason x", 2, "add --yes"),
        ("admin", "user state app_bookshop u-1 --state asleep --reason x --yes", 2, "invalid value"),
        ("admin", "--read-only user state app_bookshop u-1 --state frozen --reason x --yes", 5, "read-only"),
        ("admin", "payee remove app_bookshop 8f3c21d0 --reason x --yes", 3, "2 payees"),
        ("admin", "payee remove app_bookshop 00 --reason x --yes", 3, "0 payees"),
        (
            "admin",
            "--read-only payee add app_bookshop --kind bank --account 1 --reason x --yes",
            5,
            "read-only",
        ),
        ("admin", "app suspend app_bookshop --reason x", 2, "add --yes"),
        ("admin", "app suspend app_none --reason x --yes", 3, "no app app_none"),
        ("viewer", "app suspend app_bookshop --reason x --yes", 5, "needs the role"),
        ("admin", "--read-only app resume app_bookshop --reason x --yes", 5, "read-only"),
        ("wrong", "overview", 6, "does not accept the token"),
        ("missing", "overview", 6, "cannot be read"),
        ("admin", "--endpoint unix:/nonexistent.sock overview", 6, "no answer from the daemon"),
    ] {
        let output = sluice(&fake, token, args).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args}: {stderr}");
        assert!(stderr.contains(says), "{args}: {stderr}");
        let secret = fake::TOKEN.strip_prefix("opt_").unwrap();
        assert!(!stderr.contains(&format!("opt_{secret}")), "{args} tells the token");
    }
}

#[tokio::test]
async fn an_order_list_is_an_array_of_the_order_object_with_the_operators_facts() {
    let fake = Fake::start().await;
    let orders = json(&fake, "orders list --limbo").await;
    assert_eq!(orders.as_array().map(Vec::len), Some(3));
    let keys: Vec<&String> = orders[0].as_object().unwrap().keys().collect();
    let order_object = [
        "order_id",
        "client_id",
        "type",
        "merchant_order_no",
        "user_ref",
        "state",
        "state_name",
        "state_version",
        "flags",
        "amount",
        "fee",
        "refunded",
        "channel",
        "method",
        "channel_ref",
        "channel_order_no",
        "created_at",
        "paid_at",
        "expires_at",
        "closed_reason",
        "payment",
        "payment_pending",
        "close_pending",
        "callbacks",
        "metadata",
    ];
    assert_eq!(keys, order_object.iter().chain(&["diagnosis", "next_step", "limbo"]).collect::<Vec<_>>());
    insta::assert_json_snapshot!(orders[0]);
}

#[tokio::test]
async fn an_order_with_everything() {
    let fake = Fake::start().await;
    for id in [
        "rch_01KBFZ0P5Q7WJQ0C0X3M9N0007",
        "A-20261124-0007",
        "␣␣A-20261124-0007␣",
        "01KBFZ0P5Q7WJQ0C0X3M9N000701",
    ] {
        let order = json(&fake, &format!("order show {id}")).await;
        assert_eq!(order["merchant_order_no"], "A-20261124-0007");
        assert_eq!(order["next_step"]["kind"], "requery");
        assert_eq!(order["timeline"][2]["evidence_id"], "ev_1");
        assert_eq!(order["timeline"][0]["detail"]["request_id"], "01KBFZ0P5Q7WJQ0C0X3M9N4T2A");
        for list in ["attempts", "callbacks_detail", "journals"] {
            assert!(order[list].is_array(), "{list}");
        }
    }
}

#[tokio::test]
async fn several_hits_are_listed_with_their_apps() {
    let fake = Fake::start().await;
    let output = sluice(&fake, "admin", "order show A-1 --json").await;
    let hits: Value = serde_json::from_slice(&output.stdout).unwrap();
    let apps: Vec<&str> = hits.as_array().unwrap().iter().map(|h| h["client_id"].as_str().unwrap()).collect();
    assert_eq!(apps, ["app_xingchen", "app_bookshop"]);
    let table = sluice(&fake, "admin", "order show A-1").await;
    assert!(String::from_utf8_lossy(&table.stdout).contains("app_xingchen"));
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let fake = Fake::start().await;
    assert_eq!(json(&fake, "orders list").await.as_array().map(Vec::len), Some(63));
    assert_eq!(json(&fake, "orders list --limit 25").await.as_array().map(Vec::len), Some(25));
    let some = json(&fake, "orders list --state 3 --state 4 --channel alipay --app app_bookshop").await;
    for order in some.as_array().unwrap() {
        assert!(["3", "4"].contains(&order["state"].to_string().as_str()));
        assert_eq!(
            (order["channel"].as_str(), order["client_id"].as_str()),
            (Some("alipay"), Some("app_bookshop"))
        );
    }
}

#[tokio::test]
async fn orders_are_filtered_by_kind() {
    let fake = Fake::start().await;
    for (args, kinds) in [
        ("orders list --kind withdraw", &["withdraw"][..]),
        ("orders list --kind trade --kind refund", &["trade", "refund"]),
    ] {
        let orders = json(&fake, args).await;
        let orders = orders.as_array().unwrap();
        assert!(orders.len() >= 5, "{args}");
        for order in orders {
            let own = match order["type"].as_str() {
                Some("withdraw") => order["payee"] == "alipay 208…123",
                Some("trade") => order["to"]["user_ref"] == "王芳" && order["payee"].is_null(),
                _ => order["original_order_id"].is_string(),
            };
            assert!(own, "{order}");
        }
        assert!(orders.iter().all(|o| kinds.contains(&o["type"].as_str().unwrap())), "{args}");
    }
}

#[tokio::test]
async fn the_books() {
    let fake = Fake::start().await;
    let accounts = json(&fake, "ledger accounts").await;
    assert_eq!(accounts.as_array().map(Vec::len), Some(8), "all pages");
    assert_eq!(json(&fake, "ledger accounts --limit 5").await.as_array().map(Vec::len), Some(5));
    let of_user = json(&fake, "ledger accounts u_2071 --prefix user:app_bookshop:").await;
    assert_eq!(of_user.as_array().map(Vec::len), Some(2));
    assert_eq!(of_user[0]["balance"], serde_json::json!({"minor": 61_920, "currency": "CNY"}));

    let statement = json(&fake, "ledger statement user:app_bookshop:u_2071:available").await;
    let lines = statement["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 6, "both pages");
    assert_eq!((&lines[0]["gain_minor"], &lines[0]["balance_minor"]), (&(-35_200).into(), &61_920.into()));
    let table = sluice(&fake, "admin", "ledger statement user:app_bookshop:u_2071:available").await;
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("-352.00") && table.contains("+1,170.20"), "{table}");

    let of_order = json(&fake, "ledger journal A-20261124-0003").await;
    assert_eq!(of_order["order"]["type"], "withdraw");
    assert_eq!(of_order["journals"].as_array().map(Vec::len), Some(2));
    for journal in of_order["journals"].as_array().unwrap() {
        let lines = journal["lines"].as_array().unwrap();
        assert_eq!(lines.iter().map(|l| l["debit_minor"].as_i64().unwrap()).sum::<i64>(), 0);
    }
    let one = json(&fake, "ledger journal --journal-id 71310").await;
    assert_eq!(
        (one["journals"].as_array().map(Vec::len), &one["journals"][0]["kind"]),
        (Some(1), &"withdraw_hold".into())
    );

    assert_eq!(json(&fake, "ledger trial").await["holds"], true);
    let broken = sluice(&fake, "admin", "ledger trial --prove --json").await;
    let broken: Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert_eq!(
        (&broken["holds"], &broken["currencies"][1]["difference_minor"]),
        (&false.into(), &1_250.into())
    );
    assert!(broken["violation"].as_str().unwrap().starts_with("journal 71209 of rch_"), "{broken}");
}

#[tokio::test]
async fn the_desk() {
    let fake = Fake::start().await;
    let waiting = json(&fake, "desk list").await;
    assert_eq!(waiting.as_array().map(Vec::len), Some(2));
    assert_eq!((&waiting[0]["waiting"]["by"], &waiting[1]["waiting"]), (&"bob".into(), &Value::Null));
    assert_eq!(json(&fake, "desk list --all").await[2]["decided_by"][0], "carol");
    let proposals = json(&fake, "desk proposals").await;
    assert_eq!((&proposals[0]["kind"], &proposals[1]["kind"]), (&"suspense".into(), &"payout".into()));

    let decide = |key: &str, decision: &str| {
        format!(
            "desk decide A-20261124-{} {key} --decision {decision} --reason INC-21 --yes",
            &key[key.len() - 4..]
        )
    };
    for (key, decision, decided, state) in [
        ("2026112422001400012", "keep", true, "kept"),
        ("2026112422001400031", "refund", true, "refunding"),
        ("2026112422001400031", "keep", false, "proposed"),
    ] {
        let reply = json(&fake, &decide(key, decision)).await;
        assert_eq!(
            (&reply["decided"], &reply["state"]),
            (&decided.into(), &state.into()),
            "{key} {decision}"
        );
        assert_eq!(reply["audit_seq"], 423);
    }
    let told = sluice(&fake, "admin", &decide("2026112422001400031", "keep")).await;
    assert!(String::from_utf8_lossy(&told.stdout).contains("another operator has to decide the same"));
}

#[tokio::test]
async fn a_payout_is_resolved_by_two() {
    let fake = Fake::start().await;
    let resolve = |outcome: &str| {
        format!(
            "payout resolve A-20261124-0003 --outcome {outcome} --bill-line ␣-350.00␣转账 --reason INC-22 --yes"
        )
    };
    let second = json(&fake, &resolve("paid")).await;
    assert_eq!((&second["resolved"], &second["order"]["state"]), (&true.into(), &3.into()));
    let first = json(&fake, &resolve("failed")).await;
    assert_eq!((&first["resolved"], &first["waiting"]["decision"]), (&false.into(), &"failed".into()));
    let order = "wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003";
    assert_eq!(
        fake.acts(),
        [
            format!("resolve {order} as paid by \"-350.00 转账\" because \"INC-22\""),
            format!("resolve {order} as failed by \"-350.00 转账\" because \"INC-22\""),
        ]
    );
}

#[tokio::test]
async fn what_apps_and_their_users_may_begin() {
    let fake = Fake::start().await;
    let rules = json(&fake, "risk show app_bookshop").await;
    assert_eq!(rules["rules"]["withdraw"]["max"]["CNY"], 50_000);
    assert_eq!((&rules["day"], &rules["usage"][0]["orders"]), (&"2026-11-24".into(), &12.into()));
    let shown = sluice(&fake, "viewer", "risk show app_bookshop").await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    for line in ["trade.app_daily_amount.CNY  900000", "withdraw.max.CNY            50000", "1234.56"] {
        assert!(shown.replace(',', "").contains(line), "{line}: {shown}");
    }
    let set = json(
        &fake,
        "risk set app_bookshop withdraw.max.CNY=60000 recharge.new_user_cooling=2h --reason INC-30 --yes",
    )
    .await;
    assert_eq!((&set["version"], &set["audit_seq"]), (&4.into(), &430.into()));
    json(&fake, "risk clear app_bookshop trade --reason INC-31 --yes").await;
    let users = json(&fake, "user list app_bookshop --restricted").await;
    assert_eq!((users.as_array().unwrap().len(), &users[0]["state"]), (1, &"frozen".into()));
    assert_eq!(json(&fake, "user show app_bookshop u-9").await["usage"][0]["amount"]["minor"], 123_456);
    json(&fake, "user state app_bookshop u-9 --state no_withdraw --reason INC-40 --yes").await;
    assert_eq!(json(&fake, "payee list app_bookshop").await[0]["payee"], "bank 622***890");
    json(&fake, "payee add app_bookshop --kind bank --account 6222021234567890 --reason INC-50 --yes").await;
    // On the list's second page.
    json(&fake, "payee remove app_bookshop 8f3c21d0ff --reason INC-51 --yes").await;
    assert_eq!(json(&fake, "app suspensions").await[1]["type"], "withdraw");
    json(&fake, "app suspend app_bookshop --type trade --reason INC-60 --yes").await;
    assert_eq!(
        json(&fake, "app resume app_bookshop --reason INC-61 --yes").await["left"][0]["type"],
        "withdraw"
    );
    assert_eq!(
        fake.acts(),
        [
            r#"rules app_bookshop from 3 to {"trade":{"app_daily_amount":{"CNY":900000}},"withdraw":{"max":{"CNY":60000}},"recharge":{"new_user_cooling":"2h"}} because "INC-30""#,
            r#"rules app_bookshop from 3 to {"withdraw":{"max":{"CNY":50000}}} because "INC-31""#,
            r#"user u-9 of app_bookshop is no_withdraw because "INC-40""#,
            r#"list bank "6222021234567890" of app_bookshop because "INC-50""#,
            r#"unlist 8f3c21d0ffff00 of app_bookshop because "INC-51""#,
            r#"suspend "trade" of app_bookshop because "INC-60""#,
            r#"resume "" of app_bookshop because "INC-61""#,
        ]
    );
}

#[tokio::test]
async fn a_requery_tells_the_observation_and_the_order() {
    let fake = Fake::start().await;
    let reply = json(&fake, "order requery A-20261124-0007").await;
    assert_eq!((&reply["answered"], &reply["observation"]["presence"]), (&true.into(), &"paid".into()));
    assert_eq!((&reply["order"]["limbo"], &reply["audit_seq"]), (&false.into(), &419.into()));
    let none = sluice(&fake, "admin", "order requery A-20261124-0019 --json").await;
    assert_eq!(none.status.code(), Some(4));
    let none: Value = serde_json::from_slice(&none.stdout).unwrap();
    assert_eq!((&none["observation"], &none["order"]["limbo"]), (&Value::Null, &true.into()));
}

#[tokio::test]
async fn callbacks_channels_apps_audit() {
    let fake = Fake::start().await;
    let callbacks = json(&fake, "callbacks list --stuck").await;
    assert_eq!((&callbacks[0]["last_status"], &callbacks[2]["last_status"]), (&502.into(), &Value::Null));
    let shown = json(&fake, "callback show cbk_01KBFZ0P5Q7WJQ0C0X3M9N0031").await;
    assert_eq!(
        (&shown["attempts_detail"][3]["by"], &shown["body"]["type"]),
        (&"bob".into(), &"recharge.paid".into())
    );
    let replayed =
        json(&fake, "callback replay cbk_01KBFZ0P5Q7WJQ0C0X3M9N0031 --reason endpoint␣repaired").await;
    assert_eq!(replayed["audit_seq"], 417);
    assert_eq!(fake.acts(), ["replay cbk_01KBFZ0P5Q7WJQ0C0X3M9N0031 because \"endpoint repaired\""]);
    let channels = json(&fake, "channels list").await;
    assert_eq!((&channels[0]["channel"], &channels[0]["provider"]), (&"alipay".into(), &"alipay".into()));
    assert_eq!(channels[2]["breaker"]["state"], "open");
    let apps = json(&fake, "apps list xingchen").await;
    assert_eq!(
        (&apps[0]["client_id"], &apps[0]["passwords"][0]["version"]),
        (&"app_xingchen".into(), &7.into())
    );
    let audit = json(&fake, "audit list").await;
    assert_eq!((&audit[0]["seq"], &audit[0]["after"]["version"]), (&418.into(), &4.into()));
    assert_eq!(json(&fake, "overview").await["role"], "admin");
    assert_eq!(json(&fake, "merchant-key list app_bookshop").await[0]["state"], "active");
}

#[tokio::test]
async fn credentials_are_changed_with_reason_and_yes() {
    let fake = Fake::start().await;
    let one = json(
        &fake,
        "password rotate app_bookshop --type trade --reason INC-17 --yes --grace 10m --revoke-tokens",
    )
    .await;
    let want = r#"{"type":"trade","version":4,"password":"new-trade-password","client_id":"app_bookshop","audit_seq":420,"revoked_tokens":0}"#;
    assert_eq!(one.to_string(), want);
    let all = json(&fake, "password rotate app_bookshop --type all --reason INC-17 --yes").await;
    assert_eq!(all["passwords"].as_array().map(Vec::len), Some(3));
    assert_eq!(all["passwords"][1]["type"], "withdraw");
    assert_eq!(
        json(&fake, "merchant-key revoke app_bookshop key_1 --reason lost --yes").await["state"],
        "revoked"
    );
    assert_eq!(json(&fake, "tokens revoke app_bookshop --reason gist --yes").await["revoked"], 12);
    assert_eq!(
        fake.acts(),
        [
            "rotate app_bookshop trade grace 600000 tokens true because \"INC-17\"",
            "rotate app_bookshop all grace 0 tokens false because \"INC-17\"",
            "revoke key_1 of app_bookshop because \"lost\"",
            "revoke tokens of app_bookshop because \"gist\"",
        ]
    );
    let plain = sluice(&fake, "admin", "password rotate app_bookshop --type trade --reason x --yes").await;
    assert!(String::from_utf8_lossy(&plain.stdout).contains("new-trade-password"));
    assert!(String::from_utf8_lossy(&plain.stderr).contains("shown once"));
}

#[tokio::test]
async fn foreign_text_reaches_no_terminal_raw() {
    let fake = Fake::start().await;
    for args in ["evidence show ev_1", "evidence show ev_1 --json", "order show A-20261124-0007"] {
        let output = sluice(&fake, "admin", args).await;
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{args}: {shown:?}");
    }
    let ascii = sluice(&fake, "admin", "apps list --ascii").await;
    assert!(ascii.stdout.is_ascii());
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_failure() {
    let fake = Fake::start().await;
    let mut child =
        command(&fake, "admin").args(["orders", "list", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn completions_need_no_daemon() {
    let fake = Fake::start().await;
    for shell in ["bash", "zsh", "fish"] {
        let output = sluice(&fake, "missing", &format!("completions {shell}")).await;
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("requery"), "{shell}");
    }
}
