//! The ledger: what the check needs, in one snapshot, and an order's journals.

use sluice_core::id::OrderId;
use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::{Store, StoreError};

/// The sums of one account.
#[derive(Clone, Debug)]
pub(crate) struct AccountSums {
    pub(crate) account: String,
    pub(crate) currency: String,
    pub(crate) side: String,
    /// The kept balance, on the account's own side.
    pub(crate) balance: i64,
    /// The postings' sum: debit positive.
    pub(crate) postings: i64,
}

/// Everything the ledger check looks at, from one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct LedgerSnapshot {
    pub(crate) accounts: Vec<AccountSums>,
    /// Journals that do not sum to zero, or whose postings are in another currency.
    pub(crate) unbalanced: Vec<String>,
    /// Credited orders without exactly one credit, and credits of orders that are not credited.
    pub(crate) miscredited: Vec<String>,
    /// Suspense rows without a journal of the same amount, or the other way round.
    pub(crate) suspense_mismatch: Vec<String>,
    pub(crate) journals: i64,
}

/// A journal of an order with its postings.
#[derive(Clone, Debug)]
pub(crate) struct JournalRow {
    pub(crate) journal_id: i64,
    pub(crate) kind: String,
    pub(crate) at: Timestamp,
    pub(crate) postings: Vec<(String, i64, String)>,
}

impl Store {
    /// Reads the whole ledger's sums in one snapshot.
    pub(crate) async fn ledger_snapshot(&self) -> Result<LedgerSnapshot, StoreError> {
        let mut tx = self.readers().begin().await?;
        let accounts = sqlx::query(
            "SELECT account, currency, coalesce(a.side, '?') AS side, coalesce(a.balance, 0) AS balance, \
             coalesce(p.sum, 0) AS postings FROM account a FULL JOIN \
             (SELECT account, currency, sum(minor) AS sum FROM posting GROUP BY account, currency) p \
             USING (account, currency) ORDER BY account, currency",
        )
        .fetch_all(&mut *tx)
        .await?
        .iter()
        .map(|r| {
            Ok(AccountSums {
                account: r.try_get("account")?,
                currency: r.try_get("currency")?,
                side: r.try_get("side")?,
                balance: r.try_get("balance")?,
                postings: r.try_get("postings")?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
        let mut texts = async |sql: &'static str| -> Result<Vec<String>, StoreError> {
            let rows = sqlx::query(sql).fetch_all(&mut *tx).await?;
            rows.iter().map(|r| r.try_get(0).map_err(StoreError::from)).collect()
        };
        let unbalanced = texts(
            "SELECT 'journal ' || j.journal_id || ' of ' || j.order_id || ' (' || j.kind || ')' FROM journal j \
             LEFT JOIN posting p USING (journal_id) GROUP BY j.journal_id \
             HAVING coalesce(sum(p.minor), 1) <> 0 OR max(p.currency <> j.currency) ORDER BY j.journal_id LIMIT 20",
        )
        .await?;
        let miscredited = texts(
            "SELECT o.order_id || ' in state ' || o.state || ' has ' || count(j.journal_id) || ' credits' FROM orders o \
             LEFT JOIN journal j ON j.order_id = o.order_id AND (j.kind = 'recharge_credit' \
               OR (j.kind = 'suspense_apply' AND j.key = o.details ->> 'paid_ref')) WHERE o.kind = 'recharge' \
             GROUP BY o.order_id HAVING count(j.journal_id) <> (o.machine_state IN (3, 4)) LIMIT 20",
        )
        .await?;
        let suspense_mismatch = texts(
            "SELECT order_id || ' ' || key FROM \
             (SELECT order_id, key, amount_minor FROM suspense) s FULL JOIN \
             (SELECT j.order_id, j.key, -p.minor AS booked FROM journal j JOIN posting p USING (journal_id) \
              WHERE j.kind = 'recharge_suspense' AND p.account = 'suspense') b USING (order_id, key) \
             WHERE s.amount_minor IS NOT b.booked AND order_id NOT LIKE 'wdr_%' LIMIT 20",
        )
        .await?;
        let journals = sqlx::query("SELECT count(*) FROM journal").fetch_one(&mut *tx).await?.try_get(0)?;
        Ok(LedgerSnapshot { accounts, unbalanced, miscredited, suspense_mismatch, journals })
    }

    /// An order's journals, oldest first.
    pub(crate) async fn journals(&self, order: OrderId) -> Result<Vec<JournalRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT j.journal_id, j.kind, j.at, p.account, p.minor, p.currency FROM journal j \
             JOIN posting p USING (journal_id) WHERE j.order_id = $1 ORDER BY j.journal_id, p.posting_id",
        )
        .bind(order.to_string())
        .fetch_all(self.readers())
        .await?;
        let mut journals: Vec<JournalRow> = Vec::new();
        for r in &rows {
            let journal_id: i64 = r.try_get("journal_id")?;
            if journals.last().is_none_or(|j| j.journal_id != journal_id) {
                let (kind, at) = (r.try_get("kind")?, Timestamp(r.try_get("at")?));
                journals.push(JournalRow { journal_id, kind, at, postings: Vec::new() });
            }
            if let Some(journal) = journals.last_mut() {
                journal.postings.push((r.try_get("account")?, r.try_get("minor")?, r.try_get("currency")?));
            }
        }
        Ok(journals)
    }
}

impl LedgerSnapshot {
    /// Everything that is off, in words; empty: the books hold.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut totals = std::collections::BTreeMap::<&str, i128>::new();
        for a in &self.accounts {
            *totals.entry(&a.currency).or_default() += i128::from(a.postings);
            let kept = if a.side == "debit" { a.balance } else { -a.balance };
            if kept != a.postings {
                let (account, currency) = (&a.account, &a.currency);
                faults
                    .push(format!("{account} ({currency}) keeps {kept}, its postings sum to {}", a.postings));
            }
        }
        for (currency, total) in totals {
            if total != 0 {
                faults.push(format!("the trial balance of {currency} is {total}, not zero"));
            }
        }
        faults.extend(self.unbalanced.iter().map(|t| format!("{t} is not balanced")));
        faults.extend(self.miscredited.iter().cloned());
        faults
            .extend(self.suspense_mismatch.iter().map(|t| format!("suspense of {t} is not what is booked")));
        faults
    }
}
