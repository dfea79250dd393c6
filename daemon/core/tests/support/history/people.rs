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
        let number = self.wallet.orders[&id].attempt().expect("it has one").channel_ref.clone();
        let done = match self.provider.truth(&number).presence {
            Presence::Paid | Presence::Refunded => true,
            Presence::Failed => false,
            _ if self.wallet.orders[&id].withdraw().is_ok() && self.dice.roll(3) == 0 => false,
            _ => return,
        };
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
}
