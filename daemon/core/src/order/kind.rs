//! What orders of all kinds have in common, and what a kind adds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::AnyOrder;
use super::attempt::Attempt;
use super::closed::ClosedReason;
use super::machine::{State, Transition, Trigger};
use super::object::{CallbackBrief, OrderObject};
use super::refunds::Refunds;
use crate::fee::FeeTerms;
use crate::id::{OrderId, OrderKind};
use crate::money::Amount;
use crate::time::Timestamp;

/// A kind of orders: its machine, and what only its orders have.
pub trait Kind: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Which one.
    const KIND: OrderKind;
    /// Its states.
    type State: State;
    /// What moves it.
    type Trigger: Trigger;
    /// Every step that there is. What is not here is refused.
    const TRANSITIONS: &'static [Transition<Self::State, Self::Trigger>];
    /// The callback whose acknowledgement is a step of its own.
    const ACKNOWLEDGED: &'static [(&'static str, Self::State, Self::Trigger)];

    /// Fills in what only this kind has.
    fn show(order: &Order<Self>, object: &mut OrderObject);

    /// The order among all kinds.
    fn any(order: Order<Self>) -> AnyOrder;

    /// The order that is refunded, where this is a refund.
    fn original(&self) -> Option<OrderId> {
        None
    }
}

/// An order as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Order<K: Kind> {
    /// Our id.
    pub id: OrderId,
    /// The app.
    pub client_id: String,
    /// The merchant's number, unique per app and kind.
    pub merchant_order_no: String,
    /// The app's user whose money it is.
    pub user_ref: String,
    /// What was asked for.
    pub amount: Amount,
    /// Our fee in minor units, stated at creation.
    pub fee: i64,
    /// Who bears the fee, and whether it is returned.
    pub fee_terms: FeeTerms,
    /// Where callbacks go; none: there are none.
    pub notify_url: Option<String>,
    /// The merchant's own data.
    pub metadata: BTreeMap<String, String>,
    /// A digest of what the merchant asked for, defaults filled in: the same number with another is a conflict.
    pub content_digest: String,
    /// The state of its own machine.
    pub state: K::State,
    /// Why it is closed, where it is.
    pub closed_reason: Option<ClosedReason>,
    /// Grows with every change that a merchant can see.
    pub state_version: i64,
    /// Grows with every write; what the store compares.
    pub row_version: i64,
    /// Facts beside the state.
    pub flags: BTreeSet<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its money moved, by the channel's clock where there is one.
    pub paid_at: Option<Timestamp>,
    /// Until when it can be paid or captured.
    pub expires_at: Option<Timestamp>,
    /// Tries at channels, oldest first; empty where no channel is needed.
    pub attempts: Vec<Attempt>,
    /// Its callbacks, oldest first.
    pub callbacks: Vec<CallbackBrief>,
    /// What was refunded of it.
    pub refunds: Refunds,
    /// Payments of it that are or were in suspense.
    pub suspense_keys: Vec<String>,
    /// How many of these wait for a person's decision.
    pub undecided: u32,
    /// What only its kind has.
    pub details: K,
}

impl<K: Kind> Order<K> {
    /// The current attempt: the last one.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// Where attempt `no` is in the list.
    pub fn attempt_index(&self, no: u16) -> Option<usize> {
        self.attempts.iter().position(|a| a.no == no)
    }

    /// Since when the channel gives no usable answer about it.
    pub fn unknown_since(&self) -> Option<Timestamp> {
        if self.state.is_open() { self.attempt().and_then(|a| a.unknown_since) } else { None }
    }

    /// The state's number as merchants see it, refunds considered.
    pub fn state_number(&self) -> u8 {
        self.refunds.state().map_or(self.state.number(), super::RefundState::number)
    }

    /// Its name.
    pub fn state_name(&self) -> &'static str {
        self.refunds.state().map_or(self.state.name(), super::RefundState::name)
    }

    /// The order object.
    pub fn object(&self) -> OrderObject {
        let attempt = self.attempt();
        let money = |minor| Amount::new(minor, self.amount.currency);
        let mut object = OrderObject {
            order_id: self.id,
            client_id: self.client_id.clone(),
            r#type: K::KIND.name().to_owned(),
            merchant_order_no: self.merchant_order_no.clone(),
            user_ref: self.user_ref.clone(),
            state: self.state_number(),
            state_name: self.state_name().to_owned(),
            state_version: self.state_version,
            flags: self.flags.iter().cloned().collect(),
            amount: self.amount,
            fee: money(self.fee),
            fee_borne_by: self.fee_terms.bearer,
            refunded: money(self.refunds.refunded),
            channel: attempt.map(|a| a.channel.clone()),
            method: None,
            channel_ref: attempt.map(|a| a.channel_ref.clone()),
            channel_order_no: attempt.and_then(|a| a.channel_order_no.clone()),
            created_at: self.created_at,
            paid_at: self.paid_at,
            expires_at: self.expires_at,
            closed_reason: self.closed_reason.map(|r| r.name().to_owned()),
            payment: None,
            payment_pending: false,
            close_pending: false,
            callbacks: self.callbacks.clone(),
            metadata: self.metadata.clone(),
            replayed: None,
            original_order_id: None,
            fee_returned: None,
            to: None,
            mode: None,
            captured: None,
        };
        K::show(self, &mut object);
        object
    }
}
