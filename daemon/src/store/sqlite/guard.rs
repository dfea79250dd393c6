//! Guards as conditions: one statement tells which one does not hold.

use sluice_core::change::{CredentialCheck, Guard};

use super::risk;
use crate::store::script::{Script, Value, values};
use crate::store::unit::{AuditDraft, Unit};

/// The statement that answers 0 if everything holds, -1 if the operator's request was carried out before, and else
/// the number of the first guard that does not hold. `None`: nothing to check.
pub(super) fn check(unit: &Unit) -> Option<Script> {
    if unit.change.guards.is_empty() && unit.audit.is_none() {
        return None;
    }
    let mut script = Script::default();
    script.add("SELECT CASE", vec![]);
    if let Some(AuditDraft { operator, request_id, .. }) = &unit.audit {
        script.add(
            " WHEN EXISTS (SELECT 1 FROM audit WHERE operator = ? AND request_id = ?) THEN -1",
            values![operator, request_id],
        );
    }
    for (index, guard) in unit.change.guards.iter().enumerate() {
        script.add(" WHEN NOT (", vec![]);
        condition(&mut script, guard);
        script.add(&format!(") THEN {}", index + 1), vec![]);
    }
    script.add(" ELSE 0 END", vec![]);
    Some(script)
}

fn condition(script: &mut Script, guard: &Guard) {
    match guard {
        Guard::OrderVersion { order, row_version } => script.add(
            "EXISTS (SELECT 1 FROM orders WHERE order_id = ? AND row_version = ?)",
            values![*order, *row_version],
        ),
        Guard::MerchantOrderNoFree { client_id, kind, merchant_order_no } => script.add(
            "NOT EXISTS (SELECT 1 FROM orders WHERE client_id = ? AND kind = ? AND merchant_order_no = ?)",
            values![client_id, *kind, merchant_order_no],
        ),
        Guard::NonceUnused { client_id, nonce } => script.add(
            "NOT EXISTS (SELECT 1 FROM nonce WHERE client_id = ? AND nonce = ?)",
            values![client_id, nonce],
        ),
        Guard::BalanceAtLeast { account, currency, minor } => script.add(
            "EXISTS (SELECT 1 FROM account WHERE account = ? AND currency = ? AND balance >= ?)",
            values![account.to_string(), currency.code(), *minor],
        ),
        Guard::SuspenseIs { order, key, state } => script.add(
            "EXISTS (SELECT 1 FROM suspense WHERE order_id = ? AND key = ? AND state = ?)",
            values![*order, key, state.name()],
        ),
        Guard::Credentials(check) => script.add(CREDENTIALS, credential_values(check)),
        Guard::PasswordIsCurrent { client_id, order_type, version } => script.add(
            "EXISTS (SELECT 1 FROM access_password \
             WHERE client_id = ? AND order_type = ? AND version = ? AND current = 1)",
            values![client_id, order_type.name(), *version],
        ),
        Guard::TaskFence { task, fence } => script.add(
            "EXISTS (SELECT 1 FROM task WHERE kind = ? AND subject = ? AND fence = ?)",
            values![task.kind.name(), &task.subject, *fence],
        ),
        Guard::Risk(condition) => risk::condition(script, condition),
    }
}

/// Whether what verified a request is valid still, and its app and type are not suspended meanwhile. Used by writes here, and by the reads that answer requests.
pub(in crate::store) const CREDENTIALS: &str = "EXISTS (SELECT 1 FROM access_password \
     WHERE client_id = ? AND order_type = ? AND version = ? AND (current = 1 OR grace_until > ?)) \
     AND EXISTS (SELECT 1 FROM merchant_key \
     WHERE client_id = ? AND key_id = ? AND revoked_at IS NULL AND (not_after IS NULL OR not_after > ?)) \
     AND NOT EXISTS (SELECT 1 FROM app_suspension WHERE client_id = ? AND order_type IN ('', ?))";

/// The values of [`CREDENTIALS`].
pub(in crate::store) fn credential_values(check: &CredentialCheck) -> Vec<Value> {
    values![
        &check.client_id,
        check.order_type.name(),
        check.password_version,
        check.at,
        &check.client_id,
        &check.key_id,
        check.at,
        &check.client_id,
        check.order_type.name()
    ]
}
