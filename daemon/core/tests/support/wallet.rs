//! A store in memory that keeps what decisions ask for, and honours their guards: all or nothing.

use std::collections::{BTreeMap, BTreeSet};

use sluice_core::change::{
    Change, Event, Guard, Suspense, SuspenseState, TaskChange, TaskId, TaskKind, Write,
};
use sluice_core::each_order;
use sluice_core::id::OrderId;
use sluice_core::ledger::Journal;
use sluice_core::money::Currency;
use sluice_core::order::{AnyOrder, CallbackState};
use sluice_core::policy::{ChannelPolicy, Context};
use sluice_core::time::Timestamp;

use super::audit;

/// A planned task; each change moves its fencing number on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub due_at: Timestamp,
    pub fence: u64,
}

#[derive(Clone)]
pub struct Wallet {
    pub now: Timestamp,
    pub orders: BTreeMap<OrderId, AnyOrder>,
    pub balances: BTreeMap<String, i64>,
    pub journals: BTreeMap<(OrderId, &'static str, String), Journal>,
    pub tasks: BTreeMap<(&'static str, String), Task>,
    pub suspense: BTreeMap<(OrderId, String), (Suspense, SuspenseState)>,
    pub callbacks: BTreeMap<String, (OrderId, CallbackState)>,
    numbers: BTreeSet<(String, &'static str, String)>,
    random: u128,
    fence: u64,
}

impl Wallet {
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            orders: BTreeMap::new(),
            balances: BTreeMap::new(),
            journals: BTreeMap::new(),
            tasks: BTreeMap::new(),
            suspense: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            numbers: BTreeSet::new(),
            random: 1,
            fence: 0,
        }
    }

    /// What the next decision knows.
    pub fn context<'a>(&mut self, policy: &'a ChannelPolicy) -> Context<'a> {
        self.random += 1 << 40;
        Context { now: self.now, random: self.random, policy }
    }

    pub fn balance(&self, account: &str) -> i64 {
        self.balances.get(account).copied().unwrap_or_default()
    }

    pub fn task(&self, kind: TaskKind, order: OrderId) -> Option<Task> {
        self.tasks.get(&(kind.name(), order.to_string())).copied()
    }

    /// The tasks that are due, the oldest first.
    pub fn due(&self) -> Vec<(&'static str, String)> {
        let mut due: Vec<_> = self.tasks.iter().filter(|(_, task)| task.due_at <= self.now).collect();
        due.sort_by_key(|(key, task)| (task.due_at, (*key).clone()));
        due.into_iter().map(|(key, _)| key.clone()).collect()
    }

    /// Carries a decision out, or refuses it as a whole and names the guard that does not hold.
    pub fn store(&mut self, change: Change) -> Result<(), &'static str> {
        for guard in &change.guards {
            self.check(guard)?;
        }
        let mut written = Vec::new();
        for write in change.writes {
            if let Write::InsertOrder(order) | Write::UpdateOrder(order) = &write {
                written.push((order.id(), order.undecided()));
            }
            self.write(write, &change.events);
        }
        self.count_undecided(&written);
        for task in change.tasks {
            self.fence += 1;
            match task {
                TaskChange::Schedule { task, due_at, .. } => {
                    self.tasks.insert(key(&task), Task { due_at, fence: self.fence });
                }
                TaskChange::Drop(task) => {
                    self.tasks.remove(&key(&task));
                }
            }
        }
        Ok(())
    }

    fn check(&self, guard: &Guard) -> Result<(), &'static str> {
        let (holds, name) = match guard {
            Guard::OrderVersion { order, row_version } => {
                (self.orders.get(order).is_some_and(|o| o.row_version() == *row_version), "OrderVersion")
            }
            Guard::MerchantOrderNoFree { client_id, kind, merchant_order_no } => {
                let number = (client_id.clone(), *kind, merchant_order_no.clone());
                (!self.numbers.contains(&number), "MerchantOrderNoFree")
            }
            Guard::BalanceAtLeast { account, currency, minor } => {
                // All money here is renminbi: of others there is none.
                let balance = if *currency == Currency::CNY { self.balance(&account.to_string()) } else { 0 };
                (balance >= *minor, "BalanceAtLeast")
            }
            Guard::SuspenseIs { order, key, state } => {
                let found = self.suspense.get(&(*order, key.clone()));
                (found.is_some_and(|(_, now)| now == state), "SuspenseIs")
            }
            Guard::NonceUnused { .. } | Guard::Credentials(_) => (true, ""),
            other => panic!("no such guard in decisions on orders: {other:?}"),
        };
        if holds { Ok(()) } else { Err(name) }
    }

    fn write(&mut self, write: Write, events: &[Event]) {
        match write {
            Write::InsertOrder(order) => {
                audit::first_step(&order, events);
                let object = order.object();
                let number = (object.client_id, order.id().kind().name(), object.merchant_order_no);
                assert!(self.numbers.insert(number), "the number is taken");
                assert!(self.orders.insert(order.id(), *order).is_none(), "the id is taken");
            }
            Write::UpdateOrder(order) => {
                let before = &self.orders[&order.id()];
                assert_eq!(before.row_version(), order.row_version(), "a newer order is overwritten");
                audit::step(before, &order, events);
                self.orders.insert(order.id(), order.written());
            }
            Write::Journal(journal) => self.post(journal),
            Write::Suspense(suspense) => {
                let key = (suspense.order, suspense.key.clone());
                let before = self.suspense.insert(key, (suspense, SuspenseState::Open));
                assert!(before.is_none(), "put into suspense twice: {before:?}");
            }
            Write::SuspenseDecided { order, key, state, .. } => {
                let (_, now) = self.suspense.get_mut(&(order, key)).expect("what is decided on is there");
                assert!(*now != state, "decided twice: {state:?}");
                *now = state;
            }
            Write::InsertCallback(callback) => {
                let row = (callback.order, CallbackState::Pending);
                assert!(self.callbacks.insert(callback.callback_id.clone(), row).is_none());
            }
            Write::SupersedeCallback { callback_id, .. } => {
                let (_, state) = self.callbacks.get_mut(&callback_id).expect("it is there");
                assert!(matches!(state, CallbackState::Pending | CallbackState::Stuck), "{state:?}");
                *state = CallbackState::Superseded;
            }
            Write::CallbackDelivered { callback_id, .. } => {
                self.callbacks.get_mut(&callback_id).expect("it is there").1 = CallbackState::Delivered;
            }
            Write::InsertAttempt { .. } | Write::UpdateAttempt { .. } | Write::Nonce { .. } => {}
            Write::Risk(entry) => panic!("no rules are judged by here: {entry:?}"),
        }
    }

    /// How much waits for a person is counted, not stored; decisions count alike.
    fn count_undecided(&mut self, written: &[(OrderId, u32)]) {
        let mut counts = BTreeMap::<OrderId, u32>::new();
        for ((order, _), _) in self.suspense.iter().filter(|(_, (_, s))| *s == SuspenseState::Open) {
            *counts.entry(*order).or_default() += 1;
        }
        for (order, decided) in written {
            assert_eq!(counts.get(order).copied().unwrap_or(0), *decided, "undecided of {order}");
        }
        for order in self.orders.values_mut() {
            let count = counts.get(&order.id()).copied().unwrap_or(0);
            each_order!(order, o => o.undecided = count);
        }
    }

    fn post(&mut self, journal: Journal) {
        assert!(journal.is_balanced(), "{journal:?}");
        assert_eq!(journal.currency, Currency::CNY);
        for (account, gain) in journal.effects() {
            let balance = self.balances.entry(account.to_string()).or_default();
            *balance += gain;
            assert!(*balance >= 0 || !account.is_guarded(), "{account} at {balance}: {journal:?}");
        }
        let key = (journal.order, journal.kind.name(), journal.key.clone());
        let before = self.journals.insert(key, journal);
        assert!(before.is_none(), "posted twice: {before:?}");
    }
}

fn key(task: &TaskId) -> (&'static str, String) {
    (task.kind.name(), task.subject.clone())
}
