//! The audit log's hash chain: each row's hash covers the row and the hash before it.

use sluice_core::signing::sha256_hex;

/// A row's fields as they are hashed.
pub(crate) struct Row<'a> {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) operator: &'a str,
    pub(crate) role: &'a str,
    pub(crate) action: &'a str,
    pub(crate) target: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) before: &'a str,
    pub(crate) after: &'a str,
    pub(crate) request_id: &'a str,
}

/// The hash of a row that follows `former` (empty for the first).
pub(crate) fn hash(former: &str, row: &Row<'_>) -> String {
    // A JSON array: no two different rows have the same text.
    let text = serde_json::json!([
        former,
        row.seq,
        row.at,
        row.operator,
        row.role,
        row.action,
        row.target,
        row.reason,
        row.before,
        row.after,
        row.request_id
    ]);
    sha256_hex(text.to_string().as_bytes())
}
