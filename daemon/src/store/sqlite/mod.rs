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
    migrate(&mut writer).await?;
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

async fn migrate(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        let sql = sqlx::SqlSafeStr::into_sql_str(*sql);
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    });
    let migrator = Migrator { migrations: migrations.collect::<Vec<_>>().into(), ..Migrator::DEFAULT };
    // Two processes may start at once: the first takes the write lock, the second finds the work done.
    conn.ping().await?;
    migrator.run(&mut *conn).await.map_err(|e| StoreError::Migrate(e.to_string()))
}
