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

#[cfg(test)]
mod tests {
    use sluice_core::change::{Change, TaskChange, TaskId, TaskKind};
    use sluice_core::id::{OrderId, OrderKind};
    use sluice_core::ledger::Account;
    use sluice_core::money::Currency;
    use sluice_core::time::Timestamp;
    use sqlx::{Connection as _, Executor as _, Row as _, SqliteConnection};

    use super::*;
    use crate::store::Store;
    use crate::store::unit::{LeaseRequest, LeasedTask, Outcome};

    async fn store(dir: &tempfile::TempDir) -> (Store, SqliteConnection) {
        let url = format!("sqlite://{}", dir.path().join("store.db").display());
        let store = Store::open(&url).await.unwrap();
        (store, SqliteConnection::connect(&url).await.unwrap())
    }

    fn task() -> TaskId {
        TaskId::order(TaskKind::Requery, OrderId::new(OrderKind::Withdraw, Timestamp(0), 1))
    }

    fn moved(due_at: Timestamp, guards: Vec<Guard>) -> Change {
        let next = TaskChange::Schedule { task: task(), due_at, attempt: 1, last_error: None };
        Change { guards, tasks: vec![next], ..Change::default() }
    }

    async fn lease(store: &Store, now: i64) -> LeasedTask {
        let (now, until) = (Timestamp(now), Timestamp(now + 10));
        let lanes = vec![("wallet".to_owned(), 1)];
        let request = LeaseRequest { now, until, owner: "worker".to_owned(), lanes };
        store.lease(request).await.unwrap().pop().unwrap()
    }

    async fn due_at(hand: &mut SqliteConnection) -> i64 {
        hand.fetch_one("SELECT due_at FROM task").await.unwrap().get(0)
    }

    /// A worker whose lease was over, and taken by another, writes nothing; nor does one whose task was moved meanwhile.
    #[tokio::test]
    async fn an_old_fencing_number_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (store, mut hand) = store(&dir).await;
        store.commit(moved(Timestamp(100), vec![])).await.unwrap();
        let first = lease(&store, 200).await;
        let second = lease(&store, 300).await;
        let fence = |fence| Guard::TaskFence { task: task(), fence };

        let late = store.commit(moved(Timestamp(1_000), vec![fence(first.fence)])).await.unwrap();
        assert_eq!((late, due_at(&mut hand).await), (Outcome::Refused(fence(first.fence)), 100));
        let own = store.commit(moved(Timestamp(2_000), vec![fence(second.fence)])).await.unwrap();
        assert_eq!((own, due_at(&mut hand).await), (Outcome::Done { audit_seq: None }, 2_000));
        let again = store.commit(moved(Timestamp(3_000), vec![fence(second.fence)])).await.unwrap();
        assert_eq!((again, due_at(&mut hand).await), (Outcome::Refused(fence(second.fence)), 2_000));
    }

    #[tokio::test]
    async fn a_balance_suffices_to_its_last_unit_in_its_own_currency() {
        let dir = tempfile::tempdir().unwrap();
        let (store, mut hand) = store(&dir).await;
        hand.execute("INSERT INTO account VALUES ('app:app_1:settlement', 'CNY', 'credit', 1, 500)")
            .await
            .unwrap();
        let usd: Currency = "USD".parse().unwrap();
        for (app, currency, minor, holds) in [
            ("app_1", Currency::CNY, 500, true),
            ("app_1", Currency::CNY, 501, false),
            ("app_1", usd, 1, false),
            ("app_2", Currency::CNY, 1, false),
        ] {
            let account = Account::AppSettlement { client_id: app.to_owned() };
            let guard = Guard::BalanceAtLeast { account, currency, minor };
            let outcome = store.commit(moved(Timestamp(1), vec![guard.clone()])).await.unwrap();
            let want = if holds { Outcome::Done { audit_seq: None } } else { Outcome::Refused(guard) };
            assert_eq!(outcome, want, "{app} {minor} {currency}");
        }
    }
}
