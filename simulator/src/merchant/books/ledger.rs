//! One app's books: its orders, what it has asked for, and what it believes everybody has.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

use super::entry::{Holder, Known, Told};
use crate::client::{Money, OrderKind};

/// An account: whose, and in which currency.
type Account = (Holder, String);

/// An order that the app asks for, as far as its books care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: OrderKind,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// Whose money it takes; absent: the app's own. A recharge takes none.
    pub user_ref: Option<String>,
    /// How much.
    pub amount: Money,
    /// Refunds: what is refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_order_id: Option<String>,
}

impl Ask {
    /// What it takes from its account, minor units.
    fn takes(&self) -> i64 {
        if self.kind == OrderKind::Recharge { 0 } else { self.amount.minor }
    }

    fn account(&self) -> Account {
        (self.user_ref.clone(), self.amount.currency.clone())
    }
}

/// An order that was called back, and what it is booked with.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) told: Told,
    booked: Vec<(Account, i64)>,
    /// Callbacks that were older than what was known, or told it once more.
    pub(super) stale: u64,
}

/// The books of one app.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) orders: HashMap<String, Entry>,
    /// In the order of their first callbacks.
    pub(super) arrived: Vec<String>,
    refunds: HashMap<String, Vec<String>>,
    balances: BTreeMap<Account, i64>,
    asked: BTreeMap<(OrderKind, String), Ask>,
    reserved: HashMap<Account, i64>,
    /// What refunds were asked for of an order.
    asked_back: HashMap<String, i64>,
}

impl Ledger {
    /// Books what a callback tells; `false` if it tells nothing new.
    pub(super) fn take(&mut self, told: Told) -> bool {
        let order = &told.order;
        self.forget(order.kind, &order.merchant_order_no);
        let order_id = order.order_id.clone();
        if let Some(known) = self.orders.get_mut(&order_id) {
            if told.version() <= known.told.version() {
                known.stale += 1;
                return false;
            }
            known.told = told;
        } else {
            self.arrived.push(order_id.clone());
            if let Some(original) = &order.original_order_id {
                self.refunds.entry(original.clone()).or_default().push(order_id.clone());
            }
            self.orders.insert(order_id.clone(), Entry { told, booked: vec![], stale: 0 });
        }
        self.book(&order_id);
        // A refund may have been told of before its original, whose parties it needs.
        for refund in self.refunds.get(&order_id).cloned().unwrap_or_default() {
            self.book(&refund);
        }
        true
    }

    /// Books an order anew: what it was booked with is taken back first.
    fn book(&mut self, order_id: &str) {
        let Some(entry) = self.orders.get(order_id) else { return };
        let order = &entry.told.order;
        let original = order.original_order_id.as_ref().and_then(|original| self.orders.get(original));
        let effects = entry.told.effects(original.map(|entry| &entry.told.order));
        let currency = order.amount.currency.clone();
        let fresh: Vec<_> =
            effects.into_iter().map(|(holder, minor)| ((holder, currency.clone()), minor)).collect();
        let Some(entry) = self.orders.get_mut(order_id) else { return };
        let former = std::mem::replace(&mut entry.booked, fresh.clone());
        for (account, minor) in former {
            *self.balances.entry(account).or_default() -= minor;
        }
        for (account, minor) in fresh {
            *self.balances.entry(account).or_default() += minor;
        }
    }

    /// Notes what is asked for, and holds what it takes; `false` if that is more than is there.
    pub(super) fn ask(&mut self, ask: Ask) -> bool {
        let account = ask.account();
        if ask.takes() > 0 && ask.takes() > self.spendable(&account) {
            return false;
        }
        if let Some(original) = &ask.original_order_id
            && ask.amount.minor > self.refundable(original)
        {
            return false;
        }
        self.forget(ask.kind, &ask.merchant_order_no);
        *self.reserved.entry(account).or_default() += ask.takes();
        if let Some(original) = &ask.original_order_id {
            *self.asked_back.entry(original.clone()).or_default() += ask.amount.minor;
        }
        self.asked.insert((ask.kind, ask.merchant_order_no.clone()), ask);
        true
    }

    /// What was asked for will not be, or has been told of.
    pub(super) fn forget(&mut self, kind: OrderKind, merchant_order_no: &str) {
        let Some(ask) = self.asked.remove(&(kind, merchant_order_no.to_owned())) else { return };
        *self.reserved.entry(ask.account()).or_default() -= ask.takes();
        if let Some(original) = ask.original_order_id {
            *self.asked_back.entry(original).or_default() -= ask.amount.minor;
        }
    }

    /// What was asked for and not told of yet.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Ask> {
        self.asked.values()
    }

    /// Every account that was ever moved, users by name after the app itself.
    pub(super) fn balances(&self) -> impl Iterator<Item = (&Holder, &str, i64)> {
        self.balances.iter().map(|((holder, currency), minor)| (holder, currency.as_str(), *minor))
    }

    /// What an account has that nothing was asked for with.
    fn spendable(&self, account: &Account) -> i64 {
        let of = |minor: Option<&i64>| minor.copied().unwrap_or_default();
        of(self.balances.get(account)) - of(self.reserved.get(account))
    }

    /// What was refunded of an order, minor units.
    pub(super) fn refunded(&self, order_id: &str) -> i64 {
        let refunds = self.refunds.get(order_id).into_iter().flatten();
        let refunds = refunds.filter_map(|refund| self.orders.get(refund));
        let refunded = refunds.filter(|refund| refund.told.callback == "refund.refunded");
        refunded.map(|refund| refund.told.order.amount.minor).sum()
    }

    /// What may still be asked back of an order, minor units.
    fn refundable(&self, order_id: &str) -> i64 {
        let Some(entry) = self.orders.get(order_id) else { return 0 };
        let paid = match entry.told.callback.as_str() {
            "recharge.paid" => entry.told.order.amount.minor,
            "trade.settled" => entry.told.order.captured.as_ref().unwrap_or(&entry.told.order.amount).minor,
            _ => return 0,
        };
        paid - self.refunded(order_id) - self.asked_back.get(order_id).copied().unwrap_or_default()
    }

    /// A user who can spend at least so much, the first from `from` on by name, and how much that is.
    pub(super) fn spender(&self, from: &str, currency: &str, least: i64) -> Option<(String, i64)> {
        let start = (Some(from.to_owned()), String::new());
        let accounts = self.balances.range(start.clone()..).chain(self.balances.range(..start));
        accounts.filter(|((_, held_in), _)| held_in == currency).find_map(|(account, _)| {
            let spendable = self.spendable(account);
            Some((account.0.clone()?, spendable)).filter(|_| spendable >= least)
        })
    }

    /// Something that may be refunded, among the orders from place `from` on, whose payee still has the money: the
    /// order, whose balance pays, and how much may go back.
    pub(super) fn refundable_near(&self, from: usize, window: usize) -> Option<(&Known, Holder, i64)> {
        let (before, after) = self.arrived.split_at(from.min(self.arrived.len()));
        let nearby = after.iter().chain(before).take(window);
        nearby.filter_map(|order_id| self.orders.get(order_id)).find_map(|entry| {
            let order = &entry.told.order;
            let payer = match order.kind {
                OrderKind::Trade => order.payee(),
                _ => Some(order.user_ref.clone()),
            };
            let there = self.spendable(&(payer.clone(), order.amount.currency.clone()));
            let most = self.refundable(&order.order_id).min(there);
            (most > 0).then_some((order, payer, most))
        })
    }
}
