//! What operators decide about risk, as it is written.

use sluice_core::risk::{Day, DayOffset, Rules, UserState};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

/// One decision.
#[derive(Clone, Debug)]
pub(crate) enum RiskRecord {
    /// An app's document. Goes with a [`Recount`].
    Rules { client_id: String, version: i64, document: String, at: Timestamp, by: String },
    /// An app's counters, made anew.
    Recount(Box<Recount>),
    /// What a user may begin; a user who was never named is opened.
    UserState { client_id: String, user_ref: String, state: UserState, at: Timestamp },
    /// An app, or one order type of it, stopped.
    Suspend { client_id: String, order_type: Option<OrderType>, at: Timestamp, by: String, reason: String },
    /// Such a stop ended.
    Resume { client_id: String, order_type: Option<OrderType> },
    /// A payee on an app's list.
    ListPayee { client_id: String, payee_key: String, masked: String, at: Timestamp, by: String },
    /// A payee off it.
    UnlistPayee { client_id: String, payee_key: String },
}

/// The counters that an app's daily rules need, made from its orders of today and yesterday.
#[derive(Clone, Debug)]
pub(crate) struct Recount {
    pub(crate) client_id: String,
    pub(crate) rules: Rules,
    pub(crate) today: Day,
    pub(crate) offset: DayOffset,
}
