//! Future work: what to do, with what, when.

use crate::id::OrderId;
use crate::time::Timestamp;

/// The kinds of future work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// Send a creation, a payout or a refund that is not sent, or that the channel left unanswered.
    Submit,
    /// Ask the channel how an order stands.
    Requery,
    /// Close an order: at its expiry, or because the merchant asked. Release an expired hold.
    Close,
    /// Deliver a callback.
    Callback,
    /// Ask whether a payout came back from the bank (退票).
    Watch,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Submit, Self::Requery, Self::Close, Self::Callback, Self::Watch];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Requery => "requery",
            Self::Close => "close",
            Self::Callback => "callback",
            Self::Watch => "watch",
        }
    }

    /// Reads the database's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// A task's natural key: there is at most one of a kind for a subject (an order's or a callback's id).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TaskId {
    /// What to do.
    pub kind: TaskKind,
    /// With what.
    pub subject: String,
}

impl TaskId {
    /// A task about an order.
    pub fn order(kind: TaskKind, order: OrderId) -> Self {
        Self { kind, subject: order.to_string() }
    }

    /// The delivery of a callback.
    pub fn callback(callback_id: &str) -> Self {
        Self { kind: TaskKind::Callback, subject: callback_id.to_owned() }
    }
}

/// A change to future work. Each one moves the fencing number on, so that a worker of before writes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskChange {
    /// Work due at a time: added, or moved if it was there.
    Schedule {
        /// Which task.
        task: TaskId,
        /// When.
        due_at: Timestamp,
        /// How often it was tried.
        attempt: u32,
        /// Why it is tried again.
        last_error: Option<String>,
    },
    /// No longer needed.
    Drop(TaskId),
}
