//! Operators by their tokens.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

/// An operator whose token is valid.
#[derive(Clone, Debug)]
pub(crate) struct OperatorRow {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Store {
    /// The operator of a token that is valid now.
    pub(crate) async fn operator(
        &self,
        token_digest: &str,
        now: Timestamp,
    ) -> Result<Option<OperatorRow>, StoreError> {
        let row = sqlx::query(
            "SELECT name, role, expires_at FROM operator WHERE token_digest = $1 AND disabled_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(token_digest.to_owned())
        .bind(now.millis())
        .fetch_optional(self.readers())
        .await?;
        let Some(r) = row else { return Ok(None) };
        Ok(Some(OperatorRow {
            name: r.try_get("name")?,
            role: r.try_get("role")?,
            expires_at: r.try_get::<Option<i64>, _>("expires_at")?.map(Timestamp),
        }))
    }
}
