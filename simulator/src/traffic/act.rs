//! Wishes come true: asked for at Sluice as a merchant's program does, never for more than its books say is there.

use std::sync::Arc;

use super::intent::{Intent, Later, Recharge, Wish, amount};
use super::tally::Tally;
use crate::client::{Error, Merchant, Money, NewRefund, NewTrade, NewWithdrawal, Order, OrderKind, Party};
use crate::control::{Act, Action};
use crate::merchant::{Ask, SampleMerchant};
use crate::provider::Plan;
use crate::simulator::Simulator;

/// One app, its books, and the providers that its users pay at.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) merchant: Merchant,
    pub(super) simulator: Arc<Simulator>,
    pub(super) sample: Arc<SampleMerchant>,
    pub(super) tally: Arc<Tally>,
}

/// What follows once an order is created.
pub(super) enum Sequel {
    /// Somebody has to pay it, or not.
    Payer(Order),
    /// It is held, and captured or voided later.
    Held(Order, Later),
}

/// An order that can be asked for, and what its app notes first.
enum Request {
    Trade(NewTrade, Option<Later>),
    Withdraw(NewWithdrawal),
    Refund(String, NewRefund),
}

impl Shop {
    /// Asks for what is wished, or for a recharge where that can't be had.
    pub(super) async fn ask(&self, intent: &Intent) -> Option<Sequel> {
        let Some((request, note)) = self.request(intent).filter(|(_, note)| self.note(note.clone())) else {
            return self.recharge(&intent.recharge).await.map(Sequel::Payer);
        };
        let (answer, later) = match &request {
            Request::Trade(trade, later) => (self.merchant.create_trade(trade).await, *later),
            Request::Withdraw(withdrawal) => (self.merchant.create_withdrawal(withdrawal).await, None),
            Request::Refund(original, refund) => (self.merchant.refund(original, refund).await, None),
        };
        let order = self.answered(&note, answer).await?;
        later.map(|later| Sequel::Held(order, later))
    }

    async fn recharge(&self, recharge: &Recharge) -> Option<Order> {
        let order = &recharge.order;
        let note = Ask {
            kind: OrderKind::Recharge,
            merchant_order_no: order.merchant_order_no.clone(),
            user_ref: Some(order.user_ref.clone()),
            amount: order.amount.clone(),
            original_order_id: None,
        };
        self.note(note.clone());
        let answer = self.merchant.create_recharge(order).await;
        self.answered(&note, answer).await
    }

    /// The wish as a request, if the books know of somebody who can.
    fn request(&self, intent: &Intent) -> Option<(Request, Ask)> {
        let number = intent.number.as_str();
        let (books, app) = (self.sample.books(), self.merchant.client_id());
        let note = |kind, user_ref: Option<&String>, minor: i64| Ask {
            kind,
            merchant_order_no: number.to_owned(),
            user_ref: user_ref.cloned(),
            amount: Money::cny(minor),
            original_order_id: None,
        };
        Some(match &intent.wish {
            Wish::Recharge => return None,
            Wish::Trade { from, to, price, later } => {
                let (user, most) = books.spender(app, from, &Money::cny(10))?;
                let minor = amount((*price).min(most.minor), 1.0, None)?;
                let to = to.as_ref().filter(|to| **to != user);
                let to = to.map_or_else(Party::app, Party::user);
                let new = if later.is_some() { NewTrade::authorise } else { NewTrade::direct };
                let note = note(OrderKind::Trade, Some(&user), minor);
                (Request::Trade(new(number.to_owned(), user, to, minor), *later), note)
            }
            Wish::Withdraw { from, share, ending } => {
                let (user, most) = books.spender(app, from, &Money::cny(10))?;
                let minor = amount(most.minor, *share, *ending)?;
                let note = note(OrderKind::Withdraw, Some(&user), minor);
                (Request::Withdraw(NewWithdrawal::new(number, minor).of_user(user)), note)
            }
            Wish::Refund { near, share, ending } => {
                let found = books.refundable(app, *near)?;
                let minor = amount(found.most.minor, *share, *ending)?;
                let note = Ask {
                    original_order_id: Some(found.order_id.clone()),
                    ..note(OrderKind::Refund, found.user_ref.as_ref(), minor)
                };
                (Request::Refund(found.order_id, NewRefund::new(number, minor)), note)
            }
        })
    }

    fn note(&self, ask: Ask) -> bool {
        self.sample.books().ask(self.merchant.client_id(), ask)
    }

    async fn answered(&self, note: &Ask, answer: Result<Order, Error>) -> Option<Order> {
        self.tally.asked(note.kind, &answer);
        // Only a signed refusal means that there is no such order; whatever else may have been done.
        if matches!(answer, Err(Error::Refused { .. })) {
            let app = self.merchant.client_id();
            self.sample.books().withdraw_ask(app, note.kind, &note.merchant_order_no);
        }
        // A restarted daemon may have been given a database that does not know the token.
        if answer.as_ref().is_err_and(|error| error.code() == Some("token_invalid")) {
            let _ = self.merchant.login().await;
        }
        answer.ok()
    }

    /// The payer pays, or does not.
    pub(super) async fn pay(&self, order: Order, recharge: &Recharge) {
        let (Some(channel_ref), Some(payment)) = (order.channel_ref, order.payment) else { return };
        tokio::time::sleep(recharge.patience).await;
        let Some(notify) = recharge.notify else {
            // A recipe's page still has to be opened by somebody.
            let mut act = Act::pay(Some(payment), Plan::Never);
            act.action = Action::Scan;
            let _ = self.simulator.act(&channel_ref, act).await;
            self.tally.count(|stats| stats.abandoned += 1);
            return;
        };
        let paid = self.simulator.act(&channel_ref, Act::pay(Some(payment), notify)).await;
        self.tally.count(|stats| if paid.is_ok() { stats.paid += 1 } else { stats.pay_failed += 1 });
    }

    /// The merchant ships, and captures; or does not, and voids.
    pub(super) async fn finish(&self, order: Order, later: Later) {
        tokio::time::sleep(later.after).await;
        let part = later.capture.map(|share| amount(order.amount.minor, share, None));
        let done = match part {
            None => self.merchant.void(&order.order_id).await,
            Some(part) => self.merchant.capture(&order.order_id, part.map(Money::cny)).await,
        };
        self.tally.answered(&done);
        if done.is_ok() {
            self.tally.count(|stats| if part.is_some() { stats.captured += 1 } else { stats.voided += 1 });
        }
    }
}
