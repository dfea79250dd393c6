//! Names of things. All are made of a time and random bits that the caller brings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

use crate::time::Timestamp;

/// The kinds of orders; the prefix of an order's id says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// 充值: money from a payer through a channel to a user.
    Recharge,
    /// 提现: money from a user through a channel to a payee.
    Withdraw,
    /// 交易: money between a user and the app, or two users of one app.
    Trade,
    /// 退款: money of an earlier order going back.
    Refund,
}

impl OrderKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Recharge, Self::Withdraw, Self::Trade, Self::Refund];

    /// As in the order object's `type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Withdraw => "withdraw",
            Self::Trade => "trade",
            Self::Refund => "refund",
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Recharge => "rch_",
            Self::Withdraw => "wdr_",
            Self::Trade => "trd_",
            Self::Refund => "rfd_",
        }
    }
}

/// An order's id: `rch_`, `wdr_`, `trd_` or `rfd_` and 26 characters that sort by time of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId {
    prefix: &'static str,
    ulid: Ulid,
}

impl OrderId {
    /// A new id from the time and 80 random bits.
    pub fn new(kind: OrderKind, at: Timestamp, random: u128) -> Self {
        Self { prefix: kind.prefix(), ulid: ulid_at(at, random) }
    }

    /// The kind that the prefix says.
    pub fn kind(self) -> OrderKind {
        OrderKind::ALL.into_iter().find(|k| k.prefix() == self.prefix).unwrap_or(OrderKind::Recharge)
    }

    /// The 26 characters, without the kind: those of all kinds sort by time of creation.
    pub fn ulid(self) -> String {
        self.ulid.to_string()
    }

    /// The least [`Self::ulid`] of the orders created at `at` or later.
    pub fn first_ulid(at: Timestamp) -> String {
        ulid_at(at, 0).to_string()
    }

    /// The number that attempt `no` sends to its channel: 28 of `A-Z 0-9`, unique per attempt.
    pub fn channel_ref(self, no: u16) -> String {
        format!("{}{:02}", self.ulid, no % 100)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.ulid)
    }
}

impl fmt::Debug for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no order id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an order id")]
pub struct NotAnOrderId;

impl FromStr for OrderId {
    type Err = NotAnOrderId;
    fn from_str(text: &str) -> Result<Self, NotAnOrderId> {
        let kind = OrderKind::ALL.into_iter().find(|k| text.starts_with(k.prefix())).ok_or(NotAnOrderId)?;
        let rest = &text[kind.prefix().len()..];
        let ulid = Ulid::from_string(rest).map_err(|_| NotAnOrderId)?;
        // One spelling only: ids are compared as texts in the database.
        if ulid.to_string() != rest {
            return Err(NotAnOrderId);
        }
        Ok(Self { prefix: kind.prefix(), ulid })
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Any other id: a prefix and 26 characters that sort by time, such as `cbk_…` for a callback.
pub fn new_id(prefix: &str, at: Timestamp, random: u128) -> String {
    format!("{prefix}_{}", ulid_at(at, random))
}

fn ulid_at(at: Timestamp, random: u128) -> Ulid {
    Ulid::from_parts(u64::try_from(at.millis()).unwrap_or(0), random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_is_read_back_only_as_it_was_written() {
        let id = OrderId::new(OrderKind::Recharge, Timestamp(1_795_560_030_007), 42);
        let text = id.to_string();
        assert!(text.starts_with("rch_") && text.len() == 30, "{text}");
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(id.kind(), OrderKind::Recharge);
        assert_eq!(text.to_lowercase().parse::<OrderId>(), Err(NotAnOrderId));
        assert_eq!("rch_".parse::<OrderId>(), Err(NotAnOrderId));
        assert_eq!("xyz_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse::<OrderId>(), Err(NotAnOrderId));
    }

    #[test]
    fn a_channel_ref_fits_every_provider() {
        let channel_ref = OrderId::new(OrderKind::Recharge, Timestamp(1), u128::MAX).channel_ref(1);
        assert_eq!(channel_ref.len(), 28);
        assert!(channel_ref.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    }
}
