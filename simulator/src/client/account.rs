//! What a user, or the app itself, has, and how it came to it. Signed for trades.

use serde::Deserialize;

use super::kind::with_query;
use super::{Error, Merchant, Money, Page};

/// What an account has, in its first currency and in others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Balance {
    /// The user; absent: the app's settlement account.
    #[serde(default)]
    pub user_ref: Option<String>,
    /// What can be spent.
    pub available: Money,
    /// What is held for open orders.
    pub held: Money,
    /// The same in further currencies.
    #[serde(default)]
    pub others: Vec<Held>,
}

/// What an account has in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Held {
    /// What can be spent.
    pub available: Money,
    /// What is held for open orders.
    pub held: Money,
}

impl Balance {
    /// What is there in all, spendable or held, in minor units of the first currency.
    pub fn total_minor(&self) -> i64 {
        self.available.minor + self.held.minor
    }
}

/// One posting of an account.
#[derive(Clone, Debug, Deserialize)]
pub struct StatementLine {
    /// The posting's number.
    pub entry_id: String,
    /// When it was booked.
    pub at: String,
    /// Why money moved, such as `recharge_credit`.
    pub kind: String,
    /// The order that caused it.
    pub order_id: String,
    /// The merchant's number of it.
    pub merchant_order_no: String,
    /// By how much the balance changed; negative where it fell.
    pub amount: Money,
    /// The balance after it.
    pub balance: Money,
}

impl Merchant {
    /// What a user has; `None`: the app's settlement account.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn balance(&self, user_ref: Option<&str>) -> Result<Balance, Error> {
        self.get(&with_query("/v1/balances", &user(user_ref, ""))).await
    }

    /// A page of a user's postings, oldest first; `None`: of the app's settlement account. `query` such as
    /// `account=held&limit=50`, or empty.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn statement(&self, user_ref: Option<&str>, query: &str) -> Result<Page<StatementLine>, Error> {
        self.get(&with_query("/v1/statements", &user(user_ref, query))).await
    }

    /// The same page as CSV.
    ///
    /// # Errors
    /// [`Error::Unverified`], [`Error::Refused`], [`Error::Shape`] if it is no text.
    pub async fn statement_csv(&self, user_ref: Option<&str>, query: &str) -> Result<String, Error> {
        let target = with_query("/v1/statements", &user(user_ref, &join("format=csv", query)));
        self.request("GET", &target).send().await?.into_verified_text()
    }

    /// All of a user's postings, page by page.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn whole_statement(&self, user_ref: Option<&str>) -> Result<Vec<StatementLine>, Error> {
        let (mut lines, mut query) = (vec![], "limit=1000".to_owned());
        loop {
            let page = self.statement(user_ref, &query).await?;
            lines.extend(page.items);
            match page.next_cursor {
                Some(cursor) => query = format!("limit=1000&cursor={}", percent_encoded(&cursor)),
                None => return Ok(lines),
            }
        }
    }
}

fn user(user_ref: Option<&str>, query: &str) -> String {
    match user_ref {
        Some(user_ref) => join(&format!("user_ref={}", percent_encoded(user_ref)), query),
        None => query.to_owned(),
    }
}

fn join(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first}&{second}") }
}

/// As a query must be escaped: upper-case hex, and unreserved characters as they are.
pub(crate) fn percent_encoded(text: &str) -> String {
    const RESERVED: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(text, RESERVED).to_string()
}
