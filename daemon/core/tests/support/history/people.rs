//! What people decide at the desk, and two of them on an unknown.

use super::*;

impl History {
    pub(super) fn open_suspense(&self) -> impl Iterator<Item = (OrderId, String)> {
        let open = self.wallet.suspense.iter().filter(|(_, (_, state))| *state == SuspenseState::Open);
        open.map(|(key, _)| key.clone())
    }

    pub(super) fn desk(&mut self, nth: usize) {
        let open: Vec<_> = self.open_suspense().collect();
        let Some((id, key)) = open.get(nth % open.len().max(1)).cloned() else { return };
        let choice = self.dice.roll(3);
        let kept = |wallet: &Wallet, ctx: &Context<'_>| match &wallet.orders[&id] {
            AnyOrder::Withdraw(order) => core_withdraw::keep_uncovered(order, &key, ctx),
            order => {
                let money = recharge::in_suspense(wallet, id, &key).expect("it is open");
                core_recharge::keep(order.recharge()?, &money, ctx)
            }
        };
        let decided = self.decide(|wallet, ctx| match &wallet.orders[&id] {
            AnyOrder::Withdraw(order) if choice > 0 => core_withdraw::charge_uncovered(order, &key, ctx),
            AnyOrder::Recharge(order) if choice > 0 => {
                let money = recharge::in_suspense(wallet, id, &key).expect("it is open");
                if choice == 1 {
                    return core_recharge::apply(order, &money, ctx);
                }
                let refund = OrderId::new(OrderKind::Refund, ctx.now, ctx.random);
                core_refund::of_suspense(order, &money, refund, ctx).map(|(_, change)| change)
            }
            _ => kept(wallet, ctx),
        });
        if !self.store(decided.expect("it is in suspense")) {
            // The user can't be charged for lack of money.
            let change = self.decide(kept).expect("it is in suspense");
            self.wallet.store(change).expect("nobody else acts");
        }
    }

    pub(super) fn resolve(&mut self, nth: usize) {
        let is_unknown = |o: &AnyOrder| o.is_open() && (o.withdraw().is_ok() || o.refund().is_ok());
        let Some(id) = self.pick(nth, is_unknown) else { return };
        let is_payout = self.wallet.orders[&id].withdraw().is_ok();
        let done = match self.provider.truth(&self.number(id)).presence {
            Presence::Paid | Presence::Refunded => true,
            Presence::Failed => false,
            there if (is_payout || there == Presence::NotFound) && self.dice.roll(3) == 0 => false,
            _ => return,
        };
        if done || self.retire(id) && self.dice.roll(2) == 0 {
            self.end(id, done);
        }
    }

    /// The second word on what only people can end: it is retired, and the provider knows nothing of it.
    pub(super) fn second_words(&mut self) {
        for id in self.ids(AnyOrder::is_open) {
            let is_retired = self.is_retired(id);
            if is_retired && self.provider.truth(&self.number(id)).presence == Presence::NotFound {
                self.end(id, false);
            }
        }
    }

    /// The first word that it failed. Whether it was unknown.
    fn retire(&mut self, id: OrderId) -> bool {
        let change = self.decide(|wallet, ctx| match &wallet.orders[&id] {
            AnyOrder::Withdraw(order) => core_withdraw::retire(order, ctx),
            order => core_refund::retire(order.refund()?, ctx),
        });
        let Ok(change) = change else { return false };
        self.wallet.store(change).expect("nobody else acts");
        self.retired.insert(self.number(id));
        true
    }

    /// Both agree, where it is unknown still.
    fn end(&mut self, id: OrderId, done: bool) {
        let change = self.decide(|wallet, ctx| match &wallet.orders[&id] {
            AnyOrder::Withdraw(order) => core_withdraw::resolve(order, done, "line 7", ctx),
            order => {
                let order = order.refund()?;
                let paid = wallet.orders[&order.details.original].recharge()?;
                core_refund::resolve(order, paid, done, "line 7", ctx)
            }
        });
        if let Ok(change) = change {
            self.wallet.store(change).expect("nobody else acts");
        }
    }

    pub(super) fn is_retired(&self, id: OrderId) -> bool {
        let order = &self.wallet.orders[&id];
        order.attempt().is_some_and(|a| self.retired.contains(&a.channel_ref))
    }
}
