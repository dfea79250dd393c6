//! What merchants do: decided by the wallet as it is, stored at once or after others.

use super::*;

/// A decision, and the order that is to be sent once it is stored.
type Asked = (Change, Option<OrderId>);

impl History {
    pub(super) fn merchant(&mut self, step: &Step) {
        let Some((change, to_send)) = self.asked(&step.act) else { return };
        if step.late {
            self.late.push(change);
        } else if self.store(change)
            && let Some(id) = to_send
        {
            // A crash here leaves the task.
            let _crashed = self.send(id);
        }
    }

    /// None: refused, or there is nothing to do it to.
    fn asked(&mut self, act: &Act) -> Option<Asked> {
        match *act {
            Act::Recharge { .. } | Act::Withdraw { .. } | Act::Pay { .. } => self.begun(act),
            Act::Refund { nth, minor, of_app } => {
                let id = self.pick(nth, |o| {
                    matches!(o, AnyOrder::Recharge(_) | AnyOrder::Trade(_)) && o.state_number() != 5
                })?;
                let (no, of) = (self.number_of_next(), if of_app { MoneyOf::App } else { MoneyOf::User });
                let ask = |wallet: &Wallet, ctx: &Context<'_>| {
                    let (order, change) = refund::ask(&no, &wallet.orders[&id], cny(minor), of, ctx)?;
                    Ok((change, (order.details.sending.tries > 0).then_some(order.id)))
                };
                self.decide(ask).ok()
            }
            Act::Capture { nth, percent } => {
                let id = self.pick(nth, |o| o.trade().is_ok_and(|t| t.expires_at.is_some()))?;
                self.change(|wallet, ctx| {
                    let order = wallet.orders[&id].trade()?;
                    let minor = order.amount.minor * percent / 100;
                    core_trade::capture(order, Some(minor), &admission(OrderType::Trade, ctx.now), ctx)
                })
            }
            Act::Void(nth) => {
                let id = self.pick(nth, |o| o.trade().is_ok() && o.is_open())?;
                self.change(|wallet, ctx| {
                    core_trade::void(wallet.orders[&id].trade()?, &admission(OrderType::Trade, ctx.now), ctx)
                })
            }
            Act::Cancel(nth) => {
                let id = self.pick(nth, |o| o.withdraw().is_ok() && o.is_open())?;
                self.change(|wallet, ctx| {
                    let admission = admission(OrderType::Withdraw, ctx.now);
                    core_withdraw::cancel(wallet.orders[&id].withdraw()?, &admission, ctx)
                })
            }
            Act::Close(nth) => {
                let id = self.pick(nth, |o| o.recharge().is_ok() && o.is_open())?;
                self.change(|wallet, ctx| {
                    let admission = admission(OrderType::Recharge, ctx.now);
                    core_recharge::request_close(wallet.orders[&id].recharge()?, &admission, ctx)
                })
            }
            _ => panic!("{act:?} is no act of a merchant"),
        }
    }

    fn begun(&mut self, act: &Act) -> Option<Asked> {
        let (no, tariff) = (self.number_of_next(), self.tariff);
        let ask = |_: &Wallet, ctx: &Context<'_>| match *act {
            Act::Recharge { user, minor } => {
                recharge::ask(&no, USERS[user], minor, tariff, ctx).map(|(o, c)| (c, Some(o.id)))
            }
            Act::Withdraw { user, minor, now } => withdraw::ask(&no, USERS[user], minor, tariff, now, ctx)
                .map(|(o, c)| (c, now.then_some(o.id))),
            Act::Pay { from, to, minor, mode } => {
                // One more than there are users is the app.
                let to = USERS.get(to).copied().unwrap_or("app");
                trade::ask(&no, (USERS[from], to), minor, mode, tariff, ctx).map(|(_, c)| (c, None))
            }
            _ => panic!("{act:?} begins no order"),
        };
        self.decide(ask).ok()
    }

    fn change<D>(&mut self, decide: D) -> Option<Asked>
    where
        D: FnOnce(&Wallet, &Context<'_>) -> Result<Change, Refusal>,
    {
        Some((self.decide(decide).ok()?, None))
    }

    fn number_of_next(&mut self) -> String {
        self.numbers += 1;
        format!("A-{}", self.numbers)
    }
}
