//! Secrets stay secret: a whole run, and then every secret that was used is looked for wherever the daemon writes or
//! answers.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sluice_sim::client::{NewRecharge, OrderType};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use support::crowd::{Crowd, Plans};
use support::{SOON, measured};

/// What a private key looks like in PKCS#8, whatever its number: the algorithm, and then the key as an octet string.
const PRIVATE_DER: &[u8] =
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x04, 0x82];

/// The account that the crowd's withdrawals go to.
const PAYEE: &str = "payee@example.com";

/// Bytes as one character each, so that texts can be found among any bytes.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Secrets by what they are, in every form in which one could be written by mistake.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn add(&mut self, what: &str, secret: &[u8]) {
        assert!(secret.len() >= 15, "{what} is too short to be looked for");
        // Of base64 without its end, which hangs on what follows.
        let base64 = STANDARD.encode(secret);
        for (form, text) in [
            ("", latin1(secret)),
            (" in base64", base64[..base64.len() - 4].to_owned()),
            (" in hex", hex::encode(secret)),
            (" in upper-case hex", hex::encode_upper(secret)),
        ] {
            self.0.push((format!("{what}{form}"), text));
        }
    }

    /// A private key: the lines of its PEM, and its bytes.
    fn add_pem(&mut self, what: &str, pem: &str) {
        let lines: Vec<_> =
            pem.lines().filter(|line| !line.starts_with("-----") && line.len() > 40).collect();
        assert!(lines.len() > 10, "{what} is no private key");
        // The first lines hold the modulus, which is public.
        for (n, line) in lines.iter().enumerate().skip(7) {
            self.add(&format!("{what}, line {n}"), line.as_bytes());
            if let Ok(bytes) = STANDARD.decode(line) {
                self.add(&format!("{what}, bytes of line {n}"), &bytes);
            }
        }
    }

    /// Which of them stand in this text.
    fn found_in(&self, text: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(_, secret)| text.contains(secret.as_str()))
            .map(|(what, _)| what.as_str())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_written_or_told() {
    let log = ["log.filter=info,sluiced=trace", "log.format=json"];
    let stand = support::stand(&[&support::ALL_KINDS[..], &log].concat()).await;
    let mut secrets = secrets_of(&stand);
    whole_run(&stand, &mut secrets).await;

    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for name in ["sluiced.log", "sandbox.log", "sluice.db", "sluice.db-wal", "sluice.db-shm"] {
        if let Ok(bytes) = std::fs::read(stand.dir().join(name)) {
            places.insert(name.to_owned(), latin1(&bytes));
        }
    }
    places.insert("the database's values".to_owned(), values(&stand).await);
    told_to_operators(&stand, &mut places).await;
    told_to_merchants(&stand, &mut places).await;

    let mut searched = 0;
    for (place, text) in &places {
        searched += text.len();
        let found = secrets.found_in(text);
        assert!(found.is_empty(), "{place} holds: {found:?}");
        assert!(!text.contains("PRIVATE KEY"), "{place} holds a private key");
        assert!(!text.contains(&latin1(PRIVATE_DER)), "{place} holds a private key's bytes");
        // Who is paid must be stored, to be sent again; nobody else is told.
        let stored = place.contains("database") || place.starts_with("sluice.db") || place == "sandbox.log";
        assert!(stored || !text.contains(PAYEE), "{place} holds a payee's account: {text}");
    }
    // The search finds what is there.
    let planted = format!("x{}x", stand.file().apps[0].passwords.recharge.expose());
    assert_eq!(secrets.found_in(&planted), ["the recharge password of app 0"]);
    assert!(places["sluiced.log"].contains("answered"), "the log is of every request");
    assert!(places["the database's values"].contains(PAYEE), "there were withdrawals");
    measured(format!(
        "{} forms of secrets, none in {} KiB of {} places",
        secrets.0.len(),
        searched / 1024,
        places.len()
    ));
}

/// Every secret that there is before anything happens.
fn secrets_of(stand: &Stand) -> Secrets {
    let mut secrets = Secrets::default();
    for (n, app) in stand.file().apps.iter().enumerate() {
        secrets.add(&format!("the client secret of app {n}"), app.client_secret.expose().as_bytes());
        for order_type in OrderType::ALL {
            let password = app.passwords.of(order_type).expose();
            secrets.add(&format!("the {order_type} password of app {n}"), password.as_bytes());
        }
        secrets.add_pem(
            &format!("the key of app {n}"),
            &std::fs::read_to_string(&app.private_key_file).unwrap(),
        );
    }
    let read = |name: &str| std::fs::read_to_string(stand.dir().join("secrets").join(name)).unwrap();
    secrets.add_pem("our key at Alipay", &read("alipay-app.pem"));
    secrets.add_pem("Alipay's key", &read("alipay.pem"));
    let master = read("master.key");
    secrets.add("the master key's text", master.trim().as_bytes());
    secrets.add("the master key", &hex::decode(master.trim()).unwrap());
    let token = std::fs::read_to_string(&stand.file().operator_token_file).unwrap();
    secrets.add("the operator's token", token.trim().as_bytes());
    secrets
}

/// Orders, refusals, faults, rotations by everybody, new tokens, new operators, a new app.
async fn whole_run(stand: &Stand, secrets: &mut Secrets) {
    let (merchant, control) = (stand.merchant(0).await.unwrap(), stand.control());
    control
        .faults(serde_json::json!([{"channel": "alipay", "op": "query", "fault": "garbage", "rate": 0.3}]))
        .await
        .unwrap();
    Crowd::start(stand, Plans { seed: 5, orders: 100, at_once: 16, payable: 10, spending: 60 })
        .await
        .all()
        .await;
    secrets.add("an access token", merchant.token().unwrap().expose().as_bytes());
    // Refusals say nothing of what was wrong.
    let wrong = "spw_wrong_password_of_a_thief_0123456789";
    secrets.add("a thief's password", wrong.as_bytes());
    merchant.request("GET", "/v1/recharges").password(wrong).send().await.unwrap();
    let stolen = "sat_stolen_token_0123456789_abcdefghij";
    secrets.add("a stolen token", stolen.as_bytes());
    merchant.request("GET", "/v1/recharges").token(Some(stolen)).send().await.unwrap();

    let chosen = "chosen-by-the-merchant-7Qp2LmX9";
    merchant.rotate_password(OrderType::Recharge, chosen).await.unwrap();
    secrets.add("a chosen password", chosen.as_bytes());
    let client_id = merchant.client_id().to_owned();
    let args =
        ["password", "rotate", &client_id, "--type", "all", "--reason", "a drill", "--grace", "1m", "--yes"];
    let rotated = stand.sluice_json(&args).await.unwrap();
    for made in rotated["passwords"].as_array().unwrap() {
        secrets.add(&format!("the rotated {}", made["type"]), made["password"].as_str().unwrap().as_bytes());
    }
    let added = stand.sluiced(&["operator", "add", "guest", "--role", "viewer", "--json"]).await.unwrap();
    let added: serde_json::Value = serde_json::from_slice(&added.stdout).unwrap();
    secrets.add("a guest's token", added["token"].as_str().unwrap().as_bytes());
    let key = stand.dir().join("secrets/app-1.pub.pem");
    let args = [
        "app",
        "add",
        "--merchant",
        "Tea",
        "--name",
        "web",
        "--json",
        "--public-key-file",
        key.to_str().unwrap(),
    ];
    let added: serde_json::Value =
        serde_json::from_slice(&stand.sluiced(&args).await.unwrap().stdout).unwrap();
    secrets.add("a new app's secret", added["client_secret"].as_str().unwrap().as_bytes());
    for (word, password) in added["passwords"].as_object().unwrap() {
        secrets.add(&format!("a new app's {word} password"), password.as_str().unwrap().as_bytes());
    }
    // One more order, with everything that is new.
    merchant.set_password(OrderType::Recharge, rotated["passwords"][0]["password"].as_str().unwrap());
    let order = merchant.create_recharge(&NewRecharge::new("S-last", 100)).await.unwrap();
    control.pay(&order, Plan::Now).await.unwrap();
    stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
}

/// Every value of every table, bytes in hex: what the file's pages may have cut in two.
async fn values(stand: &Stand) -> String {
    let mut db = SqliteConnection::connect(&stand.file().store).await.unwrap();
    let columns = sqlx::query(
        "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'",
    );
    let mut text = String::new();
    for row in columns.fetch_all(&mut db).await.unwrap() {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let sql = format!("SELECT quote(\"{column}\") FROM \"{table}\"");
        for value in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap() {
            text.push_str(value.get(0));
            text.push('\n');
        }
    }
    text
}

/// What gRPC answers, as the console's commands show it; the rotation's own answer is the one place for a password.
async fn told_to_operators(stand: &Stand, places: &mut BTreeMap<String, String>) {
    let orders = stand.sluice_json(&["orders", "list", "--limit", "1000"]).await.unwrap();
    let client_id = stand.file().apps[0].client_id.clone();
    for args in [
        &["callbacks", "list"][..],
        &["channels", "list"],
        &["apps", "list"],
        &["audit", "list"],
        &["overview"],
        &["merchant-key", "list", &client_id],
    ] {
        places.insert(args.join(" "), stand.sluice_json(args).await.unwrap().to_string());
    }
    let mut evidence = 0;
    for order in orders.as_array().unwrap().iter().take(30) {
        let id = order["order_id"].as_str().unwrap();
        let shown = stand.sluice_json(&["order", "show", id]).await.unwrap();
        for event in shown["timeline"].as_array().unwrap() {
            let Some(id) = event["evidence_id"].as_str().filter(|id| !id.is_empty()) else { continue };
            let exchange = stand.sluice_json(&["evidence", "show", id]).await.unwrap();
            places.insert(format!("evidence {id}"), exchange.to_string());
            evidence += 1;
        }
        places.insert(format!("order {id}"), shown.to_string());
    }
    assert!(evidence > 12, "exchanges were looked at");
    places.insert("orders list".to_owned(), orders.to_string());
}

/// Callbacks, with their headers.
async fn told_to_merchants(stand: &Stand, places: &mut BTreeMap<String, String>) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/control/received?limit=1000", stand.file().merchant);
    let received: serde_json::Value = http.get(url).send().await.unwrap().json().await.unwrap();
    let received = received["received"].as_array().unwrap();
    assert!(received.len() > 20, "callbacks were looked at");
    for (n, one) in received.iter().enumerate() {
        let body = STANDARD.decode(one["body_base64"].as_str().unwrap()).unwrap();
        places.insert(format!("callback {n}"), format!("{} {}", one["headers"], latin1(&body)));
    }
}

/// What a careless log line would print.
#[test]
fn debug_shows_no_secret() {
    let password = sluice_core::password::AccessPassword::generate(&[7; 20]);
    let shown = format!("{password:?} {:?}", Some(&password));
    assert!(!shown.contains(&password.expose()[4..]), "{shown}");
    let account = sluice_channels::alipay::AlipayAccount {
        gateway_url: "https://gateway.example".to_owned(),
        app_id: "1".to_owned(),
        seller_id: "2".to_owned(),
        private_key_pem: "a very private key".to_owned().into(),
        provider_public_key_pem: String::new(),
    };
    assert!(!format!("{account:?}").contains("very private"), "{account:?}");
}
