//! SQLite: WAL, `synchronous=FULL`, one writer that groups commits, a few readers.

mod change;
pub(in crate::store) mod desk;
pub(in crate::store) mod guard;
mod record;
mod risk;
pub(in crate::store) mod writer;

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::StoreError;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "initial", include_str!("../../../../migrations/sqlite/0001_initial.sql")),
    (2, "order_kinds", include_str!("../../../../migrations/sqlite/0002_order_kinds.sql")),
    (3, "risk", include_str!("../../../../migrations/sqlite/0003_risk.sql")),
    (4, "desk", include_str!("../../../../migrations/sqlite/0004_desk.sql")),
];

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

const READERS: u32 = 4;

pub(super) struct Opened {
    pub(super) writer: SqliteConnection,
    pub(super) readers: SqlitePool,
}

/// Opens the database of a `sqlite:` URL, creating and migrating it.
pub(super) async fn open(url: &str) -> Result<Opened, StoreError> {
    let options = options(url)?;
    private(options.get_filename())?;
    let mut writer = options.connect().await?;
    migrate(&mut writer, MIGRATIONS).await?;
    let readers = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(READERS)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "true"))
        .await?;
    Ok(Opened { writer, readers })
}

/// Folds the write-ahead log into the database file.
pub(super) async fn fold(url: &str) -> Result<(), StoreError> {
    let mut conn = options(url)?.connect().await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

fn options(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|e| StoreError::Url(e.to_string()))?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .statement_cache_capacity(512)
        .pragma("wal_autocheckpoint", "4000")
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .disable_statement_logging())
}

/// A new database is its owner's alone; what SQLite puts beside it takes the same mode.
fn private(path: &std::path::Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Url(format!("{}: {error}", path.display()))),
    }
}

async fn migrate(
    conn: &mut SqliteConnection,
    migrations: &[(i64, &'static str, &'static str)],
) -> Result<(), StoreError> {
    let migrations = migrations.iter().map(|(version, name, sql)| {
        let sql = sqlx::SqlSafeStr::into_sql_str(*sql);
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    });
    let migrator = Migrator { migrations: migrations.collect::<Vec<_>>().into(), ..Migrator::DEFAULT };
    // Two processes may start at once: the first takes the write lock, the second finds the work done.
    conn.ping().await?;
    migrator.run(&mut *conn).await.map_err(|e| StoreError::Migrate(e.to_string()))
}

#[cfg(test)]
mod tests {
    use sluice_core::order::{AnyOrder, Payment, State as _};
    use sluice_core::time::Timestamp;
    use sqlx::Executor as _;

    use super::*;
    use crate::store::Store;

    /// Recharges of before other kinds came are read as they were written.
    #[tokio::test]
    async fn an_order_of_the_first_schema_is_read_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("store.db").display());
        let mut old = options(&url).unwrap().connect().await.unwrap();
        migrate(&mut old, &MIGRATIONS[..1]).await.unwrap();
        let id = "rch_01M88F1D9893S4QHJPRVTJPM2J";
        old.execute(sqlx::AssertSqlSafe(format!(
            "INSERT INTO merchant VALUES ('m', 'M', 'active', 0);
             INSERT INTO app (client_id, merchant_id, name, secret_digest, status, order_types, created_at)
             VALUES ('app_1', 'm', 'a', '', 'active', 'recharge', 0);
             INSERT INTO fee_rule VALUES ('app_1', 'recharge', '', 6000, 0, 0, NULL);
             INSERT INTO orders (order_id, kind, client_id, merchant_order_no, user_ref, amount_minor, currency,
               fee_minor, subject, method, channel, metadata, content_digest, state, state_version, row_version, flags,
               payment, created_at, updated_at, paid_at, expires_at, close_requested_at, paid_ref, notified)
             VALUES ('{id}', 'recharge', 'app_1', 'A-1', 'u1', 8888, 'CNY', 53, '充值', 'qr', 'alipay', '{{}}', 'd', 3, 2,
               4, '[\"late\"]', '{{\"kind\":\"qr\",\"content\":\"https://qr.example/1\"}}', 1, 2, 3, 99, 1795560000123,
               'T1', 1);
             INSERT INTO attempt (order_id, no, channel, channel_ref, state, sends, queries, sent_at, code, message)
             VALUES ('{id}', 1, 'alipay', 'R1', 'accepted', 1, 0, 1, '', '')"
        )))
        .await
        .unwrap();
        old.close().await.unwrap();

        let store = Store::open(&url).await.unwrap();
        let Some(AnyOrder::Recharge(order)) = store.order(id.parse().unwrap()).await.unwrap() else {
            panic!("it is not there");
        };
        assert_eq!((order.state.number(), order.fee, order.row_version), (3, 53, 4));
        assert_eq!((order.details.subject.as_str(), order.expires_at), ("充值", Some(Timestamp(99))));
        assert_eq!(order.details.payment, Some(Payment::Qr { content: "https://qr.example/1".to_owned() }));
        assert_eq!(order.details.close_requested_at, Some(Timestamp(1_795_560_000_123)));
        assert_eq!((order.details.paid_ref.as_deref(), order.details.notified), (Some("T1"), true));
        assert_eq!(order.attempt().unwrap().channel, "alipay");
        let tariff = store
            .tariff("app_1", sluice_core::signing::OrderType::Recharge, "alipay", Timestamp(1))
            .await
            .unwrap();
        assert_eq!(tariff.rule.on(8888), 53);
    }
}
