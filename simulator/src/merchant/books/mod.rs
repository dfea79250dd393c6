//! The sample merchant's own books: what a real merchant can know, and nothing else. From the callbacks that verify,
//! and from what its app asked for.
//!
//! Each order is booked with what its newest callback is worth (`entry`); a stale one changes nothing. So the
//! balances here are what users have, spendable or held, as far as the merchant was told.

mod entry;
mod ledger;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::client::{Money, OrderKind};
use entry::Told;
pub use ledger::Ask;
use ledger::Ledger;

/// The books of all apps.
#[derive(Debug, Default)]
pub struct Books(Mutex<BTreeMap<String, Ledger>>);

/// An order that can be refunded, as far as the merchant knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refundable {
    /// The order.
    pub order_id: String,
    /// Whose balance pays for it; absent: the app's own.
    pub user_ref: Option<String>,
    /// How much may go back.
    pub most: Money,
}

impl Books {
    /// Books a callback that has verified; `false` if it tells nothing new or nothing that can be read.
    pub fn take(&self, client_id: &str, body: &[u8]) -> bool {
        match serde_json::from_slice::<Told>(body) {
            Ok(told) => self.lock().entry(client_id.to_owned()).or_default().take(told),
            Err(error) => {
                tracing::debug!(client_id, %error, "a callback that cannot be booked");
                false
            }
        }
    }

    /// Notes what an app is about to ask for, and holds what it takes until its callback comes; `false`: the user
    /// has less, as far as the merchant knows, and it should not be asked for.
    pub fn ask(&self, client_id: &str, ask: Ask) -> bool {
        self.lock().entry(client_id.to_owned()).or_default().ask(ask)
    }

    /// What was asked for was refused.
    pub fn withdraw_ask(&self, client_id: &str, kind: OrderKind, merchant_order_no: &str) {
        if let Some(ledger) = self.lock().get_mut(client_id) {
            ledger.forget(kind, merchant_order_no);
        }
    }

    /// A user who can spend at least so much, the first from `from` on by name.
    pub fn spender(&self, client_id: &str, from: &str, least: &Money) -> Option<(String, Money)> {
        let (user, minor) = self.lock().get(client_id)?.spender(from, &least.currency, least.minor)?;
        Some((user, Money { minor, ..least.clone() }))
    }

    /// Something that can be refunded, near the place that `share` (0 to 1) of all orders comes to.
    pub fn refundable(&self, client_id: &str, share: f64) -> Option<Refundable> {
        const WINDOW: usize = 32;
        let books = self.lock();
        let ledger = books.get(client_id)?;
        let from = (ledger.arrived.len() as f64 * share) as usize;
        let (order, user_ref, minor) = ledger.refundable_near(from, WINDOW)?;
        let most = Money { minor, ..order.amount.clone() };
        Some(Refundable { order_id: order.order_id.clone(), user_ref, most })
    }

    /// What an app's books say.
    pub fn show(&self, client_id: &str) -> Value {
        let mut books = self.lock();
        let ledger = books.entry(client_id.to_owned()).or_default();
        let order = |order_id: &String| {
            let entry = ledger.orders.get(order_id)?;
            let mut order = json!(entry.told.order);
            if let Value::Object(members) = &mut order {
                let currency = &entry.told.order.amount.currency;
                let refunded = json!({ "minor": ledger.refunded(order_id), "currency": currency });
                members.insert("state_version".into(), json!(entry.told.version()));
                members.insert("callback".into(), json!(entry.told.callback));
                members.insert("refunded".into(), refunded);
                members.insert("stale".into(), json!(entry.stale));
            }
            Some(order)
        };
        let orders: Vec<_> = ledger.arrived.iter().filter_map(order).collect();
        let asked: Vec<_> = ledger.asked().collect();
        let (mut users, mut settlement) = (vec![], vec![]);
        for (holder, currency, minor) in ledger.balances() {
            let mut line = Map::new();
            if let Some(user_ref) = holder {
                line.insert("user_ref".into(), json!(user_ref));
            }
            line.insert("currency".into(), json!(currency));
            line.insert("balance_minor".into(), json!(minor));
            if holder.is_some() { &mut users } else { &mut settlement }.push(line);
        }
        json!({ "client_id": client_id, "orders": orders, "asked": asked, "users": users,
            "settlement": settlement })
    }

    /// Writes the books to a file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let saved: Vec<_> =
            self.lock().iter().map(|(client_id, ledger)| Saved::of(client_id, ledger)).collect();
        std::fs::write(path, serde_json::to_vec(&saved)?)
    }

    /// Takes the books back from a file.
    ///
    /// # Errors
    /// If the file cannot be read or is no such file.
    pub fn load(&self, path: &Path) -> std::io::Result<()> {
        let saved: Vec<Saved> = serde_json::from_slice(&std::fs::read(path)?)?;
        let mut books = self.lock();
        for Saved { client_id, told, asked } in saved {
            let ledger = books.entry(client_id).or_default();
            for told in told {
                ledger.take(told);
            }
            for ask in asked {
                ledger.ask(ask);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Ledger>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An app's books as they are saved: all else follows from this.
#[derive(Serialize, Deserialize)]
struct Saved {
    client_id: String,
    told: Vec<Told>,
    asked: Vec<Ask>,
}

impl Saved {
    fn of(client_id: &str, ledger: &Ledger) -> Self {
        let told = ledger.arrived.iter().filter_map(|order_id| ledger.orders.get(order_id));
        Self {
            client_id: client_id.to_owned(),
            told: told.map(|entry| entry.told.clone()).collect(),
            asked: ledger.asked().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
