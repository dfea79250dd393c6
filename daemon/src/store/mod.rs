//! The only place with SQL. Decisions come in as [`unit::Unit`]s and are written whole; everything else here reads.
//!
//! Reading order: [`unit`] (what is written together), `sqlite/` (how), then `read/` (one file per question).

mod audit_chain;
pub(crate) mod desk;
pub(crate) mod read;
pub(crate) mod risk;
mod script;
mod sqlite;
pub(crate) mod unit;

use std::sync::Arc;

use sqlx::SqlitePool;
use tokio::sync::{Notify, watch};

pub(crate) use self::sqlite::writer::Signals;
use self::sqlite::writer::Writer;
use self::unit::{LeaseRequest, LeasedTask, Outcome, Unit};

/// The database.
#[derive(Clone)]
pub(crate) struct Store {
    writer: Writer,
    readers: SqlitePool,
    signals: Signals,
    url: String,
}

/// Why the database did not do it. Never the effect of an input.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the store's URL is wrong: {0}")]
    Url(String),
    #[error("the database can't be brought to this version: {0}")]
    Migrate(String),
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("a row is not readable: {0}")]
    Row(&'static str),
    #[error("the store has stopped")]
    Stopped,
}

impl Store {
    /// Opens the database, creating and migrating it.
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let opened = sqlite::open(url).await?;
        let signals = Signals { events: watch::Sender::new(0), tasks: Arc::new(Notify::new()) };
        let writer = Writer::start(opened.writer, signals.clone());
        Ok(Self { writer, readers: opened.readers, signals, url: url.to_owned() })
    }

    /// Writes a unit, or nothing of it.
    pub(crate) async fn commit(&self, unit: impl Into<Unit>) -> Result<Outcome, StoreError> {
        self.writer.commit(unit.into()).await
    }

    /// Leases due tasks.
    pub(crate) async fn lease(&self, request: LeaseRequest) -> Result<Vec<LeasedTask>, StoreError> {
        self.writer.lease(request).await
    }

    /// Folds the write-ahead log into the database file: after a stop, one file holds everything.
    pub(crate) async fn fold(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        sqlite::fold(&self.url).await
    }

    /// What is told after commits.
    pub(crate) fn signals(&self) -> &Signals {
        &self.signals
    }

    fn readers(&self) -> &SqlitePool {
        &self.readers
    }
}
