//! A store in memory that keeps what decisions ask for, and a small language for facts.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unreachable_pub)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sluice_core::change::{Change, CredentialCheck, TaskChange, TaskId, TaskKind, Write};
use sluice_core::fee::{FeeRule, FeeTerms, Tariff};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::money::{Amount, Currency};
use sluice_core::observation::{Observation, Presence, Trouble};
use sluice_core::order::recharge::{self, Creation, NewRecharge, Submission};
use sluice_core::order::{
    Admission, AnyOrder, CallbackState, Fact, Method, Payment, Recharge, Refusal, Source, acknowledge,
};
use sluice_core::policy::{ChannelPolicy, Context, LatePolicy};
use sluice_core::schedule::RequerySchedule;
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

pub const AMOUNT: i64 = 8888;

pub fn policy(late: LatePolicy) -> ChannelPolicy {
    ChannelPolicy {
        late,
        fee_ppm: 0,
        requery: RequerySchedule([60, 120, 300].map(Duration::from_secs).to_vec()),
        expiry_margin: Duration::from_secs(60),
        limbo_after: Duration::from_secs(120),
        create_timeout: Duration::from_secs(5),
        ..ChannelPolicy::default()
    }
}

/// One order and everything that was written for it.
pub struct Books {
    pub order: Recharge,
    pub policy: ChannelPolicy,
    pub now: Timestamp,
    pub balances: BTreeMap<String, i64>,
    pub journals: BTreeSet<(&'static str, String)>,
    pub tasks: BTreeMap<(&'static str, String), Timestamp>,
    pub suspense: Vec<(String, i64)>,
    random: u128,
}

impl Books {
    pub fn create(policy: ChannelPolicy, fee: FeeRule) -> Self {
        let now = Timestamp::from_secs(1_795_560_000);
        let new = NewRecharge {
            client_id: "app_1".into(),
            merchant_order_no: "A-1".into(),
            user_ref: "u1".into(),
            amount: Amount::new(AMOUNT, Currency::CNY),
            subject: "充值".into(),
            method: Method::Qr,
            channel: "alipay".into(),
            notify_url: Some("https://shop.example/cb".into()),
            return_url: None,
            expires_in: Duration::from_secs(7200),
            metadata: BTreeMap::new(),
            content_digest: "d".into(),
        };
        let with = Creation {
            id: OrderId::new(OrderKind::Recharge, now, 7),
            admission: admission(OrderType::Recharge, now),
            tariff: Tariff { rule: fee, terms: FeeTerms::default() },
            ready: None,
        };
        let ctx = Context { now, random: 1, policy: &policy };
        let (order, change) = recharge::create(new, with, &ctx).unwrap();
        let mut books = Self {
            order,
            policy,
            now,
            balances: BTreeMap::new(),
            journals: BTreeSet::new(),
            tasks: BTreeMap::new(),
            suspense: Vec::new(),
            random: 1,
        };
        books.store(change);
        books
    }

    /// Carries out a fact of the little language; what is not possible now is an error.
    pub fn play(&mut self, fact: &str) -> Result<(), Refusal> {
        let words: Vec<&str> = fact.split_whitespace().collect();
        self.random += 1 << 40;
        let policy = self.policy.clone();
        let ctx = Context { now: self.now, random: self.random, policy: &policy };
        let order = self.order.clone();
        let settle = |seen: &Observation, source| {
            let fact = Fact { attempt_no: 1, seen, source, evidence_id: Some("evd_1".into()) };
            recharge::settle(&order, &fact, &ctx)
        };
        let change = match words.as_slice() {
            ["wait", span] => {
                self.now = self.now + parse_span(span);
                return Ok(());
            }
            ["accepted"] => {
                let payment = Payment::Qr { content: "https://qr.example/1".into() };
                let submission = Submission::Accepted { payment, channel_order_no: None };
                recharge::submitted(&order, 1, &submission, None, &ctx)?
            }
            ["refused"] => {
                let submission = Submission::Refused { code: "40004".into(), message: "no".into() };
                recharge::submitted(&order, 1, &submission, None, &ctx)?
            }
            ["lost"] => {
                let submission = Submission::Observed(unknown());
                recharge::submitted(&order, 1, &submission, None, &ctx)?
            }
            ["unpaid"] => settle(&seen(Presence::Unpaid), Source::Requery)?,
            ["asked-unpaid"] => settle(&seen(Presence::Unpaid), Source::Query)?,
            ["created-unpaid"] => {
                let submission = Submission::Observed(seen(Presence::Unpaid));
                recharge::submitted(&order, 1, &submission, None, &ctx)?
            }
            ["notfound"] => settle(&seen(Presence::NotFound), Source::Requery)?,
            ["unknown"] => settle(&unknown(), Source::Requery)?,
            ["closed"] => settle(&seen(Presence::Closed), Source::Query)?,
            ["paid", minor, number] => settle(&paid(minor, number), Source::Query)?,
            ["notified", minor, number] => settle(&paid(minor, number), Source::Notification)?,
            ["merchant-closes"] => {
                recharge::request_close(&order, &admission(OrderType::Recharge, ctx.now), &ctx)?
            }
            ["told", what] => {
                let answer = match *what {
                    "closed" => seen(Presence::Closed),
                    "notfound" => seen(Presence::NotFound),
                    _ => unknown(),
                };
                recharge::close_answered(&order, 1, &answer, None, 0, &ctx)?
            }
            ["ack"] => {
                let last = order.callbacks.iter().rev().find(|c| c.state == CallbackState::Pending);
                let Some(callback) = last else { return Ok(()) };
                acknowledge(&order, &callback.callback_id, &ctx)?
            }
            other => panic!("no such fact: {other:?}"),
        };
        self.store(change);
        Ok(())
    }

    fn store(&mut self, change: Change) {
        for write in change.writes {
            match write {
                Write::UpdateOrder(order) => match order.written() {
                    AnyOrder::Recharge(order) => self.order = order,
                    other => panic!("not a recharge: {other:?}"),
                },
                Write::Journal(journal) => {
                    assert!(journal.is_balanced(), "{journal:?}");
                    let fresh = self.journals.insert((journal.kind.name(), journal.key.clone()));
                    assert!(fresh, "posted twice: {journal:?}");
                    for (account, gain) in journal.effects() {
                        *self.balances.entry(account.to_string()).or_default() += gain;
                    }
                }
                Write::Suspense(s) => self.suspense.push((s.key, s.amount.minor)),
                _ => {}
            }
        }
        for task in change.tasks {
            match task {
                TaskChange::Schedule { task, due_at, .. } => {
                    self.tasks.insert(key(&task), due_at);
                }
                TaskChange::Drop(task) => {
                    self.tasks.remove(&key(&task));
                }
            }
        }
    }

    pub fn balance(&self, account: &str) -> i64 {
        self.balances.get(account).copied().unwrap_or_default()
    }

    pub fn user(&self) -> i64 {
        self.balance("user:app_1:u1:available")
    }

    pub fn has_task(&self, kind: TaskKind) -> bool {
        self.tasks.keys().any(|(k, _)| *k == kind.name())
    }

    /// The newest callback as `type:state`, or `-`.
    pub fn callback(&self) -> String {
        let last = self.order.callbacks.last();
        last.map_or("-".into(), |c| {
            format!("{}:{}", c.r#type.trim_start_matches("recharge."), c.state.name())
        })
    }
}

/// A verified request of the app.
pub fn admission(order_type: OrderType, at: Timestamp) -> Admission {
    Admission {
        check: CredentialCheck {
            client_id: "app_1".into(),
            order_type,
            password_version: 1,
            key_id: "k1".into(),
            at,
        },
        nonce: "n".repeat(16),
        nonce_until: at,
        request_id: "req".into(),
        conditions: Vec::new(),
        writes: Vec::new(),
    }
}

fn key(task: &TaskId) -> (&'static str, String) {
    (task.kind.name(), task.subject.clone())
}

pub fn seen(presence: Presence) -> Observation {
    Observation::of(presence, "10000", "")
}

pub fn unknown() -> Observation {
    Observation::unknown(Trouble::Unreachable, "timeout", "no answer")
}

fn paid(minor: &str, number: &str) -> Observation {
    Observation {
        amount: Some(Amount::new(minor.parse().unwrap(), Currency::CNY)),
        paid_at: Some(Timestamp::from_secs(1_795_560_001)),
        channel_order_no: (number != "-").then(|| number.to_owned()),
        ..seen(Presence::Paid)
    }
}

fn parse_span(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let secs = match unit {
        "s" => 1,
        "m" => 60,
        _ => 3600,
    };
    Duration::from_secs(number.parse::<u64>().unwrap() * secs)
}
