//! The ledger against the orders: each has exactly the journals that its state demands, and everybody has what the
//! orders say, reckoned here anew from their rows.

use std::collections::BTreeMap;

use super::assert_same;
use super::rows::{Books, OrderRow};
use crate::support::database::Database;

/// Balances by account, on its normal side.
pub(super) type Reckoned = BTreeMap<String, i64>;

/// No journal is lost, and none is there twice.
pub(super) fn journals_are_complete(books: &Books) {
    let by_id = books.by_id();
    let mut suspended: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &books.suspense {
        *suspended.entry(&one.order_id).or_default() += 1;
    }
    let mut posted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (order_id, kind) in &books.journals {
        posted.entry(order_id).or_default().push(kind);
    }
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for order in &books.orders {
        let mut kinds = demanded(order, &by_id);
        kinds.extend(std::iter::repeat_n(
            "recharge_suspense",
            suspended.get(order.order_id.as_str()).copied().unwrap_or(0),
        ));
        if !kinds.is_empty() {
            wanted.insert(&order.order_id, kinds);
        }
    }
    for kinds in posted.values_mut().chain(wanted.values_mut()) {
        kinds.sort_unstable();
    }
    assert_same("journals", posted, wanted);
}

/// The journals that an order has where it stands.
fn demanded(order: &OrderRow, by_id: &BTreeMap<&str, &OrderRow>) -> Vec<&'static str> {
    match (order.kind.as_str(), order.machine) {
        ("recharge", 3 | 4) => vec!["recharge_credit"],
        ("withdraw", 0..3) => vec!["withdraw_hold"],
        ("withdraw", 3 | 4) => vec!["withdraw_hold", "withdraw_paid"],
        ("withdraw", 5) => vec!["withdraw_hold", "withdraw_release"],
        ("withdraw", _) => vec!["withdraw_hold", "withdraw_paid", "withdraw_returned"],
        ("trade", _) if order.mode.as_deref() == Some("direct") => vec!["trade_settle"],
        ("trade", 0) => vec!["trade_hold"],
        ("trade", 5) => vec!["trade_hold", "trade_release"],
        ("trade", _) => vec!["trade_hold", "trade_capture"],
        ("refund", _) if of_trade(order, by_id) => vec!["trade_refund"],
        ("refund", machine) => {
            let end = match machine {
                0..3 => None,
                5 => Some("refund_release").filter(|_| order.held != Some(0)),
                _ => Some("refund_paid"),
            };
            let hold = Some("refund_hold").filter(|_| order.held != Some(0));
            hold.into_iter().chain(end).collect()
        }
        _ => vec![],
    }
}

fn of_trade(refund: &OrderRow, by_id: &BTreeMap<&str, &OrderRow>) -> bool {
    by_id[refund.original.as_deref().unwrap()].kind == "trade"
}

/// Neither now nor after any single posting.
pub(super) async fn nothing_was_negative(db: &Database) {
    let sql = "SELECT account || ' ' || balance_after || ' after ' || posting_id FROM posting \
        WHERE balance_after < 0 AND (account LIKE 'user:%' OR account LIKE 'app:%:settlement' OR account LIKE 'app:%:held')";
    let negative = db.texts(sql).await;
    assert!(negative.is_empty(), "below zero: {negative:#?}");
}

/// What everybody has, by the orders alone.
pub(super) fn reckon(books: &Books) -> Reckoned {
    let by_id = books.by_id();
    let mut all = Reckoned::new();
    for order in &books.orders {
        for (account, minor) in effects(order, &by_id) {
            *all.entry(account).or_default() += minor;
        }
    }
    for one in &books.suspense {
        *all.entry("suspense".to_owned()).or_default() += one.amount;
        *all.entry("channel:alipay:clearing".to_owned()).or_default() += one.amount;
    }
    all.retain(|_, minor| *minor != 0);
    all
}

/// The accounts of an order, by their names.
struct Accounts<'a>(&'a OrderRow);

impl Accounts<'_> {
    fn available(&self, user: &str) -> String {
        format!("user:{}:{user}:available", self.0.client_id)
    }

    fn held(&self) -> String {
        format!("user:{}:{}:held", self.0.client_id, self.0.user)
    }

    fn of_app(&self, which: &str) -> String {
        format!("app:{}:{which}", self.0.client_id)
    }

    fn payee(&self) -> String {
        self.0.to.as_deref().map_or_else(|| self.of_app("settlement"), |user| self.available(user))
    }

    /// Our fee, earned or given back: by the user, or owed by the app.
    fn fee(&self, minor: i64, bearer: &str) -> Vec<(String, i64)> {
        let mut lines = vec![("fee:service".to_owned(), minor)];
        if bearer == "app" {
            lines.push((self.of_app("fees_due"), minor));
        }
        lines
    }
}

fn effects(order: &OrderRow, by_id: &BTreeMap<&str, &OrderRow>) -> Vec<(String, i64)> {
    let accounts = Accounts(order);
    let user = accounts.available(&order.user);
    let clearing = || "channel:alipay:clearing".to_owned();
    let (amount, fee) = (order.amount, order.fee);
    let by_user = |fee: i64, bearer: &str| if bearer == "app" { 0 } else { fee };
    let of_user = by_user(fee, &order.bearer);
    match (order.kind.as_str(), order.machine) {
        ("recharge", 3 | 4) => {
            let mut lines = vec![(user, amount - of_user), (clearing(), amount)];
            lines.extend(accounts.fee(fee, &order.bearer));
            lines
        }
        ("withdraw", 0..3) => vec![(user, -amount - of_user), (accounts.held(), amount + of_user)],
        ("withdraw", 3 | 4) => {
            let mut lines = vec![(user, -amount - of_user), (clearing(), -amount)];
            lines.extend(accounts.fee(fee, &order.bearer));
            lines
        }
        ("withdraw", 6) if order.returnable == 0 => {
            let mut lines = vec![(user, -of_user)];
            lines.extend(accounts.fee(fee, &order.bearer));
            lines
        }
        ("trade", 0) => vec![(user, -amount - of_user), (accounts.held(), amount + of_user)],
        ("trade", 3 | 4) => {
            let captured = order.captured.unwrap();
            let mut lines = vec![(user, -captured - of_user), (accounts.payee(), captured)];
            lines.extend(accounts.fee(fee, &order.bearer));
            lines
        }
        ("refund", machine) if machine != 5 => {
            let (returned, bearer) = (order.fee_returned.unwrap(), order.fee_bearer.as_deref().unwrap());
            let back = by_user(returned, bearer);
            let mut lines = accounts.fee(-returned, bearer);
            if of_trade(order, by_id) {
                let payee = Accounts(by_id[order.original.as_deref().unwrap()]).payee();
                lines.extend([(payee, -amount), (user, amount + back)]);
                return lines;
            }
            let by_app = order.source.as_deref() == Some("app");
            let (from, held) = if by_app {
                (accounts.of_app("settlement"), accounts.of_app("held"))
            } else {
                (user, accounts.held())
            };
            if machine < 3 {
                let minor = order.held.unwrap();
                return vec![(from, -minor), (held, minor)];
            }
            lines.extend([(from, back - amount), (clearing(), -amount)]);
            lines
        }
        _ => vec![],
    }
}

/// Every account has what was reckoned.
pub(super) fn balances_are(books: &Books, reckoned: &Reckoned) {
    assert_same("balances", &books.balances, reckoned);
}
