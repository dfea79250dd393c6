//! What the books add up to.

use serde::Serialize;

use super::Entry;

/// Sums over a provider's books since the beginning, in minor units; what was forgotten stays counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Came in.
    pub paid_minor: i64,
    /// Went back to payers.
    pub refunded_minor: i64,
    /// Is on its way back to payers.
    pub refunding_minor: i64,
    /// Went out; what came back later is not taken off.
    pub paid_out_minor: i64,
    /// Is on its way out.
    pub paying_out_minor: i64,
    /// Came back after it went out.
    pub returned_minor: i64,
}

impl Sums {
    pub(super) fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Payment(order) => Self {
                paid_minor: order.paid_minor(),
                refunded_minor: order.refunded_minor(),
                refunding_minor: order.refunding_minor(),
                ..Self::default()
            },
            Entry::Payout(payout) => Self {
                paid_out_minor: payout.paid_out_minor(),
                paying_out_minor: payout.paying_out_minor(),
                returned_minor: payout.returned_minor(),
                ..Self::default()
            },
        }
    }

    /// An entry has changed from `before` to `after`.
    pub(super) fn change(&mut self, before: Self, after: Self) {
        self.paid_minor += after.paid_minor - before.paid_minor;
        self.refunded_minor += after.refunded_minor - before.refunded_minor;
        self.refunding_minor += after.refunding_minor - before.refunding_minor;
        self.paid_out_minor += after.paid_out_minor - before.paid_out_minor;
        self.paying_out_minor += after.paying_out_minor - before.paying_out_minor;
        self.returned_minor += after.returned_minor - before.returned_minor;
    }

    /// What is there or will not be spent: everything that came in less everything that goes out.
    pub(super) fn net(&self) -> i64 {
        self.paid_minor + self.returned_minor
            - self.refunded_minor
            - self.refunding_minor
            - self.paid_out_minor
            - self.paying_out_minor
    }
}
