//! The books as operators look at them: accounts, statements, journals, the trial balance.

use sluice_core::id::OrderId;
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::statements::{LINES, StatementLine, line};
use crate::store::script::{Script, Value, values};
use crate::store::{Store, StoreError};

/// An account with what it holds.
#[derive(Clone, Debug)]
pub(crate) struct AccountRow {
    pub(crate) account: String,
    pub(crate) currency: String,
    /// debit or credit.
    pub(crate) side: String,
    /// In minor units, on the account's own side.
    pub(crate) balance: i64,
}

impl AccountRow {
    /// The balance as a debit; a credit is negative.
    pub(crate) fn debit(&self) -> i64 {
        if self.side == "debit" { self.balance } else { -self.balance }
    }
}

/// Which accounts a list holds, by name. Empty fields do not filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountFilter {
    /// The beginning of the name.
    pub(crate) prefix: String,
    /// Any part of it, in any case.
    pub(crate) text: String,
    pub(crate) currency: String,
    /// Only accounts after this one, and this currency.
    pub(crate) after: Option<(String, String)>,
    pub(crate) limit: u32,
}

/// Which lines of an account.
#[derive(Clone, Debug)]
pub(crate) struct LinesPage {
    pub(crate) account: String,
    pub(crate) currency: String,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) oldest_first: bool,
    /// Only lines behind this entry, in the page's direction.
    pub(crate) after: Option<i64>,
    pub(crate) limit: u32,
}

/// A journal with its lines.
#[derive(Clone, Debug)]
pub(crate) struct JournalRow {
    pub(crate) journal_id: i64,
    pub(crate) order: OrderId,
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) currency: String,
    pub(crate) at: Timestamp,
    pub(crate) lines: Vec<JournalLine>,
}

/// One line of a journal.
#[derive(Clone, Debug)]
pub(crate) struct JournalLine {
    pub(crate) account: String,
    /// Debit positive, credit negative.
    pub(crate) minor: i64,
    /// The account's balance after it, on its own side.
    pub(crate) balance: i64,
}

/// All accounts of one currency, summed up by the side on which they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrialSums {
    pub(crate) currency: String,
    pub(crate) debit: i64,
    pub(crate) credit: i64,
}

impl Store {
    /// A page of accounts, by name and currency.
    pub(crate) async fn accounts(&self, f: &AccountFilter) -> Result<Vec<AccountRow>, StoreError> {
        let mut script = Script::default();
        script.add("SELECT account, currency, side, balance FROM account WHERE 1", vec![]);
        if let Some((account, currency)) = &f.after {
            script.add(" AND (account, currency) > (?, ?)", values![account, currency]);
        }
        if !f.prefix.is_empty() {
            // No name is greater than its beginning with the last of all characters behind it.
            script.add(
                " AND account >= ? AND account < ?",
                values![&f.prefix, format!("{}{}", f.prefix, char::MAX)],
            );
        }
        if !f.text.is_empty() {
            script.add(" AND account LIKE ? ESCAPE '\\'", values![anywhere(&f.text)]);
        }
        if !f.currency.is_empty() {
            script.add(" AND currency = ?", values![&f.currency]);
        }
        script.add(" ORDER BY account, currency LIMIT ?", values![f.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(account).collect()
    }

    /// An account in every currency that it was used in.
    pub(crate) async fn account(&self, name: &str) -> Result<Vec<AccountRow>, StoreError> {
        let mut script = Script::default();
        script.add(
            "SELECT account, currency, side, balance FROM account WHERE account = ? ORDER BY currency",
            values![name],
        );
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(account).collect()
    }

    /// A page of an account's lines.
    pub(crate) async fn account_lines(&self, page: &LinesPage) -> Result<Vec<StatementLine>, StoreError> {
        let mut script = Script::default();
        script.add(
            &format!("{LINES} WHERE p.account = ? AND p.currency = ?"),
            values![&page.account, &page.currency],
        );
        let (beyond, order) = if page.oldest_first { (">", "ASC") } else { ("<", "DESC") };
        if let Some(after) = page.after {
            script.add(&format!(" AND p.posting_id {beyond} ?"), values![after]);
        }
        if let Some(from) = page.from {
            script.add(" AND j.at >= ?", values![from]);
        }
        if let Some(to) = page.to {
            script.add(" AND j.at < ?", values![to]);
        }
        script.add(&format!(" ORDER BY p.posting_id {order} LIMIT ?"), values![page.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(line).collect()
    }

    /// An order's journals, oldest first.
    pub(crate) async fn journals(&self, order: OrderId) -> Result<Vec<JournalRow>, StoreError> {
        self.journals_where("j.order_id = ?", values![order]).await
    }

    /// One journal.
    pub(crate) async fn journal(&self, journal_id: i64) -> Result<Option<JournalRow>, StoreError> {
        Ok(self.journals_where("j.journal_id = ?", values![journal_id]).await?.pop())
    }

    async fn journals_where(
        &self,
        condition: &str,
        bound: Vec<Value>,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let mut script = Script::default();
        script.add(
            &format!(
                "SELECT j.journal_id, j.order_id, j.kind, j.key, j.currency, j.at, p.account, p.minor, p.balance_after \
                 FROM journal j JOIN posting p USING (journal_id) WHERE {condition} \
                 ORDER BY j.journal_id, p.posting_id"
            ),
            bound,
        );
        let rows = script.query()?.fetch_all(self.readers()).await?;
        let mut journals: Vec<JournalRow> = Vec::new();
        for r in &rows {
            let journal_id: i64 = r.try_get("journal_id")?;
            if journals.last().is_none_or(|j| j.journal_id != journal_id) {
                let order: String = r.try_get("order_id")?;
                journals.push(JournalRow {
                    journal_id,
                    order: order.parse().map_err(|_| StoreError::Row("order_id"))?,
                    kind: r.try_get("kind")?,
                    key: r.try_get("key")?,
                    currency: r.try_get("currency")?,
                    at: Timestamp(r.try_get("at")?),
                    lines: Vec::new(),
                });
            }
            if let Some(journal) = journals.last_mut() {
                let (account, minor) = (r.try_get("account")?, r.try_get("minor")?);
                journal.lines.push(JournalLine { account, minor, balance: r.try_get("balance_after")? });
            }
        }
        Ok(journals)
    }

    /// Debits against credits per currency, and how many journals there are. A balance below zero counts on the other
    /// side.
    pub(crate) async fn trial_sums(&self) -> Result<(Vec<TrialSums>, i64), StoreError> {
        let mut tx = self.readers().begin().await?;
        let rows = sqlx::query(
            "SELECT currency, sum(max(debit, 0)) AS debit, sum(max(-debit, 0)) AS credit FROM \
             (SELECT currency, CASE side WHEN 'debit' THEN balance ELSE -balance END AS debit FROM account) \
             GROUP BY currency ORDER BY currency",
        )
        .fetch_all(&mut *tx)
        .await?;
        let sums = rows.iter().map(|r| {
            let (debit, credit) = (r.try_get("debit")?, r.try_get("credit")?);
            Ok(TrialSums { currency: r.try_get("currency")?, debit, credit })
        });
        let sums = sums.collect::<Result<_, StoreError>>()?;
        // Journals are never removed: the newest one's number says how many there are, without counting them.
        let journals =
            sqlx::query("SELECT coalesce(max(journal_id), 0) FROM journal").fetch_one(&mut *tx).await?;
        Ok((sums, journals.try_get(0)?))
    }
}

pub(super) fn account(r: &SqliteRow) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        account: r.try_get("account")?,
        currency: r.try_get("currency")?,
        side: r.try_get("side")?,
        balance: r.try_get("balance")?,
    })
}

/// A pattern for LIKE that finds a text anywhere, whatever characters it has.
fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_searched_for_as_it_is() {
        for (text, pattern) in [("u1", "%u1%"), ("50%_\\", "%50\\%\\_\\\\%"), ("李", "%李%")] {
            assert_eq!(anywhere(text), pattern);
        }
    }
}
