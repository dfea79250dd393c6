//! Balances and statements (流水) of one owner, for an answer to its app: the check and the rows are of one snapshot.

use sluice_core::change::CredentialCheck;
use sluice_core::ledger::Account;
use sluice_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::orders::Checked;
use crate::store::script::{Script, values};
use crate::store::sqlite::guard::{CREDENTIALS, credential_values};
use crate::store::{Store, StoreError};

/// What an account holds, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) account: String,
    pub(crate) currency: String,
    pub(crate) minor: i64,
}

/// One line of a statement.
#[derive(Clone, Debug)]
pub(crate) struct StatementLine {
    pub(crate) entry: i64,
    pub(crate) journal_id: i64,
    pub(crate) at: Timestamp,
    /// The journal's kind.
    pub(crate) kind: String,
    pub(crate) order_id: String,
    pub(crate) merchant_order_no: String,
    /// What the balance gained; negative: lost.
    pub(crate) gain: i64,
    pub(crate) currency: String,
    /// The balance after it.
    pub(crate) balance: i64,
}

/// Which lines of an account, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct StatementPage {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    /// Only lines after this entry.
    pub(crate) after: i64,
    pub(crate) limit: u32,
}

/// Lines of statements, in no order.
pub(super) const LINES: &str = "SELECT p.posting_id, p.journal_id, j.at, j.kind, j.order_id, o.merchant_order_no, \
    p.minor, p.currency, p.balance_after, a.side FROM posting p JOIN account a USING (account, currency) \
    JOIN journal j USING (journal_id) JOIN orders o USING (order_id)";

impl Store {
    /// What accounts hold, in every currency they were used in.
    pub(crate) async fn balances_checked(
        &self,
        check: &CredentialCheck,
        accounts: &[Account],
    ) -> Result<Checked<Vec<Balance>>, StoreError> {
        let Some(mut snapshot) = self.snapshot(check).await? else { return Ok(Checked::Stale) };
        let names: Vec<_> = accounts.iter().map(Account::to_string).collect();
        let rows = sqlx::query(
            "SELECT a.account, a.currency, a.balance FROM json_each($1) j \
             CROSS JOIN account a ON a.account = j.value ORDER BY a.currency, a.account",
        )
        .bind(serde_json::json!(names).to_string())
        .fetch_all(&mut *snapshot)
        .await?;
        let balances = rows.iter().map(|r| {
            let (account, currency) = (r.try_get("account")?, r.try_get("currency")?);
            Ok(Balance { account, currency, minor: r.try_get("balance")? })
        });
        balances.collect::<Result<_, StoreError>>().map(Checked::Valid)
    }

    /// A page of an account's postings.
    pub(crate) async fn statement_checked(
        &self,
        check: &CredentialCheck,
        account: &Account,
        page: &StatementPage,
    ) -> Result<Checked<Vec<StatementLine>>, StoreError> {
        let Some(mut snapshot) = self.snapshot(check).await? else { return Ok(Checked::Stale) };
        let mut script = Script::default();
        script.add(
            &format!("{LINES} WHERE p.account = ? AND p.posting_id > ?"),
            values![account.to_string(), page.after],
        );
        if let Some(from) = page.from {
            script.add(" AND j.at >= ?", values![from]);
        }
        if let Some(to) = page.to {
            script.add(" AND j.at < ?", values![to]);
        }
        script.add(" ORDER BY p.posting_id LIMIT ?", values![page.limit]);
        let rows = script.query()?.fetch_all(&mut *snapshot).await?;
        rows.iter().map(line).collect::<Result<_, StoreError>>().map(Checked::Valid)
    }

    /// A snapshot in which the credentials are valid; `None`: they are not any more.
    async fn snapshot(&self, check: &CredentialCheck) -> Result<Option<Transaction<'_, Sqlite>>, StoreError> {
        let mut transaction = self.readers().begin().await?;
        let mut script = Script::default();
        script.add(&format!("SELECT {CREDENTIALS}"), credential_values(check));
        let valid: i64 = script.query()?.fetch_one(&mut *transaction).await?.try_get(0)?;
        Ok((valid != 0).then_some(transaction))
    }
}

/// A row of [`LINES`].
pub(super) fn line(r: &SqliteRow) -> Result<StatementLine, StoreError> {
    let minor: i64 = r.try_get("minor")?;
    let side: String = r.try_get("side")?;
    Ok(StatementLine {
        entry: r.try_get("posting_id")?,
        journal_id: r.try_get("journal_id")?,
        at: Timestamp(r.try_get("at")?),
        kind: r.try_get("kind")?,
        order_id: r.try_get("order_id")?,
        merchant_order_no: r.try_get("merchant_order_no")?,
        gain: if side == "debit" { minor } else { -minor },
        currency: r.try_get("currency")?,
        balance: r.try_get("balance_after")?,
    })
}
