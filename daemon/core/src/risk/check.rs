//! The judgement of a new order by its app's rules.

use std::net::IpAddr;

use super::condition::{Condition, Counter, Entry};
use super::day::Day;
use super::rule::Rule;
use super::rules::{Rules, TypeRules};
use super::user_state::UserAct;
use crate::money::Amount;
use crate::signing::OrderType;
use crate::time::Timestamp;

/// An app's rules as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// Grows with every change; 0: the app has no document.
    pub version: i64,
    /// The document.
    pub rules: Rules,
}

/// What is asked for: the facts that rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The app.
    pub client_id: &'a str,
    /// The type.
    pub order_type: OrderType,
    /// The user whose order it is: of a trade, the one who pays.
    pub user_ref: &'a str,
    /// The user whom a trade pays; none: the app itself.
    pub recipient: Option<&'a str>,
    /// What is recharged, paid out or paid, without fees.
    pub amount: Amount,
    /// The normalised host that callbacks would go to: of the order's URL, or else of the app's. None: there are none.
    pub notify_host: Option<&'a str>,
    /// Where the request came from.
    pub source: IpAddr,
    /// A withdrawal's payee by its key in the app's list: a keyed digest of its kind and account, made at the edge, so
    /// that no personal data comes here.
    pub payee_key: Option<&'a str>,
}

/// What has to hold yet, and what is to be written with the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// In the order in which they are judged: the first that does not hold says why.
    pub conditions: Vec<Condition>,
    /// For the same transaction.
    pub entries: Vec<Entry>,
}

impl InForce {
    /// Judges a new order. `now` is the order's time of creation, and `day` the day of that moment.
    ///
    /// # Errors
    /// The rule that refuses it whatever the database says.
    pub fn check(&self, asked: &Asked<'_>, now: Timestamp, day: Day) -> Result<Passed, Rule> {
        let rules = self.rules.of(asked.order_type);
        by_values(rules, asked)?;
        let mut passed = Passed::default();
        let client_id = || asked.client_id.to_owned();
        passed.conditions.push(Condition::RulesUnchanged { client_id: client_id(), version: self.version });
        by_users(&mut passed, asked, now);
        if let Some(cooling) = rules.new_user_cooling {
            let user_ref = asked.user_ref.to_owned();
            let condition = Condition::UserOpenedBy { client_id: client_id(), user_ref, by: now - cooling };
            passed.conditions.push(condition);
        }
        if let Some(list) = rules.payee_allow_list {
            let payee_key = asked.payee_key.ok_or(Rule::PayeeAllowList)?.to_owned();
            let condition =
                Condition::PayeeListedBy { client_id: client_id(), payee_key, by: now - list.wait };
            passed.conditions.push(condition);
        }
        by_usage(&mut passed, rules, asked, day)?;
        Ok(passed)
    }
}

fn by_values(rules: &TypeRules, asked: &Asked<'_>) -> Result<(), Rule> {
    if rules.networks.as_ref().is_some_and(|nets| !nets.iter().any(|n| n.contains(asked.source))) {
        return Err(Rule::Networks);
    }
    let hosts = rules.notify_hosts.as_ref().zip(asked.notify_host);
    if hosts.is_some_and(|(patterns, host)| !patterns.iter().any(|p| p.matches(host))) {
        return Err(Rule::NotifyHosts);
    }
    let Amount { minor, currency } = asked.amount;
    if rules.min.get(&currency).is_some_and(|min| minor < *min) {
        return Err(Rule::Min);
    }
    if rules.max.get(&currency).is_some_and(|max| minor > *max) {
        return Err(Rule::Max);
    }
    Ok(())
}

/// Each user whom the order names may take part, and is opened by it.
fn by_users(passed: &mut Passed, asked: &Asked<'_>, now: Timestamp) {
    let owner = (asked.user_ref, UserAct::of(asked.order_type));
    let recipient = asked.recipient.map(|user_ref| (user_ref, UserAct::Receive));
    for (user_ref, act) in [Some(owner), recipient].into_iter().flatten() {
        let (client_id, user_ref) = (asked.client_id.to_owned(), user_ref.to_owned());
        passed.conditions.push(Condition::UserMay {
            client_id: client_id.clone(),
            user_ref: user_ref.clone(),
            act,
        });
        passed.entries.push(Entry::OpenUser { client_id, user_ref, at: now });
    }
}

/// Counters are kept only where a rule needs them.
fn by_usage(passed: &mut Passed, rules: &TypeRules, asked: &Asked<'_>, day: Day) -> Result<(), Rule> {
    let counter = |user_ref: Option<&str>| Counter {
        client_id: asked.client_id.to_owned(),
        order_type: asked.order_type,
        user_ref: user_ref.map(str::to_owned),
        day,
    };
    let Amount { minor, currency } = asked.amount;
    let of_user = counter(Some(asked.user_ref));
    if let Some(limit) = rules.user_daily_count {
        let orders = i64::from(limit.checked_sub(1).ok_or(Rule::UserDailyCount)?);
        passed.conditions.push(Condition::OrdersAtMost { counter: of_user.clone(), orders });
    }
    let of_app = counter(None);
    for (limits, counter, rule) in [
        (&rules.user_daily_amount, &of_user, Rule::UserDailyAmount),
        (&rules.app_daily_amount, &of_app, Rule::AppDailyAmount),
    ] {
        let Some(limit) = limits.get(&currency) else { continue };
        if minor > *limit {
            return Err(rule);
        }
        let condition = Condition::AmountAtMost { counter: counter.clone(), currency, minor: limit - minor };
        passed.conditions.push(condition);
    }
    let counted = [rules.counts_users().then_some(of_user), rules.counts_app().then_some(of_app)];
    let count = |counter| Entry::Count { counter, amount: asked.amount };
    passed.entries.extend(counted.into_iter().flatten().map(count));
    Ok(())
}
