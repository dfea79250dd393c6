//! Random histories: a wallet, a provider with books of its own, merchants' acts that are decided and land later, and a
//! clock that moves only when it is told.

mod merchant;
mod people;
mod work;

use std::collections::BTreeSet;
use std::time::Duration;

use sluice_core::change::{Change, SuspenseState, TaskKind};
use sluice_core::fee::Tariff;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::observation::{Observation, Presence};
use sluice_core::order::refund::{self as core_refund, Source as MoneyOf};
use sluice_core::order::{
    AnyOrder, AttemptState, CallbackState, Fact, Refusal, Source, TradeMode, acknowledge_any,
    recharge as core_recharge, trade as core_trade, withdraw as core_withdraw,
};
use sluice_core::policy::{ChannelPolicy, Context};
use sluice_core::signing::OrderType;

use super::provider::{Dice, Provider};
use super::wallet::Wallet;
use super::{START, admission, audit, cny, recharge, refund, trade, withdraw};

pub const USERS: [&str; 3] = ["u0", "u1", "u2"];

/// What happens next. `nth` chooses among what it can happen to.
#[derive(Clone, Debug)]
pub enum Act {
    Recharge {
        user: usize,
        minor: i64,
    },
    Withdraw {
        user: usize,
        minor: i64,
        now: bool,
    },
    Pay {
        from: usize,
        to: usize,
        minor: i64,
        mode: TradeMode,
    },
    Capture {
        nth: usize,
        percent: i64,
    },
    Void(usize),
    Cancel(usize),
    Close(usize),
    Refund {
        nth: usize,
        minor: i64,
        of_app: bool,
    },
    /// The merchant acknowledges a callback.
    Ack(usize),
    /// A payer pays.
    Pays(usize),
    /// The provider goes on with money on its way out.
    Progress(usize),
    /// A notification arrives: any that was ever made, again and in any order.
    Mail(usize),
    /// A person decides on money in suspense.
    Desk(usize),
    /// Two operators, one after the other, resolve an unknown as the provider's books say; of a payout under way they
    /// may err, and the second may never speak.
    Resolve(usize),
    /// Time passes, and what is due is done.
    Tick(u64),
}

/// An act, the seed of all chance in it, and whether its decision lands only after later ones.
#[derive(Clone, Debug)]
pub struct Step {
    pub act: Act,
    pub seed: u64,
    pub late: bool,
}

pub struct History {
    pub wallet: Wallet,
    pub provider: Provider,
    policy: ChannelPolicy,
    tariff: Tariff,
    dice: Dice,
    /// Decided, and not yet stored.
    late: Vec<Change>,
    /// The numbers that a first operator retired.
    retired: BTreeSet<String>,
    /// The guards that refused a decision.
    pub refused: Vec<&'static str>,
    numbers: u32,
}

impl History {
    pub fn new(policy: ChannelPolicy, tariff: Tariff) -> Self {
        Self {
            wallet: Wallet::new(START),
            provider: Provider::default(),
            policy,
            tariff,
            dice: Dice(0),
            late: Vec::new(),
            retired: BTreeSet::new(),
            refused: Vec::new(),
            numbers: 0,
        }
    }

    /// Each user has paid in `minor`, and knows nothing of what follows.
    pub fn fund(&mut self, minor: i64) {
        self.provider.honest = true;
        for (user, _) in USERS.iter().enumerate() {
            self.play(&Step { act: Act::Recharge { user, minor }, seed: 1, late: false });
            self.provider.payer_pays(user, &mut self.dice);
        }
        (0..self.provider.mail.len()).for_each(|nth| self.mail(nth));
        self.provider.honest = false;
    }

    pub fn play(&mut self, step: &Step) {
        self.dice = Dice(step.seed);
        match step.act {
            Act::Ack(nth) => self.acknowledge(nth),
            Act::Pays(nth) => self.provider.payer_pays(nth, &mut self.dice),
            Act::Progress(nth) => self.provider.progress(nth, &mut self.dice),
            Act::Mail(nth) => self.mail(nth),
            Act::Desk(nth) => self.desk(nth),
            Act::Resolve(nth) => self.resolve(nth),
            Act::Tick(secs) => self.tick(secs),
            _ => self.merchant(step),
        }
        audit::audit(&self.wallet);
    }

    /// All is delivered, the provider is definite, and time passes until nothing is left to do.
    pub fn finish(&mut self) {
        self.land_all();
        self.provider.finish(&mut self.dice);
        for nth in 0..self.provider.mail.len() {
            self.mail(nth);
        }
        for round in 0.. {
            self.provider.finish(&mut self.dice);
            while self.open_suspense().next().is_some() {
                self.desk(0);
            }
            self.second_words();
            self.tick(1_800);
            self.acknowledge_all();
            audit::audit(&self.wallet);
            if self.wallet.tasks.is_empty() {
                break;
            }
            assert!(round < 400, "it does not end: {:?}", self.wallet.tasks);
        }
        for order in self.wallet.orders.values() {
            assert!(!order.is_open(), "open at the end: {order:?}");
        }
        let undelivered = self.wallet.callbacks.values().filter(|(_, s)| *s == CallbackState::Pending);
        assert_eq!(undelivered.count(), 0);
        assert_eq!(
            self.wallet.balance("channel:alipay:clearing"),
            self.provider.balance,
            "the provider's books"
        );
    }

    /// A decision by the wallet as it is now.
    fn decide<T, D>(&mut self, decide: D) -> Result<T, Refusal>
    where
        D: FnOnce(&Wallet, &Context<'_>) -> Result<T, Refusal>,
    {
        let policy = self.policy.clone();
        let ctx = self.wallet.context(&policy);
        decide(&self.wallet, &ctx)
    }

    /// A decision that must land: whatever else lands between deciding and storing, it is decided anew.
    fn must<D>(&mut self, decide: D)
    where
        D: Fn(&Wallet, &Context<'_>) -> Result<Change, Refusal>,
    {
        let change = self.decide(&decide).expect("facts are taken");
        if self.dice.roll(3) == 0 {
            self.land();
        }
        if !self.store(change) {
            let again = self.decide(&decide).expect("facts are taken");
            self.wallet.store(again).expect("nobody else acts");
        }
    }

    /// The oldest decision on its way lands, or is refused as a whole.
    fn land(&mut self) {
        if !self.late.is_empty() {
            let change = self.late.remove(0);
            self.store(change);
        }
    }

    /// Whether it is stored: a guard may refuse.
    fn store(&mut self, change: Change) -> bool {
        let stored = self.wallet.store(change);
        self.refused.extend(stored.err());
        stored.is_ok()
    }

    fn land_all(&mut self) {
        while !self.late.is_empty() {
            self.land();
        }
    }

    /// The nth of those it can happen to.
    fn pick(&self, nth: usize, is: impl Fn(&AnyOrder) -> bool) -> Option<OrderId> {
        let ids = self.ids(is);
        ids.get(nth % ids.len().max(1)).copied()
    }

    fn ids(&self, is: impl Fn(&AnyOrder) -> bool) -> Vec<OrderId> {
        self.wallet.orders.values().filter(|o| is(o)).map(AnyOrder::id).collect()
    }

    fn acknowledge(&mut self, nth: usize) {
        let pending: Vec<_> =
            self.wallet.callbacks.iter().map(|(id, (order, _))| (id.clone(), *order)).collect();
        if let Some((callback, order)) = pending.get(nth % pending.len().max(1)) {
            self.must(|wallet, ctx| acknowledge_any(&wallet.orders[order], callback, ctx));
        }
    }

    fn acknowledge_all(&mut self) {
        let of = |(id, (order, state)): (&String, &(OrderId, CallbackState))| {
            (*state == CallbackState::Pending).then(|| (id.clone(), *order))
        };
        for (callback, order) in self.wallet.callbacks.iter().filter_map(of).collect::<Vec<_>>() {
            self.must(|wallet, ctx| acknowledge_any(&wallet.orders[&order], &callback, ctx));
        }
    }

    fn mail(&mut self, nth: usize) {
        if self.provider.mail.is_empty() {
            return;
        }
        let (number, seen) = self.provider.mail[nth % self.provider.mail.len()].clone();
        let of_number = |o: &AnyOrder| o.attempt().is_some_and(|a| a.channel_ref == number);
        let id = self.ids(of_number)[0];
        self.take(id, &seen, Source::Notification);
    }

    /// A fact enters.
    fn take(&mut self, id: OrderId, seen: &Observation, source: Source) {
        let is_taken = |o: &AnyOrder| o.withdraw().is_ok() && matches!(o.state_number(), 1 | 2);
        let was_taken = is_taken(&self.wallet.orders[&id]);
        self.must(|wallet, ctx| {
            let fact = Fact { attempt_no: 1, seen, source, evidence_id: None };
            match &wallet.orders[&id] {
                AnyOrder::Recharge(order) => core_recharge::settle(order, &fact, ctx),
                AnyOrder::Withdraw(order) => core_withdraw::settle(order, &fact, ctx),
                AnyOrder::Refund(order) => {
                    let paid = wallet.orders[&order.details.original].recharge()?;
                    core_refund::settle(order, paid, &fact, ctx)
                }
                AnyOrder::Trade(order) => panic!("no channel knows {order:?}"),
            }
        });
        if was_taken && self.wallet.orders[&id].state_number() == 5 {
            assert_eq!(seen.presence, Presence::Failed, "what the channel took is given up on less");
        }
    }
}
