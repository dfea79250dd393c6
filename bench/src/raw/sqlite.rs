//! SQLite as the daemon uses it, with nothing of the daemon around: WAL, `synchronous=FULL`, a transaction's
//! statements in one query with numbered parameters, by sqlx.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;
use std::time::Instant;

use crate::measure::{Plan, ROUNDS, Rate, per_second};

/// How many transactions share a commit in the grouped form.
pub(crate) const GROUP: usize = 32;

/// Tables like an order's, with the indexes that such tables have.
const SCHEMA: &str = "
CREATE TABLE orders (order_id TEXT PRIMARY KEY, app TEXT NOT NULL, number TEXT NOT NULL, state INTEGER NOT NULL,
  amount INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (app, number)) WITHOUT ROWID;
CREATE INDEX orders_by_state ON orders (state, at);
CREATE TABLE attempt (order_id TEXT NOT NULL, no INTEGER NOT NULL, ref TEXT NOT NULL UNIQUE,
  PRIMARY KEY (order_id, no)) WITHOUT ROWID;
CREATE TABLE nonce (app TEXT NOT NULL, nonce TEXT NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (app, nonce)) WITHOUT ROWID;
CREATE TABLE task (kind TEXT NOT NULL, subject TEXT NOT NULL, due INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)) WITHOUT ROWID;
CREATE INDEX task_by_due ON task (due);
CREATE TABLE event (seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL);
CREATE INDEX event_by_order ON event (order_id);
CREATE TABLE account (name TEXT PRIMARY KEY, balance INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO account VALUES ('user', 0);
";

/// Six statements: what creating an order writes, and a balance.
const ORDER: &str = "
INSERT INTO orders VALUES ($1, 'app', $2, 1, $3, $4, $5);
INSERT INTO attempt VALUES ($1, 1, $2);
INSERT INTO nonce VALUES ('app', $2, $5);
INSERT INTO task VALUES ('requery', $1, $5);
INSERT INTO event (order_id, at, what) VALUES ($1, $5, 'created');
UPDATE account SET balance = balance + $3 WHERE name = 'user';
";

/// Transactions per second, `group` of them to a commit.
pub(super) async fn measure(folder: &Path, plan: &Plan, group: usize) -> anyhow::Result<Rate> {
    let path = folder.join(format!("raw-{group}.db"));
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let mut conn = options.connect().await?;
    sqlx::raw_sql(SCHEMA).execute(&mut conn).await?;
    let script = if group == 1 { format!("BEGIN IMMEDIATE;{ORDER}COMMIT;") } else { ORDER.to_owned() };
    let body = "x".repeat(400);
    let mut number = 0_i64;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        let (began, first) = (Instant::now(), number);
        while began.elapsed() < plan.raw {
            if group > 1 {
                sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await?;
            }
            for _ in 0..group {
                number += 1;
                transaction(&mut conn, &script, number, &body).await?;
            }
            if group > 1 {
                sqlx::query("COMMIT").execute(&mut conn).await?;
            }
        }
        // The first round warms up.
        if round > 0 {
            rounds.push(per_second(u64::try_from(number - first)?, began.elapsed()));
        }
    }
    conn.close().await?;
    Ok(Rate::of(rounds))
}

async fn transaction(
    conn: &mut SqliteConnection,
    script: &str,
    number: i64,
    body: &str,
) -> Result<(), sqlx::Error> {
    // Only the two constant texts above are run.
    sqlx::query(AssertSqlSafe(script.to_owned()))
        .bind(format!("rch_{number:026}"))
        .bind(format!("{number:032x}"))
        .bind(number)
        .bind(body)
        .bind(1_795_484_459_000 + number)
        .execute(conn)
        .await
        .map(drop)
}
