//! What only the database can tell, and what the order's transaction writes.

use super::day::Day;
use super::rule::Rule;
use super::user_state::UserAct;
use crate::money::{Amount, Currency};
use crate::signing::OrderType;
use crate::time::Timestamp;

/// Orders of one type and day that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter {
    /// The app.
    pub client_id: String,
    /// The type.
    pub order_type: OrderType,
    /// One user's; `None`: the whole app's.
    pub user_ref: Option<String>,
    /// The day of their creation.
    pub day: Day,
}

/// Must hold in the transaction that writes a new order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The app's rules are those by which the order was judged; version 0: it has none.
    RulesUnchanged {
        /// The app.
        client_id: String,
        /// The document's version.
        version: i64,
    },
    /// The user's state allows it. A user who was never named is in the normal state.
    UserMay {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
        /// What the user does in the order.
        act: UserAct,
    },
    /// The user was opened by then. One who was never named was not.
    UserOpenedBy {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
        /// The latest moment that will do.
        by: Timestamp,
    },
    /// The payee was put on the app's list by then, and still is on it.
    PayeeListedBy {
        /// The app.
        client_id: String,
        /// The payee's key in the list.
        payee_key: String,
        /// The latest moment that will do.
        by: Timestamp,
    },
    /// So many orders were counted at most.
    OrdersAtMost {
        /// Which ones.
        counter: Counter,
        /// Without the new one.
        orders: i64,
    },
    /// The counted orders add up to so much at most.
    AmountAtMost {
        /// Which ones.
        counter: Counter,
        /// Those in this currency.
        currency: Currency,
        /// Minor units, without the new order.
        minor: i64,
    },
}

/// What a condition that does not hold means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The rules are others by now: the order is judged anew.
    Outdated,
    /// `user_forbidden`.
    UserForbidden,
    /// `risk_refused` by this rule.
    Rule(Rule),
}

impl Condition {
    /// What it means that it does not hold.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::RulesUnchanged { .. } => Refusal::Outdated,
            Self::UserMay { .. } => Refusal::UserForbidden,
            Self::UserOpenedBy { .. } => Refusal::Rule(Rule::NewUserCooling),
            Self::PayeeListedBy { .. } => Refusal::Rule(Rule::PayeeAllowList),
            Self::OrdersAtMost { .. } => Refusal::Rule(Rule::UserDailyCount),
            Self::AmountAtMost { counter: Counter { user_ref: Some(_), .. }, .. } => {
                Refusal::Rule(Rule::UserDailyAmount)
            }
            Self::AmountAtMost { .. } => Refusal::Rule(Rule::AppDailyAmount),
        }
    }
}

/// What the transaction that writes a new order writes beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The user is opened, in the normal state, unless it is already.
    OpenUser {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
        /// Now.
        at: Timestamp,
    },
    /// One order more is counted.
    Count {
        /// With which ones.
        counter: Counter,
        /// Its amount.
        amount: Amount,
    },
}
