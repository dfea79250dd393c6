//! SQLite as the daemon uses it, with nothing of the daemon around: WAL, `synchronous=FULL`, a transaction's
//! statements in one query with numbered parameters, by sqlx.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;
use std::time::Instant;

use crate::measure::{Plan, ROUNDS, Rate, per_second};

/// How many transactions share a commit in the grouped form.
pub(crate) const GROUP: usize = 32;

/// What a transaction is like: the tables that it needs, and its statements. `$1` is the order's id, `$2` a number
/// that is unique too, `$3` an amount, `$4` a body, `$5` a time.
pub(super) struct Shape {
    name: &'static str,
    schema: &'static str,
    statements: &'static str,
}

/// Six statements: what creating an order writes, and a balance. The indexes are those that such tables have.
pub(super) const ORDER: Shape = Shape {
    name: "order",
    schema: "
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
",
    statements: "
INSERT INTO orders VALUES ($1, 'app', $2, 1, $3, $4, $5);
INSERT INTO attempt VALUES ($1, 1, $2);
INSERT INTO nonce VALUES ('app', $2, $5);
INSERT INTO task VALUES ('requery', $1, $5);
INSERT INTO event (order_id, at, what) VALUES ($1, $5, 'created');
UPDATE account SET balance = balance + $3 WHERE name = 'user';
",
};

/// Ten statements: what a direct trade can't do without, between order and callback. One payer among many users pays
/// all of them, so that every transaction writes the same two rows; a balance below zero is refused by the table.
pub(super) const TRADE: Shape = Shape {
    name: "trade",
    schema: "
CREATE TABLE orders (order_id TEXT PRIMARY KEY, app TEXT NOT NULL, number TEXT NOT NULL, state INTEGER NOT NULL,
  amount INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (app, number)) WITHOUT ROWID;
CREATE INDEX orders_by_state ON orders (state, at);
CREATE TABLE nonce (app TEXT NOT NULL, nonce TEXT NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (app, nonce)) WITHOUT ROWID;
CREATE TABLE account (name TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0)) WITHOUT ROWID;
CREATE TABLE journal (journal_id INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL);
CREATE TABLE posting (posting_id INTEGER PRIMARY KEY, journal_id INTEGER NOT NULL, account TEXT NOT NULL,
  minor INTEGER NOT NULL, balance_after INTEGER NOT NULL);
CREATE INDEX posting_by_journal ON posting (journal_id);
CREATE INDEX posting_by_account ON posting (account, posting_id);
CREATE TABLE callback (callback_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX callback_by_order ON callback (order_id);
CREATE TABLE task (kind TEXT NOT NULL, subject TEXT NOT NULL, due INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)) WITHOUT ROWID;
CREATE INDEX task_by_due ON task (due);
CREATE TABLE event (seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL);
CREATE INDEX event_by_order ON event (order_id);
WITH RECURSIVE user (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM user WHERE n < 9999)
  INSERT INTO account SELECT printf('user:%04d', n), 1000000000000000 FROM user;
INSERT INTO account VALUES ('app', 0);
",
    statements: "
INSERT INTO orders VALUES ($1, 'app', $2, 3, $3, $4, $5);
INSERT INTO nonce VALUES ('app', $2, $5);
UPDATE account SET balance = balance - $3 WHERE name = 'user:4711';
UPDATE account SET balance = balance + $3 WHERE name = 'app';
INSERT INTO journal (order_id, at) VALUES ($1, $5);
INSERT INTO posting (journal_id, account, minor, balance_after)
  SELECT journal_id, name, $3, balance FROM journal, account WHERE order_id = $1 AND name = 'user:4711';
INSERT INTO posting (journal_id, account, minor, balance_after)
  SELECT journal_id, name, -$3, balance FROM journal, account WHERE order_id = $1 AND name = 'app';
INSERT INTO callback VALUES ($2, $1, $4);
INSERT INTO task VALUES ('callback', $2, $5);
INSERT INTO event (order_id, at, what) VALUES ($1, $5, 'settled');
",
};

/// Transactions per second, `group` of them to a commit.
pub(super) async fn measure(folder: &Path, plan: &Plan, shape: &Shape, group: usize) -> anyhow::Result<Rate> {
    let mut conn = open(folder, shape, group).await?;
    let statements = shape.statements;
    let script =
        if group == 1 { format!("BEGIN IMMEDIATE;{statements}COMMIT;") } else { statements.to_owned() };
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

async fn open(folder: &Path, shape: &Shape, group: usize) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(format!("raw-{}-{group}.db", shape.name)))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let mut conn = options.connect().await?;
    sqlx::raw_sql(shape.schema).execute(&mut conn).await?;
    Ok(conn)
}

async fn transaction(
    conn: &mut SqliteConnection,
    script: &str,
    number: i64,
    body: &str,
) -> Result<(), sqlx::Error> {
    // Only the constant texts above are run.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_trade_moves_money_once_and_never_more_than_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = open(folder.path(), &TRADE, 2).await.unwrap();
        for number in [7, 8] {
            transaction(&mut conn, TRADE.statements, number, "body").await.unwrap();
        }
        let sums = "SELECT sum(minor), sum(abs(minor)), count(DISTINCT journal_id) FROM posting";
        let sums: (i64, i64, i64) = sqlx::query_as(sums).fetch_one(&mut conn).await.unwrap();
        assert_eq!(sums, (0, 30, 2));
        let last = "SELECT account, balance_after FROM posting ORDER BY posting_id DESC LIMIT 2";
        let last: Vec<(String, i64)> = sqlx::query_as(last).fetch_all(&mut conn).await.unwrap();
        assert_eq!(last, [("app".to_owned(), 15), ("user:4711".to_owned(), 999_999_999_999_985)]);
        let refused = transaction(&mut conn, TRADE.statements, 2_000_000_000_000_000, "body").await;
        assert!(refused.is_err_and(|error| error.to_string().contains("CHECK")));
    }
}
