//! The audit log: pages, and the walk along its hash chain.

use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::audit_chain;
use crate::store::{Store, StoreError};

#[derive(Clone, Debug)]
pub(crate) struct AuditRow {
    pub(crate) seq: i64,
    pub(crate) at: Timestamp,
    pub(crate) operator: String,
    pub(crate) role: String,
    pub(crate) action: String,
    pub(crate) target: String,
    pub(crate) reason: String,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) request_id: String,
    pub(crate) hash: String,
}

/// What the walk found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChainCheck {
    pub(crate) entries: u64,
    /// The first row whose hash does not follow.
    pub(crate) broken_at: Option<i64>,
}

impl Store {
    /// Rows before a number, newest first.
    pub(crate) async fn audit_before(&self, seq: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2")
            .bind(seq)
            .bind(limit)
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(audit).collect()
    }

    /// What an operator did by a request, if it was done before.
    pub(crate) async fn audit_of_request(
        &self,
        operator: &str,
        request_id: &str,
    ) -> Result<Option<AuditRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit WHERE operator = $1 AND request_id = $2")
            .bind(operator.to_owned())
            .bind(request_id.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(audit).transpose()
    }

    /// Walks the whole chain, a page at a time.
    pub(crate) async fn check_audit_chain(&self) -> Result<ChainCheck, StoreError> {
        let (mut seq, mut former, mut entries) = (0, String::new(), 0);
        loop {
            let rows = sqlx::query("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1000")
                .bind(seq)
                .fetch_all(self.readers())
                .await?;
            if rows.is_empty() {
                return Ok(ChainCheck { entries, broken_at: None });
            }
            for row in rows.iter().map(audit) {
                let row = row?;
                let fields = audit_chain::Row {
                    seq: row.seq,
                    at: row.at.millis(),
                    operator: &row.operator,
                    role: &row.role,
                    action: &row.action,
                    target: &row.target,
                    reason: &row.reason,
                    before: &row.before,
                    after: &row.after,
                    request_id: &row.request_id,
                };
                // A gap in the numbers is a removed row.
                if row.seq != seq + 1 || audit_chain::hash(&former, &fields) != row.hash {
                    return Ok(ChainCheck { entries, broken_at: Some(row.seq) });
                }
                seq = row.seq;
                former = row.hash;
                entries += 1;
            }
        }
    }
}

fn audit(r: &SqliteRow) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        seq: r.try_get("seq")?,
        at: Timestamp(r.try_get("at")?),
        operator: r.try_get("operator")?,
        role: r.try_get("role")?,
        action: r.try_get("action")?,
        target: r.try_get("target")?,
        reason: r.try_get("reason")?,
        before: r.try_get("before")?,
        after: r.try_get("after")?,
        request_id: r.try_get("request_id")?,
        hash: r.try_get("hash")?,
    })
}
