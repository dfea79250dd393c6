//! What a decision asks of the store: conditions, writes, tasks and events, done as one transaction or not at all.

mod suspense;
mod task;

use serde_json::Value;

use crate::id::OrderId;
use crate::ledger::{Account, Journal};
use crate::money::Currency;
use crate::order::{AnyOrder, Attempt, Callback};
use crate::risk;
use crate::signing::OrderType;
use crate::time::Timestamp;

pub use suspense::{Proposal, Suspense, SuspenseReason, SuspenseState};
pub use task::{TaskChange, TaskId, TaskKind};

/// A decision, ready to be stored.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// All must hold in the transaction, or nothing is written.
    pub guards: Vec<Guard>,
    /// What is written.
    pub writes: Vec<Write>,
    /// Future work that is added, moved or dropped.
    pub tasks: Vec<TaskChange>,
    /// What is told: the order's timeline and the live feed.
    pub events: Vec<Event>,
}

impl Change {
    /// Adds all that another decision asks for.
    pub(crate) fn join(&mut self, other: Self) {
        self.guards.extend(other.guards);
        self.writes.extend(other.writes);
        self.tasks.extend(other.tasks);
        self.events.extend(other.events);
    }
}

/// A condition that the store checks in the transaction. A refusal is an answer, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The order still is as it was when the decision was made.
    OrderVersion {
        /// Which order.
        order: OrderId,
        /// Its row version.
        row_version: i64,
    },
    /// The app has no order of this kind with this number.
    MerchantOrderNoFree {
        /// The app.
        client_id: String,
        /// The kind's name.
        kind: &'static str,
        /// The merchant's number.
        merchant_order_no: String,
    },
    /// The app has not used this nonce.
    NonceUnused {
        /// The app.
        client_id: String,
        /// The request's nonce.
        nonce: String,
    },
    /// An account has at least so much. Checked before anything of this change is posted.
    BalanceAtLeast {
        /// Which account.
        account: Account,
        /// In which currency.
        currency: Currency,
        /// In minor units.
        minor: i64,
    },
    /// Money in suspense that nobody decided on.
    SuspenseIs {
        /// The order that it was paid for.
        order: OrderId,
        /// Which payment.
        key: String,
        /// How far its decision is.
        state: SuspenseState,
    },
    /// What verified the request still is valid.
    Credentials(CredentialCheck),
    /// The password's newest version is this one still: two rotations can't both follow it.
    PasswordIsCurrent {
        /// The app.
        client_id: String,
        /// Which password.
        order_type: OrderType,
        /// Its version.
        version: i64,
    },
    /// The task is still ours: its fencing number has not moved on.
    TaskFence {
        /// Which task.
        task: TaskId,
        /// The fencing number of our lease.
        fence: i64,
    },
    /// What only the database can tell of the risk rules.
    Risk(risk::Condition),
}

/// What a request was verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialCheck {
    /// The app.
    pub client_id: String,
    /// Which password.
    pub order_type: OrderType,
    /// Its version.
    pub password_version: i64,
    /// The merchant's key.
    pub key_id: String,
    /// When the request was verified: a former password counts while its grace lasts.
    pub at: Timestamp,
}

/// A row to be written.
#[derive(Clone, Debug)]
pub enum Write {
    /// A new order.
    InsertOrder(Box<AnyOrder>),
    /// An order's changed columns; its row version grows by one.
    UpdateOrder(Box<AnyOrder>),
    /// A new attempt.
    InsertAttempt {
        /// Its order.
        order: OrderId,
        /// The attempt.
        attempt: Attempt,
    },
    /// An attempt's changed columns.
    UpdateAttempt {
        /// Its order.
        order: OrderId,
        /// The attempt.
        attempt: Attempt,
    },
    /// A balanced journal and the balances that it moves.
    Journal(Journal),
    /// Money that waits for a decision.
    Suspense(Suspense),
    /// A decision on money in suspense, or its end.
    SuspenseDecided {
        /// The order that it was paid for.
        order: OrderId,
        /// Which payment.
        key: String,
        /// What it is now.
        state: SuspenseState,
        /// When.
        at: Timestamp,
    },
    /// A new callback.
    InsertCallback(Box<Callback>),
    /// An undelivered callback that a newer fact replaces.
    SupersedeCallback {
        /// Which callback.
        callback_id: String,
        /// When.
        at: Timestamp,
    },
    /// A request's nonce, kept until `until`.
    Nonce {
        /// The app.
        client_id: String,
        /// The nonce.
        nonce: String,
        /// By the request's own timestamp.
        until: Timestamp,
    },
    /// The merchant acknowledged a callback.
    CallbackDelivered {
        /// Which callback.
        callback_id: String,
        /// When.
        at: Timestamp,
    },
    /// What risk rules need to know of a new order later on.
    Risk(risk::Entry),
}

/// Where a fact came from: the timeline's axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A merchant's request.
    Api,
    /// The gate's decision on it.
    Gate,
    /// An exchange with a channel.
    Channel,
    /// A provider's notification.
    Notification,
    /// What we made of it.
    Observation,
    /// A journal.
    Ledger,
    /// A callback or its delivery.
    Callback,
    /// A person's act.
    Operator,
    /// The order's own step, by the state machine.
    Order,
}

impl Origin {
    /// As in the timeline.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Gate => "gate",
            Self::Channel => "channel",
            Self::Notification => "notification",
            Self::Observation => "observation",
            Self::Ledger => "ledger",
            Self::Callback => "callback",
            Self::Operator => "operator",
            Self::Order => "order",
        }
    }
}

/// A fact to tell: one line of an order's timeline and of the live feed. Holds no secret and no personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// Such as `order.paid`.
    pub kind: &'static str,
    /// One line for people.
    pub summary: String,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The app it belongs to.
    pub client_id: Option<String>,
    /// The exchange that proves it.
    pub evidence_id: Option<String>,
    /// Further facts.
    pub detail: Value,
}
