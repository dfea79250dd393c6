//! A database in memory: what the conditions mean, word by word.

use std::collections::{BTreeMap, BTreeSet};

use sluice_core::money::Currency;
use sluice_core::risk::{
    Asked, Condition, Counter, Day, DayOffset, Entry, InForce, Passed, Refusal, Rules, UserState,
};
use sluice_core::time::Timestamp;

pub(crate) const APP: &str = "app_1";

/// The rules, users, payees and counters of one app.
#[derive(Default)]
pub(crate) struct Database {
    pub(crate) in_force: InForce,
    pub(crate) states: BTreeMap<String, UserState>,
    pub(crate) opened: BTreeMap<String, Timestamp>,
    pub(crate) payees: BTreeMap<String, Timestamp>,
    /// Orders and minor units.
    pub(crate) counted: BTreeMap<(Counter, Currency), (i64, i64)>,
}

impl Database {
    pub(crate) fn with(document: &str) -> Self {
        let rules = Rules::from_json(document).unwrap_or_else(|e| panic!("{document}: {e}"));
        Self { in_force: InForce { version: 1, rules }, ..Self::default() }
    }

    /// Judges and writes at once; the name of what refuses it.
    pub(crate) fn create(&mut self, asked: &Asked<'_>, now: Timestamp) -> Result<(), &'static str> {
        let passed = self.judge(asked, now)?;
        self.write(passed)
    }

    /// The half of the judgement that looks at values.
    pub(crate) fn judge(&self, asked: &Asked<'_>, now: Timestamp) -> Result<Passed, &'static str> {
        self.in_force.check(asked, now, Day::of(now, offset())).map_err(|rule| rule.name())
    }

    /// The transaction: the first condition that does not hold refuses the order, or all is written.
    pub(crate) fn write(&mut self, passed: Passed) -> Result<(), &'static str> {
        if let Some(refused) = passed.conditions.iter().find(|c| !self.holds(c)) {
            return Err(match refused.refusal() {
                Refusal::Outdated => "outdated",
                Refusal::UserForbidden => "user_forbidden",
                Refusal::Rule(rule) => rule.name(),
            });
        }
        for entry in passed.entries {
            match entry {
                Entry::OpenUser { user_ref, at, .. } => {
                    self.opened.entry(user_ref).or_insert(at);
                }
                Entry::Count { counter, amount } => {
                    let (orders, minor) = self.counted.entry((counter, amount.currency)).or_default();
                    *orders += 1;
                    *minor += amount.minor;
                }
            }
        }
        Ok(())
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::RulesUnchanged { version, .. } => *version == self.in_force.version,
            Condition::UserMay { user_ref, act, .. } => {
                let state = self.states.get(user_ref).copied().unwrap_or_default();
                !act.forbidden_in().any(|forbidden| forbidden == state)
            }
            Condition::UserOpenedBy { user_ref, by, .. } => {
                self.opened.get(user_ref).is_some_and(|opened| opened <= by)
            }
            Condition::PayeeListedBy { payee_key, by, .. } => {
                self.payees.get(payee_key).is_some_and(|added| added <= by)
            }
            Condition::OrdersAtMost { counter, orders } => {
                let of_all = self.counted.iter().filter(|((c, _), _)| c == counter);
                of_all.map(|(_, (n, _))| n).sum::<i64>() <= *orders
            }
            Condition::AmountAtMost { counter, currency, minor } => {
                let key = (counter.clone(), *currency);
                self.counted.get(&key).map_or(0, |(_, used)| *used) <= *minor
            }
        }
    }

    /// Whose orders are counted: users, and `None` for the app.
    pub(crate) fn counters(&self) -> BTreeSet<Option<String>> {
        self.counted.keys().map(|(c, _)| c.user_ref.clone()).collect()
    }
}

pub(crate) fn offset() -> DayOffset {
    DayOffset::default()
}
