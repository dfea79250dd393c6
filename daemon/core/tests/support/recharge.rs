//! Recharges: how they are asked for, the facts of their channel, and the books of a single one.

use std::collections::BTreeMap;
use std::time::Duration;

use sluice_core::change::{Change, TaskKind};
use sluice_core::fee::{FeeRule, FeeTerms, Tariff};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::recharge::{self, Creation, InSuspense, NewRecharge, Submission};
use sluice_core::order::{CallbackState, Fact, Method, Payment, Recharge, Refusal, Source, acknowledge};
use sluice_core::policy::{ChannelPolicy, Context};
use sluice_core::signing::OrderType;

use super::wallet::Wallet;
use super::{AMOUNT, APP, CHANNEL, START, admission, cny, observed, parse_span};

/// A merchant asks for a recharge.
pub fn ask(
    no: &str,
    user: &str,
    minor: i64,
    tariff: Tariff,
    ctx: &Context<'_>,
) -> Result<(Recharge, Change), Refusal> {
    let new = NewRecharge {
        client_id: APP.into(),
        merchant_order_no: no.into(),
        user_ref: user.into(),
        amount: cny(minor),
        subject: "充值".into(),
        method: Method::Qr,
        channel: CHANNEL.into(),
        notify_url: Some("https://shop.example/cb".into()),
        return_url: None,
        expires_in: Duration::from_secs(7200),
        metadata: BTreeMap::new(),
        content_digest: "d".into(),
    };
    let with = Creation {
        id: OrderId::new(OrderKind::Recharge, ctx.now, ctx.random),
        admission: admission(OrderType::Recharge, ctx.now),
        tariff,
        ready: None,
    };
    recharge::create(new, with, ctx)
}

pub fn accepted() -> Submission {
    let payment = Payment::Qr { content: "https://qr.example/1".into() };
    Submission::Accepted { payment, channel_order_no: None }
}

/// A fact of a recharge; none: not of its language.
pub fn decide(order: &Recharge, words: &[&str], ctx: &Context<'_>) -> Option<Result<Change, Refusal>> {
    let settle = |words: &[&str], source| {
        let seen = observed(words);
        let fact = Fact { attempt_no: 1, seen: &seen, source, evidence_id: Some("evd_1".into()) };
        recharge::settle(order, &fact, ctx)
    };
    let submit = |submission| recharge::submitted(order, 1, &submission, None, ctx);
    Some(match words {
        ["accepted"] => submit(accepted()),
        ["refused"] => submit(Submission::Refused { code: "40004".into(), message: "no".into() }),
        ["lost"] => submit(Submission::Observed(observed(&["nothing"]))),
        ["created-unpaid"] => submit(Submission::Observed(observed(&["unpaid"]))),
        ["asked-unpaid"] => settle(&["unpaid"], Source::Query),
        ["unpaid" | "notfound" | "unknown"] => settle(words, Source::Requery),
        ["closed"] | ["paid", ..] => settle(words, Source::Query),
        ["notified", rest @ ..] => settle(&[&["paid"], rest].concat(), Source::Notification),
        ["merchant-closes"] => recharge::request_close(order, &admission(OrderType::Recharge, ctx.now), ctx),
        ["told", what] => recharge::close_answered(order, 1, &observed(&[what]), None, 0, ctx),
        _ => return None,
    })
}

/// The money of a recharge in suspense under `key`, as the desk shows it.
pub fn in_suspense(wallet: &Wallet, order: OrderId, key: &str) -> Option<InSuspense> {
    let (money, _) = wallet.suspense.get(&(order, key.to_owned()))?;
    Some(InSuspense {
        key: money.key.clone(),
        channel: money.channel.clone(),
        amount: money.amount,
        reason: money.reason,
    })
}

/// One recharge and everything that was written for it.
pub struct Books {
    pub order: Recharge,
    pub policy: ChannelPolicy,
    pub wallet: Wallet,
}

impl Books {
    pub fn create(policy: ChannelPolicy, fee: FeeRule) -> Self {
        let mut wallet = Wallet::new(START);
        let tariff = Tariff { rule: fee, terms: FeeTerms::default() };
        let (order, change) = ask("A-1", "u1", AMOUNT, tariff, &wallet.context(&policy)).unwrap();
        wallet.store(change).unwrap();
        Self { order, policy, wallet }
    }

    /// Carries out a fact of the little language; what is not possible now is an error.
    pub fn play(&mut self, fact: &str) -> Result<(), Refusal> {
        let words: Vec<&str> = fact.split_whitespace().collect();
        let ctx = self.wallet.context(&self.policy);
        let change = match words.as_slice() {
            ["wait", span] => {
                self.wallet.now = self.wallet.now + parse_span(span);
                return Ok(());
            }
            ["ack"] => {
                let last = self.order.callbacks.iter().rev().find(|c| c.state == CallbackState::Pending);
                let Some(callback) = last else { return Ok(()) };
                acknowledge(&self.order, &callback.callback_id, &ctx)?
            }
            words => decide(&self.order, words, &ctx).unwrap_or_else(|| panic!("no such fact: {fact}"))?,
        };
        self.wallet.store(change).expect("nobody else acts");
        self.order = self.wallet.orders[&self.order.id].recharge().expect("it stays one").clone();
        Ok(())
    }

    pub fn balance(&self, account: &str) -> i64 {
        self.wallet.balance(account)
    }

    pub fn user(&self) -> i64 {
        self.balance("user:app_1:u1:available")
    }

    pub fn has_journal(&self, kind: &str) -> bool {
        self.wallet.journals.keys().any(|(_, k, _)| *k == kind)
    }

    pub fn has_task(&self, kind: TaskKind) -> bool {
        self.wallet.task(kind, self.order.id).is_some()
    }

    pub fn suspended(&self) -> i64 {
        self.wallet.suspense.values().map(|(s, _)| s.amount.minor).sum()
    }

    /// The newest callback as `type:state`, or `-`.
    pub fn callback(&self) -> String {
        super::table::callback(&self.order.callbacks)
    }
}
