//! What the daemon's workers do: they send, ask and close when it is due, and crash between any two steps.

use super::*;

impl History {
    /// Time passes, and what is due is done, once.
    pub(super) fn tick(&mut self, secs: u64) {
        self.wallet.now = self.wallet.now + Duration::from_secs(secs);
        self.provider.arrive(self.wallet.now);
        if self.dice.roll(2) == 0 {
            self.land();
        }
        for (kind, subject) in self.wallet.due() {
            let key = (kind, subject);
            let Some(task) = self.wallet.tasks.get(&key).copied() else { continue };
            // Merchants take their callbacks when they like.
            let (Some(kind), Ok(id)) = (TaskKind::from_name(kind), key.1.parse()) else { continue };
            let crashed = self.run(kind, id).is_none();
            if !crashed && self.wallet.tasks.get(&key) == Some(&task) {
                self.wallet.tasks.remove(&key);
            }
        }
    }

    /// Runs a task; none: it crashed on the way, and the task stays.
    fn run(&mut self, kind: TaskKind, id: OrderId) -> Option<()> {
        if let AnyOrder::Trade(_) = &self.wallet.orders[&id] {
            self.must(|wallet, ctx| core_trade::expire(wallet.orders[&id].trade()?, ctx));
            return Some(());
        }
        match kind {
            TaskKind::Submit => self.submit(id),
            TaskKind::Close => self.close(id),
            _ => {
                let seen = self.ask(id);
                self.crash()?;
                self.take(id, &seen, Source::Requery);
                Some(())
            }
        }
    }

    fn crash(&mut self) -> Option<()> {
        let crashed = self.dice.roll(12) == 0 && !self.provider.honest;
        (!crashed).then_some(())
    }

    fn ask(&mut self, id: OrderId) -> Observation {
        let number = self.number(id);
        self.provider.query(&number, &mut self.dice)
    }

    pub(super) fn number(&self, id: OrderId) -> String {
        self.wallet.orders[&id].attempt().expect("it goes through a channel").channel_ref.clone()
    }

    /// Asks whether it is there, and sends the same number where the channel knows nothing.
    fn submit(&mut self, id: OrderId) -> Option<()> {
        if let AnyOrder::Recharge(_) = &self.wallet.orders[&id] {
            let seen = self.ask(id);
            self.take(id, &seen, Source::Query);
            self.crash()?;
            if self.wallet.orders[&id].state_number() == 0 {
                self.send(id)?;
            }
            return Some(());
        }
        if self.sending(id) > 0 {
            let seen = self.ask(id);
            self.take(id, &seen, Source::Requery);
            if seen.presence != Presence::NotFound {
                return Some(());
            }
        }
        self.crash()?;
        let is_waiting = |order: &AnyOrder| {
            order.is_open() && order.attempt().is_some_and(|a| a.state == AttemptState::Sending)
        };
        if is_waiting(&self.wallet.orders[&id]) {
            self.must(|wallet, ctx| match &wallet.orders[&id] {
                // Somebody else was faster: the decision changes nothing that is to be sent.
                order if !is_waiting(order) => Ok(Change::default()),
                AnyOrder::Withdraw(order) => core_withdraw::sending(order, ctx),
                order => core_refund::sending(order.refund()?, ctx),
            });
            self.crash()?;
            if is_waiting(&self.wallet.orders[&id]) {
                self.send(id)?;
            }
        }
        Some(())
    }

    fn sending(&self, id: OrderId) -> u32 {
        match &self.wallet.orders[&id] {
            AnyOrder::Withdraw(order) => order.details.sending.tries,
            order => order.refund().map_or(0, |r| r.details.sending.tries),
        }
    }

    /// Sends what was noted as being sent; a crash loses the answer.
    pub(super) fn send(&mut self, id: OrderId) -> Option<()> {
        let number = self.number(id);
        assert!(!self.is_retired(id), "sent although a person said that it failed");
        match self.wallet.orders[&id].clone() {
            AnyOrder::Recharge(order) => {
                let answer = self.provider.create(&number, order.amount.minor, &mut self.dice);
                self.crash()?;
                self.must(|wallet, ctx| {
                    core_recharge::submitted(wallet.orders[&id].recharge()?, 1, &answer, None, ctx)
                });
            }
            AnyOrder::Withdraw(order) => {
                let (minor, now) = (order.amount.minor, self.wallet.now);
                let answer = self.provider.pay_out(&order.attempts[0], minor, now, &mut self.dice);
                self.crash()?;
                self.must(|wallet, ctx| {
                    core_withdraw::sent(wallet.orders[&id].withdraw()?, 1, &answer, None, ctx)
                });
            }
            AnyOrder::Refund(order) => {
                let answer = self.provider.give_back(&order, &mut self.dice);
                self.crash()?;
                self.must(|wallet, ctx| {
                    let order = wallet.orders[&id].refund()?;
                    let paid = wallet.orders[&order.details.original].recharge()?;
                    core_refund::sent(order, paid, 1, &answer, None, ctx)
                });
            }
            AnyOrder::Trade(order) => panic!("no channel takes {order:?}"),
        }
        Some(())
    }

    /// Asks, and tells the channel to take no payment where there is none.
    fn close(&mut self, id: OrderId) -> Option<()> {
        let seen = self.ask(id);
        self.take(id, &seen, Source::Query);
        self.crash()?;
        match seen.presence {
            Presence::Unpaid | Presence::NotFound => {
                let number = self.number(id);
                let answer = self.provider.close(&number, &mut self.dice);
                self.crash()?;
                self.must(|wallet, ctx| {
                    core_recharge::close_answered(wallet.orders[&id].recharge()?, 1, &answer, None, 0, ctx)
                });
            }
            Presence::Unknown => {
                self.must(|wallet, ctx| {
                    Ok(core_recharge::close_put_off(wallet.orders[&id].recharge()?, &seen, 0, ctx))
                });
            }
            _ => {}
        }
        Some(())
    }
}
