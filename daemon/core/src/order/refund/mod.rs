//! Refund (退款): money of a recharge goes back through its channel; money of a trade goes back from its payee.
//!
//! Reading order: [`machine`], this file (what only a refund has), then one file per decision: [`create`] (the sum is
//! checked and the money held), [`trade`] (done at once), [`suspense`] (an operator gives back money that was never
//! credited), [`settle`] (what the channel says). A refund and its original change together: what is known of the
//! refunds is kept with the original, whose row version guards the sum.

mod create;
mod machine;
mod original;
mod settle;
mod suspense;
mod trade;

pub use create::{Creation, NewRefund, of_recharge};
pub use machine::{State, TRANSITIONS, Trigger};
pub(in crate::order) use settle::GIVEN_BACK_AFTER_ALL;
pub use settle::{resolve, retire, sending, sent, settle};
pub use suspense::of_suspense;
pub use trade::of_trade;

use serde::{Deserialize, Serialize};

use super::disbursement::Sending;
use super::kind::{Kind, Order};
use super::object::OrderObject;
use super::{AnyOrder, Refund, Transition};
use crate::fee::Bearer;
use crate::id::{OrderId, OrderKind};
use crate::ledger::Account;
use crate::ledger::postings::{Fee, User};
use crate::money::Amount;

/// Whose money goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The user's, who was credited.
    User,
    /// The app's settlement account.
    App,
    /// The payee's of a trade.
    Payee,
    /// A payment in suspense, by its key.
    Suspense(String),
}

/// The payment that is refunded, as its channel knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The number that we sent.
    pub channel_ref: String,
    /// The provider's own.
    pub channel_order_no: Option<String>,
    /// The whole payment, in minor units.
    pub minor: i64,
}

/// What only a refund has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// What is refunded.
    pub original: OrderId,
    /// Why, in the merchant's words.
    pub reason: String,
    /// Whose money it is.
    pub source: Source,
    /// What is held for it, in minor units.
    pub held: i64,
    /// The part of the original's fee that goes back with it, in minor units.
    pub fee_returned: i64,
    /// Who bore that fee.
    pub fee_bearer: Bearer,
    /// The payment at the channel; none: a trade's, which needs no channel.
    pub payment: Option<Payment>,
    /// What is known of the sending.
    pub sending: Sending,
}

impl Kind for Details {
    const KIND: OrderKind = OrderKind::Refund;
    type State = State;
    type Trigger = Trigger;
    const TRANSITIONS: &'static [Transition<State, Trigger>] = TRANSITIONS;
    const ACKNOWLEDGED: &'static [(&'static str, State, Trigger)] =
        &[("refund.refunded", State::Refunded, Trigger::Acknowledged)];

    fn show(order: &Order<Self>, object: &mut OrderObject) {
        object.original_order_id = Some(order.details.original);
        object.fee_returned = Some(Amount::new(order.details.fee_returned, order.amount.currency));
        object.payment_pending = order.state == State::Requested;
    }

    fn any(order: Order<Self>) -> AnyOrder {
        AnyOrder::Refund(order)
    }

    fn original(&self) -> Option<OrderId> {
        Some(self.original)
    }
}

impl Refund {
    /// The account that is charged, and the one that holds its money meanwhile. None: nothing is held.
    fn accounts(&self) -> Option<(Account, Account)> {
        let user = User { client_id: &self.client_id, user_ref: &self.user_ref };
        let client_id = self.client_id.clone();
        match self.details.source {
            Source::User => Some((user.available(), user.held())),
            Source::App => Some((
                Account::AppSettlement { client_id: client_id.clone() },
                Account::AppHeld { client_id },
            )),
            Source::Payee | Source::Suspense(_) => None,
        }
    }

    fn returned(&self) -> Fee {
        Fee { minor: self.details.fee_returned, bearer: self.details.fee_bearer }
    }
}
