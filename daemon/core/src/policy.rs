//! What a decision needs to know besides the order and the fact: the time, chance, and the channel's settings.

use std::time::Duration;

use crate::schedule::RequerySchedule;
use crate::time::Timestamp;

/// What to do with the right amount paid after an order was closed by the channel or by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LatePolicy {
    /// Credit it; the order becomes paid, flagged `late`.
    #[default]
    Credit,
    /// Put it into suspense.
    Suspend,
}

/// A channel account's settings, as far as decisions need them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPolicy {
    /// Late money.
    pub late: LatePolicy,
    /// The channel's tariff in parts per million, used where it does not state its fee.
    pub fee_ppm: i64,
    /// The channel's tariff for payouts in parts per million, used where it does not state its fee.
    pub payout_fee_ppm: i64,
    /// The waits between queries.
    pub requery: RequerySchedule,
    /// How long after its expiry an order is asked for a last time and closed.
    pub expiry_margin: Duration,
    /// How long an unknown may last before the order is in limbo.
    pub limbo_after: Duration,
    /// How long a creation may take before it is sent again.
    pub create_timeout: Duration,
    /// Whether "not found" is said of an order that the payer can still pay.
    pub not_found_while_payable: bool,
    /// The least time between two refunds of one payment.
    pub refund_spacing: Duration,
    /// How long after a definite refusal of a payout or a refund "not found" must still be said before it is believed.
    pub refusal_margin: Duration,
    /// The waits between looks at a paid payout, which the bank may return; after the last nobody looks.
    pub payout_watch: Vec<Duration>,
}

impl Default for ChannelPolicy {
    fn default() -> Self {
        Self {
            late: LatePolicy::Suspend,
            fee_ppm: 0,
            payout_fee_ppm: 0,
            requery: RequerySchedule(vec![Duration::from_secs(1800)]),
            expiry_margin: Duration::from_secs(60),
            limbo_after: Duration::from_secs(120),
            create_timeout: Duration::from_secs(5),
            not_found_while_payable: true,
            refund_spacing: Duration::from_secs(3),
            refusal_margin: Duration::from_secs(10),
            payout_watch: Vec::new(),
        }
    }
}

/// The time, chance and settings of one decision.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Now.
    pub now: Timestamp,
    /// Fresh random bits.
    pub random: u128,
    /// The settings of the order's channel.
    pub policy: &'a ChannelPolicy,
}

impl Context<'_> {
    /// A part of the random bits, for jitter.
    pub fn chance(&self) -> u32 {
        // Truncation is the point.
        (self.random & u128::from(u32::MAX)) as u32
    }
}
