//! `/v1/balances` and `/v1/statements`: what a user, or the app's settlement account, holds, and how it came to it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sluice_core::ledger::Account;
use sluice_core::money::{Amount, Currency};

use super::answer::{Answer, Fault};
use super::gate::Verified;
use super::order_fields::is_user_ref;
use super::query::Query;
use crate::daemon::Daemon;
use crate::store::StoreError;
use crate::store::read::orders::Checked;
use crate::store::read::statements::{Balance, StatementLine, StatementPage};

const PAGE: u32 = 100;
const MAX_PAGE: u32 = 1000;

/// Whose money.
struct Owner {
    client_id: String,
    /// None: the app itself.
    user_ref: Option<String>,
}

impl Owner {
    fn available(&self) -> Account {
        let client_id = self.client_id.clone();
        match self.user_ref.clone() {
            Some(user_ref) => Account::UserAvailable { client_id, user_ref },
            None => Account::AppSettlement { client_id },
        }
    }

    fn held(&self) -> Account {
        let client_id = self.client_id.clone();
        match self.user_ref.clone() {
            Some(user_ref) => Account::UserHeld { client_id, user_ref },
            None => Account::AppHeld { client_id },
        }
    }
}

pub(super) async fn balances(d: &Daemon, v: &Verified, query: &str) -> Result<Answer, Fault> {
    let mut query = Query::of(query);
    let owner = owner(v, &mut query)?;
    query.finish()?;
    let accounts = [owner.available(), owner.held()];
    let balances = match d.store.balances_checked(&v.check, &accounts).await? {
        Checked::Stale => return Err(Fault::stale()),
        Checked::Valid(balances) => balances,
    };
    Ok(Answer::plain(200, shown(&owner, &balances)?))
}

/// The first currency (CNY where nothing was ever booked) at the top, further ones under `others`.
fn shown(owner: &Owner, balances: &[Balance]) -> Result<Value, Fault> {
    let available = owner.available().to_string();
    let mut by_currency: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
    for balance in balances {
        let entry = by_currency.entry(currency(&balance.currency)?).or_default();
        if balance.account == available { entry.0 = balance.minor } else { entry.1 = balance.minor }
    }
    if by_currency.is_empty() {
        by_currency.insert(Currency::CNY, (0, 0));
    }
    let mut entries = by_currency.into_iter().map(|(currency, (available, held))| {
        json!({"available": Amount::new(available, currency), "held": Amount::new(held, currency)})
    });
    let mut first = entries.next().unwrap_or_default();
    first["user_ref"] = json!(owner.user_ref);
    let others: Vec<_> = entries.collect();
    if !others.is_empty() {
        first["others"] = Value::Array(others);
    }
    Ok(first)
}

pub(super) async fn statements(d: &Daemon, v: &Verified, query: &str) -> Result<Answer, Fault> {
    let mut query = Query::of(query);
    let owner = owner(v, &mut query)?;
    let account = match query.take("account").as_deref() {
        None | Some("available") => owner.available(),
        Some("held") => owner.held(),
        Some(_) => return Err(Fault::field("account", "available or held")),
    };
    let csv = match query.take("format").as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Fault::field("format", "json or csv")),
    };
    let limit = query.limit(PAGE, MAX_PAGE)?;
    let page = StatementPage {
        from: query.time("from")?,
        to: query.time("to")?,
        after: cursor(query.take("cursor").as_deref())?,
        limit: limit + 1,
    };
    query.finish()?;
    let mut lines = match d.store.statement_checked(&v.check, &account, &page).await? {
        Checked::Stale => return Err(Fault::stale()),
        Checked::Valid(lines) => lines,
    };
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = lines.len() > wanted;
    lines.truncate(wanted);
    let next = if more { lines.last().map(|l| format!("e{}", l.entry)) } else { None };
    if csv {
        let answer = Answer::csv(as_csv(&lines)?);
        return Ok(match next {
            Some(next) => answer.header("sluice-next-cursor", next),
            None => answer,
        });
    }
    let items = lines.iter().map(as_json).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(200, json!({"items": items, "next_cursor": next})))
}

fn owner(v: &Verified, query: &mut Query) -> Result<Owner, Fault> {
    let user_ref = query.take("user_ref");
    if user_ref.as_deref().is_some_and(|u| !is_user_ref(u)) {
        return Err(Fault::field("user_ref", "1 to 64 visible characters"));
    }
    Ok(Owner { client_id: v.check.client_id.clone(), user_ref })
}

fn cursor(text: Option<&str>) -> Result<i64, Fault> {
    let Some(text) = text else { return Ok(0) };
    let entry = text.strip_prefix('e').and_then(|n| n.parse().ok()).filter(|n| *n > 0);
    entry.ok_or_else(|| Fault::field("cursor", "not one that we gave"))
}

fn currency(code: &str) -> Result<Currency, StoreError> {
    code.parse().map_err(|_| StoreError::Row("currency"))
}

fn as_json(line: &StatementLine) -> Result<Value, StoreError> {
    let currency = currency(&line.currency)?;
    Ok(json!({
        "entry_id": line.entry.to_string(),
        "at": line.at,
        "kind": line.kind,
        "order_id": line.order_id,
        "merchant_order_no": line.merchant_order_no,
        "amount": Amount::new(line.gain, currency),
        "balance": Amount::new(line.balance, currency),
    }))
}

/// The same lines as CSV (RFC 4180). No cell's alphabet holds a comma, a quote or a line's end: nothing is quoted.
fn as_csv(lines: &[StatementLine]) -> Result<String, StoreError> {
    let mut csv = "entry_id,at,kind,order_id,merchant_order_no,amount,balance,currency\r\n".to_owned();
    for line in lines {
        let currency = currency(&line.currency)?;
        let decimal = |minor| Amount::new(minor, currency).to_decimal();
        let cells = [
            line.entry.to_string(),
            line.at.to_string(),
            line.kind.clone(),
            line.order_id.clone(),
            line.merchant_order_no.clone(),
            decimal(line.gain),
            decimal(line.balance),
            line.currency.clone(),
        ];
        csv.push_str(&cells.join(","));
        csv.push_str("\r\n");
    }
    Ok(csv)
}
