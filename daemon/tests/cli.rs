//! The daemon's own commands: what they print, and how they exit.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use sluice_sim::client::NewRecharge;

use support::database::Database;
use support::{SOON, measured, programs, stand};

/// 1024 bits: too short.
const SHORT_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDPW0w7m6PoNW9VnFKTfCrWYdlt
Bal5A4SDO9A+vB1ES+I7l3cg3ug+5fNaq23PBV+o5tiYnvEPcwkzjkLPSU5l5KKD
1emJeEg5jfcotGPQGMjDkYfpA1lcKwKIMAd1pjBeLdG/0kFfCaLiHfifJwn+GM1A
a1NEMGgzuRtzNiEYjwIDAQAB
-----END PUBLIC KEY-----
";

/// On a curve: another algorithm.
const CURVE_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErn7uGlKBdyGOOn6mVzwWY5iRXw+H
G3gT3J9VGk4xClNePQ6yPCX5EI93qyuERNDP9pTiY8p6ryMHyo9zmWEmMQ==
-----END PUBLIC KEY-----
";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `sluiced --config FILE ARGS` with these variables.
async fn sluiced(config: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = tokio::process::Command::new(programs().join("sluiced"));
    command.arg("--config").arg(config).args(args).envs(variables.iter().copied());
    // A daemon that serves, though it should not, does not stay.
    command.kill_on_drop(true);
    tokio::time::timeout(SOON, command.output()).await.expect("it ends by itself").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn configurations() {
    let stand = stand(&[]).await;
    let right = std::fs::read_to_string(&stand.file().config).unwrap();
    let path = stand.dir().join("other.toml");
    let check = async |content: &str, variables: &[(&str, &str)]| {
        std::fs::write(&path, content).unwrap();
        let output = sluiced(&path, &["config", "check"], variables).await;
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, said) = check(&right, &[]).await;
    assert_eq!((code, said.contains("right")), (Some(0), true), "{said}");
    let (code, said) = check(&right, &[("SLUICED_CALLBACK__TIMEOUT", "6s")]).await;
    assert_eq!(code, Some(0), "{said}");

    for (change, with, says) in [
        ("allow_http", "alow_http", "did you mean `callback.allow_http`?"),
        ("[callback]", "[calback]", "did you mean `callback`?"),
        ("gateway_url", "gatway_url", "did you mean `channels.alipay.gateway_url`?"),
        ("[callback]", "[callback", "expected"),
        ("timeout = \"5s\"", "timeout = \"5 parsecs\"", "parsecs"),
        ("timeout = \"5s\"", "timeout = 5", "callback"),
        ("lease = \"20s\"", "lease = \"2s\"", "task.lease"),
        ("late = \"credit\"", "late = \"keep\"", "keep"),
    ] {
        assert!(right.contains(change), "{change} is not in the sandbox's configuration");
        let (code, said) = check(&right.replacen(change, with, 1), &[]).await;
        assert_eq!((code, said.contains(says)), (Some(2), true), "{with}: {said}");
    }
    for (variable, value, says) in [
        ("SLUICED_CALLBACK__ALLOW_HTTP", "yes", "true or false"),
        ("SLUICED_CALLBACK__TIMEOT", "9s", "did you mean `callback.timeout`?"),
        ("SLUICED_TASK__CONCURRENCY", "many", "whole number"),
    ] {
        let (code, said) = check(&right, &[(variable, value)]).await;
        assert_eq!((code, said.contains(says)), (Some(2), true), "{variable}: {said}");
    }
    let missing = sluiced(Path::new("/nowhere/sluiced.toml"), &["config", "check"], &[]).await;
    assert_eq!(missing.status.code(), Some(2));

    // What only starting can find out: an address that is taken, keys that are not ours.
    let other =
        |database: &str| right.replacen("/sluice.db", database, 1).replacen("ops.sock", "ops2.sock", 1);
    std::fs::write(&path, other("/second.db")).unwrap();
    let taken = sluiced(&path, &[], &[]).await;
    assert_eq!(
        (taken.status.code(), text(&taken.stderr).contains("server.listen")),
        (Some(1), true),
        "{taken:?}"
    );
    let stranger = stand.dir().join("other.key");
    std::fs::write(&stranger, "00".repeat(32)).unwrap();
    let variables = [("SLUICED_SECRETS__MASTER_KEY_FILE", stranger.to_str().unwrap())];
    let sealed = sluiced(&stand.file().config, &[], &variables).await;
    assert_eq!(sealed.status.code(), Some(1));
    assert!(text(&sealed.stderr).contains("sealed under another master key"), "{sealed:?}");
    measured("configurations: right ones pass, wrong ones exit 2 and name the nearest key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators() {
    let stand = stand(&[]).await;
    let merchant = stand.merchant(0).await.unwrap();
    let order = merchant.create_recharge(&NewRecharge::new("O-1", 100)).await.unwrap();
    let add = async |args: &[&str]| -> Value {
        let args = [&["operator", "add"], args, &["--json"]].concat();
        let output = stand.sluiced(&args).await.unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    // `sluice` as whoever holds this token; its exit code.
    let sluice = async |token: &str, args: &[&str]| -> i32 {
        let file = stand.dir().join("token");
        std::fs::write(&file, token).unwrap();
        let mut command = tokio::process::Command::new(programs().join("sluice"));
        command.args(args).envs(&stand.file().env).env("SLUICE_TOKEN_FILE", &file);
        command.output().await.unwrap().status.code().unwrap()
    };
    let client_id = merchant.client_id();
    let read = ["orders", "list"];
    let requery = ["order", "requery", order.order_id.as_str()];
    let rotate = ["password", "rotate", client_id, "--type", "trade", "--reason", "a test", "--yes"];
    for (role, may) in
        [("viewer", [true, false, false]), ("operator", [true, true, false]), ("admin", [true, true, true])]
    {
        let added = add(&[role, "--role", role]).await;
        assert_eq!(
            (&added["name"], &added["role"], &added["expires_at"]),
            (&role.into(), &role.into(), &Value::Null)
        );
        let token = added["token"].as_str().unwrap();
        for (act, may) in [&read[..], &requery, &rotate].into_iter().zip(may) {
            let code = sluice(token, act).await;
            // A requery brings nothing (4) or something (0): it was let through.
            let through = code == 0 || (act == requery && code == 4);
            assert_eq!(through, may, "{role} {act:?}: exit code {code}");
        }
        // A new token takes the place of the old one.
        let again = add(&[role, "--role", role]).await;
        assert_eq!(sluice(token, &read).await, 6, "the former token");
        assert_eq!(sluice(again["token"].as_str().unwrap(), &read).await, 0);
    }
    let short = add(&["guest", "--role", "viewer", "--expires", "1s"]).await;
    let token = short["token"].as_str().unwrap();
    assert!(short["expires_at"].is_string());
    assert_eq!(sluice(token, &read).await, 0);
    tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
    assert_eq!(sluice(token, &read).await, 6, "an expired token");
    let admin = add(&["admin", "--role", "admin"]).await;
    assert!(stand.sluiced(&["operator", "disable", "admin"]).await.unwrap().status.success());
    assert_eq!(sluice(admin["token"].as_str().unwrap(), &read).await, 6, "a disabled operator");
    assert_eq!(sluice("sop_nobody", &read).await, 6);
    for (args, code) in [
        (&["lin", "--role", "root"][..], 2),
        (&["lin"], 2),
        (&["lin wei", "--role", "viewer"], 1),
        (&["", "--role", "viewer"], 1),
        (&["lin", "--role", "viewer", "--expires", "soon"], 2),
    ] {
        let args = [&["operator", "add"], args].concat();
        assert_eq!(stand.sluiced(&args).await.unwrap().status.code(), Some(code), "{args:?}");
    }
    measured("three roles, expiry, replacement and disabling hold from the next call on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apps_with_keys_that_are_none() {
    let stand = stand(&[]).await;
    let db = Database::open(&stand).await;
    let key = |name: &str, content: &str| -> PathBuf {
        let path = stand.dir().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let secrets = stand.dir().join("secrets");
    let counts = |mut all: std::collections::BTreeMap<String, i64>| {
        all.retain(|table, _| {
            ["merchant", "app", "merchant_key", "access_password", "audit"].contains(&table.as_str())
        });
        all
    };
    let before = counts(db.row_counts().await);
    for (what, path) in [
        ("no file", stand.dir().join("nowhere.pem")),
        ("no PEM", key("text.pem", "hello")),
        ("an empty file", key("empty.pem", "")),
        ("1024 bits", key("short.pem", SHORT_KEY)),
        ("a curve", key("curve.pem", CURVE_KEY)),
        ("half a key", key("half.pem", &SHORT_KEY[..120])),
        ("a private key", secrets.join("app-1.pem")),
    ] {
        let path = path.to_str().unwrap();
        let args = ["app", "add", "--merchant", "Tea", "--name", "web", "--public-key-file", path, "--json"];
        let output = stand.sluiced(&args).await.unwrap();
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{what}: {said}");
        assert!(said.contains(path) && !said.contains("MII"), "{what}: {said}");
    }
    let good = secrets.join("app-1.pub.pem");
    let add = [
        "app",
        "add",
        "--merchant",
        "Tea",
        "--name",
        "web",
        "--public-key-file",
        good.to_str().unwrap(),
        "--json",
    ];
    for url in ["shop.example/callback", "ftp://shop.example/"] {
        let output = stand.sluiced(&[&add[..], &["--callback-url", url]].concat()).await.unwrap();
        assert_eq!(output.status.code(), Some(1), "{url}");
    }
    assert_eq!(counts(db.row_counts().await), before, "a refused app leaves nothing behind");

    let output = stand.sluiced(&add).await.unwrap();
    let added: Value = serde_json::from_slice(&output.stdout).unwrap();
    for field in [
        "/client_id",
        "/client_secret",
        "/key_id",
        "/passwords/recharge",
        "/passwords/withdraw",
        "/passwords/trade",
    ] {
        assert!(added.pointer(field).and_then(Value::as_str).is_some_and(|text| text.len() > 8), "{field}");
    }
    // Taken up at once by the daemon that is running.
    let apps = stand.sluice_json(&["apps", "list"]).await.unwrap();
    assert!(apps.to_string().contains(added["client_id"].as_str().unwrap()), "{apps}");
    let fee = |client: &'static str, more: &[&'static str]| [&["app", "fee", client], more].concat();
    for (args, code) in
        [(fee("app_nobody", &["--ppm", "1"]), 1), (fee("app_nobody", &["--ppm", "1000001"]), 2)]
    {
        assert_eq!(stand.sluiced(&args).await.unwrap().status.code(), Some(code), "{args:?}");
    }
    measured("7 keys that are none, 2 addresses that are none: exit 1, nothing added");
}
