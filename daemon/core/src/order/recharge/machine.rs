//! The states of a recharge, and the only ways between them.

use serde::{Deserialize, Serialize};

/// Where a recharge stands. The numbers are what merchants see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// 0: written down; the channel may or may not have it.
    Created,
    /// 1: the payment content is handed to the payer.
    Submitted,
    /// 2: the channel confirms that it waits for the payer.
    Waiting,
    /// 3: paid and credited.
    Paid,
    /// 4: the merchant acknowledged the callback.
    Completed,
    /// 5: closed without a credit.
    Closed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Submitted, Self::Waiting, Self::Paid, Self::Completed, Self::Closed];

    /// The number that merchants see.
    pub const fn number(self) -> u8 {
        match self {
            Self::Created => 0,
            Self::Submitted => 1,
            Self::Waiting => 2,
            Self::Paid => 3,
            Self::Completed => 4,
            Self::Closed => 5,
        }
    }

    /// The state of a number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.number() == number)
    }

    /// As in the order object's `state_name`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Submitted => "submitted",
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Completed => "completed",
            Self::Closed => "closed",
        }
    }

    /// In a sentence, for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Created => "written down; the channel may or may not have it",
            Self::Submitted => "the payment content is handed to the payer",
            Self::Waiting => "the channel confirms that it waits for the payer",
            Self::Paid => "paid and credited",
            Self::Completed => "the merchant acknowledged the callback that says so",
            Self::Closed => "closed without a credit; `closed_reason` says why",
        }
    }

    /// Whether it still waits for money.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Submitted | Self::Waiting)
    }
}

/// Why a recharge is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// Nobody paid in time.
    Expired,
    /// The channel closed it.
    ClosedByChannel,
    /// The merchant asked for it.
    ClosedByMerchant,
    /// The channel would not take it.
    RefusedByChannel,
}

impl ClosedReason {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::Expired, Self::ClosedByChannel, Self::ClosedByMerchant, Self::RefusedByChannel];

    /// As in the order object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::ClosedByChannel => "closed_by_channel",
            Self::ClosedByMerchant => "closed_by_merchant",
            Self::RefusedByChannel => "refused_by_channel",
        }
    }

    /// In a sentence, for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Expired => "nobody paid in time; the channel was asked, and told",
            Self::ClosedByChannel => "the channel closed it",
            Self::ClosedByMerchant => "the merchant asked for it",
            Self::RefusedByChannel => "the channel would not take it",
        }
    }

    /// Reads the order object's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// What moves a recharge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The channel took it, or the payer's browser brings it.
    Accepted,
    /// The channel definitely refused it.
    Refused,
    /// The channel says that it waits for the payer.
    Waits,
    /// The right amount was paid.
    Paid,
    /// The channel says that it is closed.
    ClosedByChannel,
    /// The time is over, and the channel has nothing.
    Expired,
    /// The merchant asked, and the channel has nothing.
    ClosedByMerchant,
    /// The right amount was paid after it was closed.
    LatePaid,
    /// The merchant acknowledged that it was paid.
    Acknowledged,
}

impl Trigger {
    /// In words, for the diagram.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "channel accepted",
            Self::Refused => "channel refused",
            Self::Waits => "channel waits for the payer",
            Self::Paid => "paid",
            Self::ClosedByChannel => "closed by channel",
            Self::Expired => "expired",
            Self::ClosedByMerchant => "closed by merchant",
            Self::LatePaid => "paid late",
            Self::Acknowledged => "callback acknowledged",
        }
    }
}

/// One allowed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition(pub State, pub Trigger, pub State);

/// Every step that there is. What is not here is refused.
pub const TRANSITIONS: &[Transition] = {
    use State::*;
    use Trigger as T;
    &[
        Transition(Created, T::Accepted, Submitted),
        Transition(Created, T::Refused, Closed),
        Transition(Created, T::Waits, Waiting),
        Transition(Created, T::Paid, Paid),
        Transition(Created, T::ClosedByChannel, Closed),
        Transition(Created, T::Expired, Closed),
        Transition(Created, T::ClosedByMerchant, Closed),
        Transition(Submitted, T::Waits, Waiting),
        Transition(Submitted, T::Paid, Paid),
        Transition(Submitted, T::ClosedByChannel, Closed),
        Transition(Submitted, T::Expired, Closed),
        Transition(Submitted, T::ClosedByMerchant, Closed),
        Transition(Waiting, T::Paid, Paid),
        Transition(Waiting, T::ClosedByChannel, Closed),
        Transition(Waiting, T::Expired, Closed),
        Transition(Waiting, T::ClosedByMerchant, Closed),
        Transition(Closed, T::LatePaid, Paid),
        Transition(Paid, T::Acknowledged, Completed),
    ]
};

/// Where a step leads, if it is allowed.
pub(super) fn next(from: State, trigger: Trigger) -> Option<State> {
    TRANSITIONS.iter().find(|t| t.0 == from && t.1 == trigger).map(|t| t.2)
}
