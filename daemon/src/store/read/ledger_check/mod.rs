//! The proof of the books, in one snapshot.
//!
//! Each check is a question to which the answer is every entry that breaks the books, in words. Reading order: [`books`]
//! (the ledger by itself), [`orders`] (what each order's state demands), [`suspense`], [`refunds`].

mod books;
mod orders;
mod refunds;
mod suspense;

use sqlx::{AssertSqlSafe, Row};

use super::ledger::{AccountRow, account};
use crate::store::{Store, StoreError};

/// At most so many entries are named by one check.
const NAMED: usize = 20;

/// What a proof found.
#[derive(Clone, Debug, Default)]
pub(crate) struct LedgerProof {
    pub(crate) journals: i64,
    /// Every entry that breaks the books, by name; empty: they hold.
    pub(crate) faults: Vec<String>,
}

impl Store {
    /// Proves the whole ledger: some seconds for a million lines.
    pub(crate) async fn prove_ledger(&self) -> Result<LedgerProof, StoreError> {
        self.ledger_proof(false).await.map(|(proof, _)| proof)
    }

    /// The same with every account, from the same moment.
    pub(crate) async fn ledger_snapshot(&self) -> Result<(LedgerProof, Vec<AccountRow>), StoreError> {
        self.ledger_proof(true).await
    }

    async fn ledger_proof(&self, accounts: bool) -> Result<(LedgerProof, Vec<AccountRow>), StoreError> {
        let mut snapshot = self.readers().begin().await?;
        let count = sqlx::query("SELECT count(*) FROM journal").fetch_one(&mut *snapshot).await?;
        let mut proof = LedgerProof { journals: count.try_get(0)?, faults: Vec::new() };
        for check in checks() {
            // Texts of this program only.
            let sql = AssertSqlSafe(format!("{check} LIMIT {NAMED}"));
            for row in sqlx::query(sql).fetch_all(&mut *snapshot).await? {
                proof.faults.push(row.try_get(0)?);
            }
        }
        let mut all = Vec::new();
        if accounts {
            let sql = "SELECT account, currency, side, balance FROM account ORDER BY account, currency";
            let rows = sqlx::query(sql).fetch_all(&mut *snapshot).await?;
            all = rows.iter().map(account).collect::<Result<_, _>>()?;
        }
        Ok((proof, all))
    }
}

/// Every check, what stands by itself first: the first entry that is named is the likeliest cause of the others.
fn checks() -> Vec<String> {
    let mut checks = Vec::from(books::CHECKS.map(str::to_owned));
    checks.extend(orders::checks());
    checks.extend(suspense::CHECKS.map(str::to_owned));
    checks.extend(refunds::CHECKS.map(str::to_owned));
    checks
}
