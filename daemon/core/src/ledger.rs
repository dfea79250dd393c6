//! The ledger (流水): double entry, append-only, integers of minor units.
//!
//! A posting's amount is signed: debit positive, credit negative; each journal sums to zero in each currency.
//! Replays are no-ops because a journal is unique per order and [`Journal::key`].

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::OrderId;
use crate::money::{Amount, Currency};
use crate::time::Timestamp;

/// On which side an account's balance normally stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Assets and costs: what channels hold for us, what they charge.
    Debit,
    /// What we owe and earn.
    Credit,
}

/// An account of the chart, in some currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What a user can spend.
    UserAvailable {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
    },
    /// What is held for a user's open withdrawals, trades and refunds.
    UserHeld {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
    },
    /// What an app has earned and not yet taken out.
    AppSettlement {
        /// The app.
        client_id: String,
    },
    /// What a channel has taken from payers and not yet paid out to us.
    ChannelClearing {
        /// The channel's account name.
        channel: String,
    },
    /// What a channel charges us.
    ChannelFee {
        /// The channel's account name.
        channel: String,
    },
    /// Our fees.
    ServiceFee,
    /// Money that belongs to nobody yet: wrong amounts, second payments, payments of orders that the merchant closed.
    Suspense,
}

impl Account {
    /// The account's normal side.
    pub const fn side(&self) -> Side {
        match self {
            Self::ChannelClearing { .. } | Self::ChannelFee { .. } => Side::Debit,
            _ => Side::Credit,
        }
    }

    /// Whether its balance may never be negative.
    pub const fn is_guarded(&self) -> bool {
        matches!(self, Self::UserAvailable { .. } | Self::UserHeld { .. } | Self::AppSettlement { .. })
    }
}

/// The account's name in the database and on screen, such as `user:app_1:u1:available`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserAvailable { client_id, user_ref } => write!(f, "user:{client_id}:{user_ref}:available"),
            Self::UserHeld { client_id, user_ref } => write!(f, "user:{client_id}:{user_ref}:held"),
            Self::AppSettlement { client_id } => write!(f, "app:{client_id}:settlement"),
            Self::ChannelClearing { channel } => write!(f, "channel:{channel}:clearing"),
            Self::ChannelFee { channel } => write!(f, "channel:{channel}:fee"),
            Self::ServiceFee => f.write_str("fee:service"),
            Self::Suspense => f.write_str("suspense"),
        }
    }
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// A recharge was paid and is credited to its user, less our fee.
    RechargeCredit,
    /// A payment that can't be credited waits for a decision.
    RechargeSuspense,
}

impl PostingKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::RechargeCredit, Self::RechargeSuspense];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RechargeCredit => "recharge_credit",
            Self::RechargeSuspense => "recharge_suspense",
        }
    }
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where.
    pub account: Account,
    /// How much: debit positive, credit negative.
    pub minor: i64,
}

/// A balanced set of postings in one currency, written as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The order whose money moves.
    pub order: OrderId,
    /// Why.
    pub kind: PostingKind,
    /// Empty where an order has one journal of this kind; else what tells them apart (a channel's payment number).
    pub key: String,
    /// In which currency.
    pub currency: Currency,
    /// When we wrote it.
    pub at: Timestamp,
    /// The lines; they sum to zero.
    pub postings: Vec<Posting>,
}

impl Journal {
    /// A paid recharge: the channel holds the amount, the user gets it less our fee; the channel's own fee is a cost.
    pub fn recharge_credit(of: &Credit<'_>, at: Timestamp) -> Self {
        let Credit { order, client_id, user_ref, channel, amount, fee, channel_fee } = *of;
        let clearing = Account::ChannelClearing { channel: channel.to_owned() };
        let user = Account::UserAvailable { client_id: client_id.to_owned(), user_ref: user_ref.to_owned() };
        let mut postings = vec![
            Posting { account: clearing.clone(), minor: amount.minor },
            Posting { account: user, minor: fee - amount.minor },
        ];
        if fee != 0 {
            postings.push(Posting { account: Account::ServiceFee, minor: -fee });
        }
        if channel_fee != 0 {
            postings.push(Posting {
                account: Account::ChannelFee { channel: channel.to_owned() },
                minor: channel_fee,
            });
            postings.push(Posting { account: clearing, minor: -channel_fee });
        }
        let kind = PostingKind::RechargeCredit;
        Self { order, kind, key: String::new(), currency: amount.currency, at, postings }
    }

    /// A payment that can't be credited: the channel holds it, and it belongs to nobody yet.
    pub fn recharge_suspense(
        order: OrderId,
        channel: &str,
        amount: Amount,
        key: String,
        at: Timestamp,
    ) -> Self {
        let clearing = Account::ChannelClearing { channel: channel.to_owned() };
        let postings = vec![
            Posting { account: clearing, minor: amount.minor },
            Posting { account: Account::Suspense, minor: -amount.minor },
        ];
        Self { order, kind: PostingKind::RechargeSuspense, key, currency: amount.currency, at, postings }
    }

    /// Whether the postings sum to zero.
    pub fn is_balanced(&self) -> bool {
        self.postings.iter().map(|p| i128::from(p.minor)).sum::<i128>() == 0
    }

    /// What each account gains, on its own side: positive means that its balance grows.
    pub fn effects(&self) -> BTreeMap<&Account, i64> {
        let mut effects = BTreeMap::new();
        for posting in &self.postings {
            let gain = match posting.account.side() {
                Side::Debit => posting.minor,
                Side::Credit => -posting.minor,
            };
            *effects.entry(&posting.account).or_default() += gain;
        }
        effects
    }
}

/// What a credit is made of; fees in minor units of the amount's currency.
#[derive(Clone, Copy, Debug)]
pub struct Credit<'a> {
    /// The paid order.
    pub order: OrderId,
    /// Its app.
    pub client_id: &'a str,
    /// Its user.
    pub user_ref: &'a str,
    /// Where the money came in.
    pub channel: &'a str,
    /// What was paid.
    pub amount: Amount,
    /// Our fee.
    pub fee: i64,
    /// The channel's fee.
    pub channel_fee: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OrderKind;
    use proptest::prelude::*;

    fn credit(minor: i64, fee: i64, channel_fee: i64) -> Journal {
        let order = OrderId::new(OrderKind::Recharge, Timestamp(1), 1);
        let amount = Amount::new(minor, Currency::CNY);
        let of =
            Credit { order, client_id: "app_1", user_ref: "u1", channel: "alipay", amount, fee, channel_fee };
        Journal::recharge_credit(&of, Timestamp(2))
    }

    #[test]
    fn a_recharge_of_88_88_with_a_fee_of_0_53_and_a_channel_fee_of_0_33() {
        let journal = credit(8888, 53, 33);
        let lines: Vec<_> = journal.effects().iter().map(|(a, m)| format!("{a} {m}")).collect();
        assert_eq!(
            lines,
            [
                "user:app_1:u1:available 8835",
                "channel:alipay:clearing 8855",
                "channel:alipay:fee 33",
                "fee:service 53",
            ]
        );
    }

    proptest! {
        #[test]
        fn every_credit_is_balanced(minor in 1i64..1_000_000_000, fee in 0i64..1000, channel_fee in 0i64..1000) {
            prop_assert!(credit(minor, fee, channel_fee).is_balanced());
        }
    }
}
