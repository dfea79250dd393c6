//! A payout: money that the merchant sends out through the provider.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Channel;
use super::course::{Course, Standing};
use super::recipe::PayoutRecipe;
use crate::clock;

/// Who is paid.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// The account, as the provider names it.
    pub identity: String,
    /// What kind of name that is.
    pub identity_type: String,
    /// The person's name, where it was given.
    pub name: Option<String>,
}

impl fmt::Debug for Payee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payee({})", self.identity_type)
    }
}

/// A payout in the books.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payout {
    /// The provider it belongs to.
    pub channel: Channel,
    /// The merchant's number, as the merchant's server sent it.
    pub channel_ref: String,
    /// The provider's own number of the payout.
    pub channel_order_no: String,
    /// The provider's own number of the money's movement.
    pub fund_order_no: String,
    /// How much, minor units.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// What the payee reads.
    pub title: String,
    /// Who is paid.
    pub payee: Payee,
    /// When the provider heard of it.
    #[serde(with = "clock::text")]
    pub created_at: i64,
    /// How it gets on.
    #[serde(flatten)]
    pub course: Course,
    /// What its amount makes it do by itself.
    pub recipe: Option<PayoutRecipe>,
}

impl Payout {
    /// What has gone out, minor units; what came back later is not taken off.
    pub fn paid_out_minor(&self) -> i64 {
        if matches!(self.course.state, Standing::Success | Standing::Returned) {
            self.amount_minor
        } else {
            0
        }
    }

    /// What is on its way out, minor units.
    pub fn paying_out_minor(&self) -> i64 {
        if self.course.state == Standing::Dealing { self.amount_minor } else { 0 }
    }

    /// What has come back, minor units.
    pub fn returned_minor(&self) -> i64 {
        if self.course.state == Standing::Returned { self.amount_minor } else { 0 }
    }

    /// Whether a request under the same number asks for the same.
    pub fn is_same_as(&self, other: &Payout) -> bool {
        (self.amount_minor, &self.currency, &self.payee)
            == (other.amount_minor, &other.currency, &other.payee)
    }

    /// Nothing more is to be expected: such payouts leave the books first when they are full.
    pub fn is_settled(&self) -> bool {
        self.course.state != Standing::Dealing && self.course.next.is_none()
    }
}
