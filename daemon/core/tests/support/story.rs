//! A story of several orders on one wallet, told in lines of facts.
//!
//! `recharge 20000` and `withdraw 500`, `withdraw-later`, `pay u2 500`, `authorise app 500` begin an order (`r`, `w`,
//! `t`) of user `u1`; `refund 300`, `refund-of-app 300` one (`f1`, `f2`, …) of the order spoken of. Other facts are of the
//! order begun last, or of one that is named: `r: ack`.

use std::collections::BTreeMap;

use sluice_core::change::Change;
use sluice_core::fee::{FeeRule, FeeTerms, Tariff};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::money::Amount;
use sluice_core::order::refund::{self as core_refund, Source};
use sluice_core::order::{
    AnyOrder, CallbackState, Refusal, TradeMode, acknowledge_any, recharge as core_recharge,
};
use sluice_core::policy::{ChannelPolicy, Context, LatePolicy};

use super::wallet::Wallet;
use super::{START, audit, cny, parse_span, policy, recharge, refund, trade, withdraw};

/// The letter of its name, its id, and its change.
type Begun = (&'static str, OrderId, Change);

pub struct Story {
    pub wallet: Wallet,
    pub policy: ChannelPolicy,
    pub tariff: Tariff,
    pub names: BTreeMap<String, OrderId>,
    last: Option<OrderId>,
    refunds: u32,
}

impl Story {
    pub fn new(rule: FeeRule, terms: FeeTerms) -> Self {
        Self {
            wallet: Wallet::new(START),
            policy: policy(LatePolicy::Credit),
            tariff: Tariff { rule, terms },
            names: BTreeMap::new(),
            last: None,
            refunds: 0,
        }
    }

    /// User `u1` has `minor`, by a recharge without a fee.
    pub fn funded(rule: FeeRule, terms: FeeTerms, minor: i64) -> Self {
        let mut story = Self::new(FeeRule::default(), FeeTerms::default());
        for line in [format!("recharge {minor}"), format!("notified {minor} T0"), "ack".to_owned()] {
            story.play(&line).unwrap();
        }
        story.tariff = Tariff { rule, terms };
        story
    }

    pub fn order(&self, name: &str) -> &AnyOrder {
        &self.wallet.orders[&self.names[name]]
    }

    pub fn last(&self) -> &AnyOrder {
        &self.wallet.orders[&self.last.expect("an order has begun")]
    }

    /// Tells one line. What is refused, by the decision or by a guard of the store, is an error of one word.
    pub fn play(&mut self, line: &str) -> Result<(), String> {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if let Some(name) = words[0].strip_suffix(':') {
            self.last = Some(*self.names.get(name).unwrap_or_else(|| panic!("no order {name}")));
            words.remove(0);
        }
        if let ["wait", span] = words.as_slice() {
            self.wallet.now = self.wallet.now + parse_span(span);
            return Ok(());
        }
        let policy = self.policy.clone();
        let ctx = self.wallet.context(&policy);
        let begun = match self.begin(&words, &ctx) {
            Some(begun) => {
                let (name, order, change) = begun.map_err(|e| word(&e))?;
                self.wallet.store(change)?;
                Some((name, order))
            }
            None => {
                let change = self.decide(&words, &ctx).map_err(|e| word(&e))?;
                self.wallet.store(change)?;
                None
            }
        };
        if let Some((name, order)) = begun {
            self.refunds += u32::from(name == "f");
            let name = if name == "f" { format!("f{}", self.refunds) } else { name.to_owned() };
            self.names.insert(name, order);
            self.last = Some(order);
        }
        audit::audit(&self.wallet);
        Ok(())
    }

    /// An order that begins, and the letter of its name; none: the words are of an order that is there.
    fn begin(&self, words: &[&str], ctx: &Context<'_>) -> Option<Result<Begun, Refusal>> {
        let (no, tariff) = (format!("A-{}", self.wallet.orders.len()), self.tariff);
        let sum = |text: &str| text.parse::<i64>().expect("a sum");
        Some(match words {
            ["recharge", minor] => {
                recharge::ask(&no, "u1", sum(minor), tariff, ctx).map(|(o, c)| ("r", o.id, c))
            }
            ["withdraw", minor] => {
                withdraw::ask(&no, "u1", sum(minor), tariff, true, ctx).map(|(o, c)| ("w", o.id, c))
            }
            ["withdraw-later", minor] => {
                withdraw::ask(&no, "u1", sum(minor), tariff, false, ctx).map(|(o, c)| ("w", o.id, c))
            }
            ["pay", to, minor] => trade::ask(&no, ("u1", to), sum(minor), TradeMode::Direct, tariff, ctx)
                .map(|(o, c)| ("t", o.id, c)),
            ["authorise", to, minor] => {
                trade::ask(&no, ("u1", to), sum(minor), TradeMode::Authorise, tariff, ctx)
                    .map(|(o, c)| ("t", o.id, c))
            }
            ["refund", minor] => self.refund(&no, cny(sum(minor)), Source::User, ctx),
            ["refund-of-app", minor] => self.refund(&no, cny(sum(minor)), Source::App, ctx),
            ["refund-in-usd", minor] => {
                let dollars = Amount::new(sum(minor), "USD".parse().expect("a currency"));
                self.refund(&no, dollars, Source::User, ctx)
            }
            ["give-back", key] => {
                let paid = self.last().recharge().expect("a recharge");
                let money = recharge::in_suspense(&self.wallet, paid.id, key).expect("in suspense");
                let id = OrderId::new(OrderKind::Refund, ctx.now, ctx.random);
                core_refund::of_suspense(paid, &money, id, ctx).map(|(o, c)| ("f", o.id, c))
            }
            _ => return None,
        })
    }

    /// A refund of the order spoken of: a refund's own original, else the order itself.
    fn refund(&self, no: &str, amount: Amount, of: Source, ctx: &Context<'_>) -> Result<Begun, Refusal> {
        let paid = match self.last() {
            AnyOrder::Refund(refund) => &self.wallet.orders[&refund.details.original],
            order => order,
        };
        refund::ask(no, paid, amount, of, ctx).map(|(o, c)| ("f", o.id, c))
    }

    fn decide(&self, words: &[&str], ctx: &Context<'_>) -> Result<Change, Refusal> {
        let order = self.last();
        if let ["ack"] = words {
            let pending = order.callbacks().iter().rev().find(|c| c.state == CallbackState::Pending);
            let callback = pending.expect("a callback that waits");
            return acknowledge_any(order, &callback.callback_id, ctx);
        }
        let decided = match order {
            AnyOrder::Recharge(order) => match words {
                ["apply" | "keep", key] => {
                    let money = recharge::in_suspense(&self.wallet, order.id, key).expect("in suspense");
                    let decide = if words[0] == "apply" { core_recharge::apply } else { core_recharge::keep };
                    Some(decide(order, &money, ctx))
                }
                words => recharge::decide(order, words, ctx),
            },
            AnyOrder::Withdraw(order) => withdraw::decide(order, words, ctx),
            AnyOrder::Trade(order) => trade::decide(order, words, ctx),
            AnyOrder::Refund(order) => {
                let paid = self.wallet.orders[&order.details.original].recharge().expect("a recharge");
                refund::decide(order, paid, words, ctx)
            }
        };
        decided.unwrap_or_else(|| panic!("no such fact: {words:?}"))
    }
}

/// A refusal in one word.
fn word(refusal: &Refusal) -> String {
    format!("{refusal:?}").replace(['"', '(', ')'], ":").trim_matches(':').replace("::", ":")
}
