//! What the tests of the core share: a [`wallet`] in memory, its [`audit`], and a small language for facts.
//!
//! A fact is a line of words. Each kind of orders reads its own ([`recharge`], [`withdraw`], [`trade`], [`refund`]); a
//! [`story`] plays them on one wallet, and a [`table`] compares what an accountant would look at after each line.
//! [`history`] makes random ones, with a [`provider`] that keeps books of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unreachable_pub)]

pub mod audit;
pub mod history;
pub mod provider;
pub mod recharge;
pub mod refund;
pub mod story;
pub mod table;
pub mod trade;
pub mod wallet;
pub mod withdraw;

use std::time::Duration;

use sluice_core::change::CredentialCheck;
use sluice_core::money::{Amount, Currency};
use sluice_core::observation::{Observation, Presence, Trouble};
use sluice_core::order::Admission;
use sluice_core::policy::{ChannelPolicy, LatePolicy};
use sluice_core::schedule::RequerySchedule;
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

pub const AMOUNT: i64 = 8888;
pub const APP: &str = "app_1";
pub const CHANNEL: &str = "alipay";
pub const START: Timestamp = Timestamp::from_secs(1_795_560_000);

pub fn policy(late: LatePolicy) -> ChannelPolicy {
    ChannelPolicy {
        late,
        fee_ppm: 0,
        requery: RequerySchedule([60, 120, 300].map(Duration::from_secs).to_vec()),
        expiry_margin: Duration::from_secs(60),
        limbo_after: Duration::from_secs(120),
        create_timeout: Duration::from_secs(5),
        payout_watch: [3_600, 86_400].map(Duration::from_secs).to_vec(),
        ..ChannelPolicy::default()
    }
}

pub fn cny(minor: i64) -> Amount {
    Amount::new(minor, Currency::CNY)
}

/// A verified request of the app.
pub fn admission(order_type: OrderType, at: Timestamp) -> Admission {
    Admission {
        check: CredentialCheck {
            client_id: APP.into(),
            order_type,
            password_version: 1,
            key_id: "k1".into(),
            at,
        },
        nonce: "n".repeat(16),
        nonce_until: at,
        request_id: "req".into(),
        conditions: Vec::new(),
        writes: Vec::new(),
    }
}

pub fn seen(presence: Presence) -> Observation {
    Observation::of(presence, "10000", "")
}

pub fn unknown(trouble: Trouble) -> Observation {
    Observation::unknown(trouble, "timeout", "no answer")
}

/// What a channel says, in words: `paid 8888 T1 fee 20` is an amount, the channel's number and its fee.
pub fn observed(words: &[&str]) -> Observation {
    let (word, rest) = words.split_first().expect("what the channel says");
    let mut seen = match *word {
        "paid" => Observation { paid_at: Some(Timestamp::from_secs(1_795_560_001)), ..seen(Presence::Paid) },
        "unpaid" | "dealing" => seen(Presence::Unpaid),
        "notfound" => seen(Presence::NotFound),
        "closed" => seen(Presence::Closed),
        "failed" => seen(Presence::Failed),
        "refunding" => seen(Presence::Refunding),
        "refunded" | "returned" => seen(Presence::Refunded),
        "working" => unknown(Trouble::InProgress),
        "notsent" => unknown(Trouble::NotSent),
        "unknown" | "nothing" => unknown(Trouble::Unreachable),
        other => panic!("channels do not say {other}"),
    };
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "fee" => seen.fee = rest.next().map(|fee| cny(fee.parse().expect("a fee"))),
            "-" => {}
            word => match word.parse() {
                Ok(minor) => seen.amount = Some(cny(minor)),
                Err(_) => seen.channel_order_no = Some(word.to_owned()),
            },
        }
    }
    seen
}

pub fn parse_span(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let secs = match unit {
        "s" => 1,
        "m" => 60,
        _ => 3600,
    };
    Duration::from_secs(number.parse::<u64>().expect("a span") * secs)
}
