//! Withdraw (提现): money from a user through a channel to a payee.
//!
//! Reading order: [`machine`], this file (what only a withdrawal has), then one file per decision: [`create`] (the
//! funds are held), [`settle`] (what the channel says), [`cancel`], [`resolve`] (people decide on an unknown).

mod cancel;
mod create;
mod machine;
mod resolve;
mod settle;

pub use cancel::cancel;
pub use create::{Creation, NewWithdraw, create};
pub use machine::{State, TRANSITIONS, Trigger};
pub use resolve::{charge_uncovered, keep_uncovered, resolve, retire};
pub use settle::{sending, sent, settle};

use serde::{Deserialize, Serialize};

use super::disbursement::Sending;
use super::kind::{Kind, Order};
use super::object::OrderObject;
use super::{AnyOrder, Payee, Transition, Withdraw};
use crate::id::OrderKind;
use crate::ledger::postings::{Fee, User};

/// What only a withdrawal has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Who is paid.
    pub payee: Payee,
    /// What is known of the sending.
    pub sending: Sending,
}

impl Kind for Details {
    const KIND: OrderKind = OrderKind::Withdraw;
    type State = State;
    type Trigger = Trigger;
    const TRANSITIONS: &'static [Transition<State, Trigger>] = TRANSITIONS;
    const ACKNOWLEDGED: &'static [(&'static str, State, Trigger)] =
        &[("withdraw.paid", State::Paid, Trigger::Acknowledged)];

    fn show(order: &Order<Self>, object: &mut OrderObject) {
        object.payment_pending = order.state == State::Created;
        if order.state == State::Returned && order.fee_terms.returned {
            object.fee_returned = Some(object.fee);
        }
    }

    fn any(order: Order<Self>) -> AnyOrder {
        AnyOrder::Withdraw(order)
    }
}

impl Withdraw {
    /// What is held for it: the amount, and the fee where the user bears it.
    pub fn held(&self) -> i64 {
        self.amount.minor + self.ledger_fee().of_user()
    }

    /// Whether nothing was ever sent to the channel.
    pub fn is_unsent(&self) -> bool {
        self.state == State::Created && self.details.sending.tries == 0
    }

    fn user(&self) -> User<'_> {
        User { client_id: &self.client_id, user_ref: &self.user_ref }
    }

    fn ledger_fee(&self) -> Fee {
        Fee { minor: self.fee, bearer: self.fee_terms.bearer }
    }
}
