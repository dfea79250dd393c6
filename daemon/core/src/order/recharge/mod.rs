//! Recharge (充值): money from a payer through a channel to a user.
//!
//! Reading order: [`machine`] (the states and the only ways between them), this file (what only a recharge has), then
//! one file per decision: [`create`], [`submit`], [`settle`] (the one door by which money facts enter), [`close`],
//! [`desk`] (a person decides on money in suspense). All decisions are pure: they take the order as it is and a fact,
//! and give a [`Change`](crate::change::Change).

mod close;
mod create;
mod desk;
mod machine;
mod settle;
mod submit;
mod suspend;

pub use close::{CloseCause, close_answered, close_put_off, request_close};
pub use create::{Creation, NewRecharge, create};
pub use desk::{InSuspense, apply, keep};
pub(in crate::order) use desk::{decided, end_if_open};
pub use machine::{State, TRANSITIONS, Trigger};
pub use settle::settle;
pub use submit::{Submission, submitted};

use serde::{Deserialize, Serialize};

use super::kind::{Kind, Order};
use super::object::OrderObject;
use super::payment::{Method, Payment};
use super::{AnyOrder, Recharge, State as _, Transition};
use crate::id::OrderKind;
use crate::ledger::postings::{Fee, User};
use crate::time::Timestamp;

/// What only a recharge has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// What the payer reads.
    pub subject: String,
    /// How the payer pays.
    pub method: Method,
    /// Where the payer's browser returns to.
    pub return_url: Option<String>,
    /// What the payer is shown.
    pub payment: Option<Payment>,
    /// When the merchant asked to close it.
    pub close_requested_at: Option<Timestamp>,
    /// The payment number that was credited.
    pub paid_ref: Option<String>,
    /// Whether a notification of the channel ever spoke of it.
    pub notified: bool,
}

impl Kind for Details {
    const KIND: OrderKind = OrderKind::Recharge;
    type State = State;
    type Trigger = Trigger;
    const TRANSITIONS: &'static [Transition<State, Trigger>] = TRANSITIONS;
    const ACKNOWLEDGED: &'static [(&'static str, State, Trigger)] =
        &[("recharge.paid", State::Paid, Trigger::Acknowledged)];

    fn show(order: &Order<Self>, object: &mut OrderObject) {
        let details = &order.details;
        object.method = Some(details.method);
        object.payment.clone_from(&details.payment);
        object.payment_pending = details.payment.is_none() && order.state == State::Created;
        object.close_pending = order.close_pending();
    }

    fn any(order: Order<Self>) -> AnyOrder {
        AnyOrder::Recharge(order)
    }
}

impl Recharge {
    /// Whether the merchant asked to close it, and the channel has not said how it stands.
    pub fn close_pending(&self) -> bool {
        self.details.close_requested_at.is_some() && self.state.is_open()
    }

    /// Whether its time is over at `now`.
    fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }

    fn user(&self) -> User<'_> {
        User { client_id: &self.client_id, user_ref: &self.user_ref }
    }

    fn ledger_fee(&self) -> Fee {
        Fee { minor: self.fee, bearer: self.fee_terms.bearer }
    }
}
