//! `sluiced ledger check` over a history with orders of every kind in every end: it holds, and whatever is changed by
//! hand in a copy of the database is found and named.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../support/mod.rs"]
mod support;

mod history;
mod tampering;

use std::path::{Path, PathBuf};

use serde_json::Value;
use sluice_sim::stand::Stand;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};

use support::{measured, stand};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_named() {
    let stand = stand(&history::SETTINGS).await;
    history::write(&stand).await;
    let copy = Copy::of(&stand).await;
    assert_eq!(copy.faults(&stand).await, Vec::<String>::new(), "the history itself");
    let mut missed = Vec::new();
    for (tampering, says) in tampering::TABLE {
        let broken = copy.broken(tampering).await;
        let faults = broken.faults(&stand).await;
        if !faults.iter().any(|fault| fault.contains(says)) {
            missed.push(format!("{tampering}\n    should say {says:?}, says {faults:#?}"));
        }
    }
    assert!(missed.is_empty(), "{} were not found:\n{}", missed.len(), missed.join("\n"));
    beside_the_running_daemon(&stand).await;
    measured(format!("{} ways to tamper with the books, each found and named", tampering::TABLE.len()));
}

/// In the database that the daemon works on, for people and for programs.
async fn beside_the_running_daemon(stand: &Stand) {
    let check = async |more: &[&str]| {
        let output = stand.sluiced(&[&["ledger", "check"], more].concat()).await.unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = check(&[]).await;
    assert_eq!((code, said.contains("the books hold")), (Some(0), true), "{said}");
    for account in ["channel:alipay:clearing", "users' available", "suspense", "total CNY"] {
        assert!(said.contains(account), "no {account} in the trial balance:\n{said}");
    }
    let mut hand = SqliteConnection::connect(&stand.file().store).await.unwrap();
    hand.execute("UPDATE account SET balance = balance + 1 WHERE account = 'fee:service'").await.unwrap();
    let (code, said) = check(&[]).await;
    assert_eq!((code, said.contains("OFF: fee:service (CNY) holds")), (Some(1), true), "{said}");
    let (code, said) = check(&["--json"]).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["ok"]), (Some(1), &Value::Bool(false)));
    hand.execute("UPDATE account SET balance = balance - 1 WHERE account = 'fee:service'").await.unwrap();
    assert_eq!(check(&[]).await.0, Some(0));
}

/// A copy of the sandbox's database, in one file.
struct Copy(PathBuf);

impl Copy {
    async fn of(stand: &Stand) -> Self {
        let path = stand.dir().join("copy.db");
        let mut source = SqliteConnection::connect(&stand.file().store).await.unwrap();
        source.execute(AssertSqlSafe(format!("VACUUM INTO '{}'", path.display()))).await.unwrap();
        Self(path)
    }

    /// A copy of it that somebody has changed by hand, with no rule of the database in the way.
    async fn broken(&self, tampering: &str) -> Self {
        let path = self.0.with_file_name("broken.db");
        for beside in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{beside}", path.display()));
        }
        std::fs::copy(&self.0, &path).unwrap();
        let options = SqliteConnectOptions::new().filename(&path).foreign_keys(false);
        let mut hand = options.pragma("ignore_check_constraints", "on").connect().await.unwrap();
        let changed = hand.execute(AssertSqlSafe(tampering::sql(tampering))).await;
        let changed = changed.unwrap_or_else(|error| panic!("{tampering}: {error}"));
        assert!(changed.rows_affected() > 0, "nothing is changed by: {tampering}");
        hand.close().await.unwrap();
        Self(path)
    }

    /// What the check finds.
    async fn faults(&self, stand: &Stand) -> Vec<String> {
        let mut command = tokio::process::Command::new(support::programs().join("sluiced"));
        command.arg("--config").arg(&stand.file().config).args(["ledger", "check", "--json"]);
        let output = command.env("SLUICED_STORE__URL", url(&self.0)).output().await.unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let faults: Vec<String> = serde_json::from_value(said["faults"].clone()).unwrap();
        assert_eq!(output.status.code(), Some(i32::from(!faults.is_empty())));
        faults
    }
}

fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}
