//! Recharge (充值): money from a payer through a channel to a user.
//!
//! Reading order: [`machine`] (the states and the only ways between them), this file (what an order is), then one
//! file per decision: [`create`], [`submit`], [`settle`] (the one door by which money facts enter), [`close`],
//! [`acknowledge`]. All decisions are pure: they take the order as it is and a fact, and give a
//! [`Change`](crate::change::Change).

mod acknowledge;
mod close;
mod create;
mod draft;
mod machine;
pub mod page;
mod settle;
mod submit;

use std::collections::{BTreeMap, BTreeSet};

pub use acknowledge::acknowledge;
pub use close::{CloseCause, close_answered, close_put_off, request_close};
pub use create::{Creation, NewRecharge, create};
pub use machine::{ClosedReason, State, TRANSITIONS, Transition, Trigger};
pub use settle::{Fact, Source, settle};
pub use submit::{Submission, submitted};

use super::attempt::Attempt;
use super::object::{CallbackBrief, OrderObject};
use super::payment::{Method, Payment};
use crate::id::OrderId;
use crate::money::Amount;
use crate::time::Timestamp;

/// A recharge order as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Recharge {
    /// Our id.
    pub id: OrderId,
    /// The app.
    pub client_id: String,
    /// The merchant's number, unique per app.
    pub merchant_order_no: String,
    /// The app's user who is credited.
    pub user_ref: String,
    /// What is to be paid.
    pub amount: Amount,
    /// Our fee in minor units, stated at creation.
    pub fee: i64,
    /// What the payer reads.
    pub subject: String,
    /// How the payer pays.
    pub method: Method,
    /// Where callbacks go; none: there are none.
    pub notify_url: Option<String>,
    /// Where the payer's browser returns to.
    pub return_url: Option<String>,
    /// The merchant's own data.
    pub metadata: BTreeMap<String, String>,
    /// A digest of what the merchant asked for, defaults filled in: the same number with another is a conflict.
    pub content_digest: String,
    /// The state.
    pub state: State,
    /// Why it is closed, where it is.
    pub closed_reason: Option<ClosedReason>,
    /// Grows with every change that a merchant can see.
    pub state_version: i64,
    /// Grows with every write; what the store compares.
    pub row_version: i64,
    /// Facts beside the state.
    pub flags: BTreeSet<String>,
    /// What the payer is shown.
    pub payment: Option<Payment>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the payer paid, by the channel's clock.
    pub paid_at: Option<Timestamp>,
    /// Until when the payer can pay.
    pub expires_at: Timestamp,
    /// When the merchant asked to close it.
    pub close_requested_at: Option<Timestamp>,
    /// The payment number that was credited.
    pub paid_ref: Option<String>,
    /// Whether a notification of the channel ever spoke of it.
    pub notified: bool,
    /// Payments of it in suspense.
    pub suspense_keys: Vec<String>,
    /// Tries at channels, oldest first; never empty.
    pub attempts: Vec<Attempt>,
    /// Its callbacks, oldest first.
    pub callbacks: Vec<CallbackBrief>,
}

impl Recharge {
    /// The current attempt: the last one.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// Whether the merchant asked to close it, and the channel has not said how it stands.
    pub fn close_pending(&self) -> bool {
        self.close_requested_at.is_some() && self.state.is_open()
    }

    /// Since when the channel gives no usable answer about it.
    pub fn unknown_since(&self) -> Option<Timestamp> {
        if self.state.is_open() { self.attempt().and_then(|a| a.unknown_since) } else { None }
    }

    /// The order object.
    pub fn object(&self) -> OrderObject {
        let attempt = self.attempt();
        OrderObject {
            order_id: self.id,
            client_id: self.client_id.clone(),
            r#type: "recharge".to_owned(),
            merchant_order_no: self.merchant_order_no.clone(),
            user_ref: self.user_ref.clone(),
            state: self.state.number(),
            state_name: self.state.name().to_owned(),
            state_version: self.state_version,
            flags: self.flags.iter().cloned().collect(),
            amount: self.amount,
            fee: Amount::new(self.fee, self.amount.currency),
            refunded: Amount::zero(self.amount.currency),
            channel: attempt.map(|a| a.channel.clone()),
            method: Some(self.method),
            channel_ref: attempt.map(|a| a.channel_ref.clone()),
            channel_order_no: attempt.and_then(|a| a.channel_order_no.clone()),
            created_at: self.created_at,
            paid_at: self.paid_at,
            expires_at: Some(self.expires_at),
            closed_reason: self.closed_reason.map(|r| r.name().to_owned()),
            payment: self.payment.clone(),
            payment_pending: self.payment.is_none() && self.state == State::Created,
            close_pending: self.close_pending(),
            callbacks: self.callbacks.clone(),
            metadata: self.metadata.clone(),
            replayed: None,
            original_order_id: None,
        }
    }
}

/// Why a decision is not possible; changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The amount does not cover our fee.
    #[error("the amount is below the fee")]
    AmountBelowFee,
    /// The order is paid already.
    #[error("the order is paid")]
    OrderPaid,
    /// A payment of it waits for a person's decision.
    #[error("a payment of the order waits in suspense")]
    MoneyInSuspense,
    /// The state machine has no such step from here.
    #[error("a {from:?} order takes no {trigger:?}")]
    NoTransition {
        /// Where it is.
        from: State,
        /// What happened.
        trigger: Trigger,
    },
}
