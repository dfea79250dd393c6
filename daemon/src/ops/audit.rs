//! The audit log: pages, newest first, and the walk along its hash chain.

use sluice_proto::v1 as pb;
use tonic::Status;

use super::cursor::{page, page_key, page_size};
use crate::daemon::Daemon;
use crate::store::read::audit::AuditRow;

pub(super) async fn list(d: &Daemon, ask: pb::ListAuditRequest) -> Result<pb::ListAuditReply, Status> {
    let size = page_size(ask.limit);
    let before = match page_key(&ask.cursor)? {
        Some(seq) => seq.parse().map_err(|_| Status::invalid_argument("cursor: of another list"))?,
        None => i64::MAX,
    };
    let rows = d.store.audit_before(before, size + 1).await?;
    let (rows, next_cursor) = page(rows, size, |row| row.seq.to_string());
    Ok(pb::ListAuditReply { items: rows.into_iter().map(entry).collect(), next_cursor })
}

pub(super) async fn verify(d: &Daemon) -> Result<pb::VerifyAuditReply, Status> {
    let check = d.store.check_audit_chain().await?;
    Ok(pb::VerifyAuditReply {
        ok: check.broken_at.is_none(),
        entries: check.entries,
        broken_at: check.broken_at.unwrap_or_default(),
    })
}

fn entry(row: AuditRow) -> pb::AuditEntry {
    pb::AuditEntry {
        seq: row.seq,
        at_ms: row.at.millis(),
        operator: row.operator,
        role: row.role,
        action: row.action,
        target: row.target,
        reason: row.reason,
        before_json: row.before,
        after_json: row.after,
        request_id: row.request_id,
        hash: row.hash,
    }
}
