//! The daemon's database, read for audits only.

use sluice_sim::stand::Stand;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Row as _};
use std::collections::BTreeMap;
use std::str::FromStr as _;
use std::time::Duration;

/// The sandbox's database. Reading never holds up the daemon: it is in WAL mode.
pub(crate) struct Database(SqlitePool);

impl Database {
    pub(crate) async fn open(stand: &Stand) -> Self {
        let options = SqliteConnectOptions::from_str(&stand.file().store).unwrap();
        let options = options.busy_timeout(Duration::from_secs(10)).disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(1);
        Self(pool.connect_with(options.pragma("query_only", "true")).await.unwrap())
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query(sql).fetch_one(&self.0).await.unwrap().get(0)
    }

    /// The first column, as texts.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query(sql).fetch_all(&self.0).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// The first column, as texts, of a query with `$1`, `$2`, ….
    pub(crate) async fn texts_of(&self, sql: &'static str, values: &[&str]) -> Vec<String> {
        let query = values.iter().fold(sqlx::query(sql), |query, value| query.bind((*value).to_owned()));
        query.fetch_all(&self.0).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Rows of integers and texts, as JSON: `SELECT json_array(…)` or `json_object(…)`.
    pub(crate) async fn json(&self, sql: &'static str) -> Vec<serde_json::Value> {
        self.texts(sql).await.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    /// How many rows each table has.
    pub(crate) async fn row_counts(&self) -> BTreeMap<String, i64> {
        let tables = self
            .texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
            .await;
        let mut counts = BTreeMap::new();
        for table in tables {
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM \"{table}\""));
            counts.insert(table, sqlx::query(sql).fetch_one(&self.0).await.unwrap().get(0));
        }
        counts
    }
}
