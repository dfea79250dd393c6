//! The wallet's keys.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

/// A wallet key as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct WalletKeyRow {
    pub(crate) key_id: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) spki_pem: String,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) former_key_id: Option<String>,
    pub(crate) former_signature: Option<String>,
}

impl Store {
    /// Every wallet key, oldest first.
    pub(crate) async fn wallet_keys(&self) -> Result<Vec<WalletKeyRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT key_id, sealed, spki_pem, not_before, not_after, former_key_id, former_signature \
             FROM wallet_key ORDER BY not_before, key_id",
        )
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                Ok(WalletKeyRow {
                    key_id: r.try_get("key_id")?,
                    sealed: r.try_get("sealed")?,
                    spki_pem: r.try_get("spki_pem")?,
                    not_before: Timestamp(r.try_get("not_before")?),
                    not_after: r.try_get::<Option<i64>, _>("not_after")?.map(Timestamp),
                    former_key_id: r.try_get("former_key_id")?,
                    former_signature: r.try_get("former_signature")?,
                })
            })
            .collect()
    }
}
