//! What operators decide about money as statements.

use serde_json::json;

use crate::store::desk::DeskRecord;
use crate::store::script::{Script, values};

pub(super) fn record(script: &mut Script, record: &DeskRecord) {
    match record {
        DeskRecord::Propose(p) => script.statement(
            "INSERT OR REPLACE INTO proposal (kind, order_id, key, decision, bill_line, reason, proposed_by, \
             proposed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values![
                p.matter.kind(),
                p.matter.order(),
                p.matter.key(),
                &p.decision,
                &p.bill_line,
                &p.reason,
                &p.by,
                p.at
            ],
        ),
        DeskRecord::Settle(matter) => script.statement(
            "DELETE FROM proposal WHERE kind = ? AND order_id = ? AND key = ?",
            values![matter.kind(), matter.order(), matter.key()],
        ),
        DeskRecord::Deciders { order, key, by, reason } => script.statement(
            "UPDATE suspense SET decided_by = ?, decided_reason = ? WHERE order_id = ? AND key = ?",
            values![json!(by).to_string(), reason, *order, key],
        ),
    }
}

/// Which proposals still wait, of `proposal p` beside `orders o` and, where it is about suspense, `suspense s`. What a
/// channel has said meanwhile may have ended the matter.
pub(in crate::store) const WAITS: &str =
    "CASE p.kind WHEN 'suspense' THEN s.state = 'open' ELSE o.machine_state IN (0, 1, 2) END";

/// Forgets proposals that nobody waits for any more.
pub(super) fn expire(script: &mut Script) {
    script.statement(
        &format!(
            "DELETE FROM proposal WHERE (kind, order_id, key) NOT IN (SELECT p.kind, p.order_id, p.key \
             FROM proposal p JOIN orders o USING (order_id) \
             LEFT JOIN suspense s ON p.kind = 'suspense' AND s.order_id = p.order_id AND s.key = p.key WHERE {WAITS})"
        ),
        vec![],
    );
}
