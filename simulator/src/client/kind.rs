//! The kinds of orders, and where each lives in the API.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::{Error, OrderType};

/// A kind of order. Its order *type*, which picks the access password, is that of the order that it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// 充值
    Recharge,
    /// 提现
    Withdraw,
    /// 交易
    Trade,
    /// 退款
    Refund,
}

impl OrderKind {
    /// Every kind.
    pub const ALL: [OrderKind; 4] =
        [OrderKind::Recharge, OrderKind::Withdraw, OrderKind::Trade, OrderKind::Refund];

    /// As in the order object's `type`.
    pub fn word(self) -> &'static str {
        match self {
            OrderKind::Recharge => "recharge",
            OrderKind::Withdraw => "withdraw",
            OrderKind::Trade => "trade",
            OrderKind::Refund => "refund",
        }
    }

    /// The kind that an order's id begins with.
    pub fn of_id(order_id: &str) -> Option<Self> {
        let (prefix, _) = order_id.split_once('_')?;
        Some(match prefix {
            "rch" => OrderKind::Recharge,
            "wdr" => OrderKind::Withdraw,
            "trd" => OrderKind::Trade,
            "rfd" => OrderKind::Refund,
            _ => return None,
        })
    }

    /// The order type that signs for it; a refund has that of the order which it refunds.
    pub fn order_type(self) -> Option<OrderType> {
        match self {
            OrderKind::Recharge => Some(OrderType::Recharge),
            OrderKind::Withdraw => Some(OrderType::Withdraw),
            OrderKind::Trade => Some(OrderType::Trade),
            OrderKind::Refund => None,
        }
    }

    /// Where its orders live; refunds live under the orders that they refund.
    pub fn collection(self) -> Option<&'static str> {
        match self {
            OrderKind::Recharge => Some("/v1/recharges"),
            OrderKind::Withdraw => Some("/v1/withdrawals"),
            OrderKind::Trade => Some("/v1/trades"),
            OrderKind::Refund => None,
        }
    }
}

impl fmt::Display for OrderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The path of an order that is no refund.
pub(super) fn path_of(order_id: &str) -> Result<String, Error> {
    let collection = OrderKind::of_id(order_id).and_then(OrderKind::collection);
    let collection = collection
        .ok_or_else(|| Error::Shape(format!("{order_id} is the id of no recharge, withdrawal or trade")))?;
    Ok(format!("{collection}/{order_id}"))
}

/// The path of a collection with a query, or without if it is empty.
pub(super) fn with_query(collection: &str, query: &str) -> String {
    if query.is_empty() { collection.to_owned() } else { format!("{collection}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_paths_and_types() {
        for (id, kind, path, order_type) in [
            ("rch_1", Some(OrderKind::Recharge), Some("/v1/recharges/rch_1"), Some(OrderType::Recharge)),
            ("wdr_1", Some(OrderKind::Withdraw), Some("/v1/withdrawals/wdr_1"), Some(OrderType::Withdraw)),
            ("trd_1", Some(OrderKind::Trade), Some("/v1/trades/trd_1"), Some(OrderType::Trade)),
            ("rfd_1", Some(OrderKind::Refund), None, None),
            ("cbk_1", None, None, None),
            ("1", None, None, None),
        ] {
            assert_eq!(OrderKind::of_id(id), kind, "{id}");
            let found = path_of(id).ok();
            assert_eq!(found.as_deref(), path, "{id}");
            assert_eq!(found.and_then(|path| OrderType::of_target(&path)), order_type, "{id}");
            assert_eq!(kind.and_then(OrderKind::order_type), order_type, "{id}");
        }
        for kind in OrderKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
