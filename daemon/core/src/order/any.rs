//! An order of any kind, for what lists, looks at and stores orders alike.

use std::collections::BTreeSet;

use super::attempt::Attempt;
use super::kind::Kind;
use super::machine::State as _;
use super::object::{CallbackBrief, OrderObject};
use super::refunds::Refunds;
use super::{Recharge, Refund, Refusal, Trade, Withdraw};
use crate::id::{OrderId, OrderKind};
use crate::money::Amount;
use crate::time::Timestamp;

/// An order of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyOrder {
    /// 充值.
    Recharge(Recharge),
    /// 提现.
    Withdraw(Withdraw),
    /// 交易.
    Trade(Trade),
    /// 退款.
    Refund(Refund),
}

/// The same expression for the order of whatever kind.
#[macro_export]
macro_rules! each_order {
    ($any:expr, $order:ident => $what:expr) => {
        match $any {
            $crate::order::AnyOrder::Recharge($order) => $what,
            $crate::order::AnyOrder::Withdraw($order) => $what,
            $crate::order::AnyOrder::Trade($order) => $what,
            $crate::order::AnyOrder::Refund($order) => $what,
        }
    };
}

impl AnyOrder {
    /// Its kind.
    pub fn kind(&self) -> OrderKind {
        self.id().kind()
    }

    /// Our id.
    pub fn id(&self) -> OrderId {
        each_order!(self, o => o.id)
    }

    /// The app.
    pub fn client_id(&self) -> &str {
        each_order!(self, o => &o.client_id)
    }

    /// The app's user.
    pub fn user_ref(&self) -> &str {
        each_order!(self, o => &o.user_ref)
    }

    /// What was asked for.
    pub fn amount(&self) -> Amount {
        each_order!(self, o => o.amount)
    }

    /// A digest of what the merchant asked for.
    pub fn content_digest(&self) -> &str {
        each_order!(self, o => &o.content_digest)
    }

    /// What the store compares.
    pub fn row_version(&self) -> i64 {
        each_order!(self, o => o.row_version)
    }

    /// What merchants compare.
    pub fn state_version(&self) -> i64 {
        each_order!(self, o => o.state_version)
    }

    /// The state's number as merchants see it.
    pub fn state_number(&self) -> u8 {
        each_order!(self, o => o.state_number())
    }

    /// Its name.
    pub fn state_name(&self) -> &'static str {
        each_order!(self, o => o.state_name())
    }

    /// Whether it still waits for its money to move.
    pub fn is_open(&self) -> bool {
        each_order!(self, o => o.state.is_open())
    }

    /// The current attempt.
    pub fn attempt(&self) -> Option<&Attempt> {
        each_order!(self, o => o.attempt())
    }

    /// Since when the channel gives no usable answer about it.
    pub fn unknown_since(&self) -> Option<Timestamp> {
        each_order!(self, o => o.unknown_since())
    }

    /// Its callbacks, oldest first.
    pub fn callbacks(&self) -> &[CallbackBrief] {
        each_order!(self, o => &o.callbacks)
    }

    /// What was refunded of it.
    pub fn refunds(&self) -> &Refunds {
        each_order!(self, o => &o.refunds)
    }

    /// Payments of it that are or were in suspense.
    pub fn suspense_keys(&self) -> &[String] {
        each_order!(self, o => &o.suspense_keys)
    }

    /// How many of these wait for a person's decision.
    pub fn undecided(&self) -> u32 {
        each_order!(self, o => o.undecided)
    }

    /// Facts beside the state.
    pub fn flags(&self) -> &BTreeSet<String> {
        each_order!(self, o => &o.flags)
    }

    /// The order object.
    pub fn object(&self) -> OrderObject {
        each_order!(self, o => o.object())
    }

    /// As the store leaves it after a write.
    pub fn written(mut self) -> Self {
        each_order!(&mut self, o => o.row_version += 1);
        self
    }
}

impl<K: Kind> From<super::Order<K>> for AnyOrder {
    fn from(order: super::Order<K>) -> Self {
        K::any(order)
    }
}

macro_rules! narrow {
    ($($variant:ident => $name:ident),+) => {
        impl AnyOrder {
            $(
                /// The order, where it is of this kind.
                ///
                /// # Errors
                /// [`Refusal::AnotherKind`].
                pub fn $name(&self) -> Result<&$variant, Refusal> {
                    match self {
                        Self::$variant(order) => Ok(order),
                        _ => Err(Refusal::AnotherKind),
                    }
                }
            )+
        }
    };
}
narrow!(Recharge => recharge, Withdraw => withdraw, Trade => trade, Refund => refund);
