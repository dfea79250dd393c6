//! What was refunded of an order: the sums that guard the next refund, and the states 61 to 63 that follow from them.

use crate::fee;
use crate::order::Refusal;
use crate::time::Timestamp;

/// Sums over an order's refunds, in minor units of its currency. Kept with the order, whose row version guards them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refunds {
    /// How many are under way.
    pub open: u32,
    /// How many failed.
    pub failed: u32,
    /// What those under way will give back.
    pub refunding: i64,
    /// What was given back.
    pub refunded: i64,
    /// The part of our fee that was returned, or is promised to those under way.
    pub fee_returned: i64,
    /// Before this the channel is to be sent no further one.
    pub next_at: Option<Timestamp>,
}

/// The state that refunds lend to their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// 61: one is under way.
    Refunding,
    /// 62: something was given back; the refunded amount says whether all.
    Refunded,
    /// 63: all failed; the paid fact stands.
    Failed,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Refunding, Self::Refunded, Self::Failed];

    /// The number that merchants see.
    pub const fn number(self) -> u8 {
        match self {
            Self::Refunding => 61,
            Self::Refunded => 62,
            Self::Failed => 63,
        }
    }

    /// As in the order object's `state_name`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Failed => "refund_failed",
        }
    }

    /// In a sentence, for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Refunding => "a refund of it is under way",
            Self::Refunded => "something was given back; `refunded` says how much",
            Self::Failed => "a refund failed, and nothing was given back; the paid fact stands",
        }
    }
}

impl Refunds {
    /// The state that they lend to their order, if there are any.
    pub const fn state(&self) -> Option<RefundState> {
        if self.open > 0 {
            Some(RefundState::Refunding)
        } else if self.refunded > 0 {
            Some(RefundState::Refunded)
        } else if self.failed > 0 {
            Some(RefundState::Failed)
        } else {
            None
        }
    }

    /// Takes one more of `minor` of an order of which `paid` was paid, with our fee `fee` on it. Answers the part of
    /// the fee that goes back with it: the difference of the shares of what is refunded, so that parts add up. After a
    /// failure the parts that are out may be ahead of the share; then nothing goes back with this one.
    ///
    /// # Errors
    /// [`Refusal::RefundExceeds`].
    pub(crate) fn begin(&mut self, minor: i64, paid: i64, fee: i64) -> Result<i64, Refusal> {
        let sum = self.refunded + self.refunding + minor;
        if minor <= 0 || sum > paid {
            return Err(Refusal::RefundExceeds);
        }
        let returned = (fee::share(fee, sum, paid) - self.fee_returned).max(0);
        self.open += 1;
        self.refunding += minor;
        self.fee_returned += returned;
        Ok(returned)
    }

    /// One under way has given back its money.
    pub(crate) fn succeed(&mut self, minor: i64) {
        self.open = self.open.saturating_sub(1);
        self.refunding -= minor;
        self.refunded += minor;
    }

    /// One under way has failed: its money and its part of the fee are free for another.
    pub(crate) fn fail(&mut self, minor: i64, fee_returned: i64) {
        self.open = self.open.saturating_sub(1);
        self.failed += 1;
        self.refunding -= minor;
        self.fee_returned -= fee_returned;
    }
}
