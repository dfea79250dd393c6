//! One order as a merchant knows it from its callbacks, and what that means for balances.

use serde::{Deserialize, Serialize};

use crate::client::{Bearer, Money, OrderKind, Party};

/// What a callback tells of an order; what it leaves out is as if there were none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) order_id: String,
    #[serde(rename = "type")]
    pub(super) kind: OrderKind,
    pub(super) merchant_order_no: String,
    pub(super) user_ref: String,
    pub(super) amount: Money,
    #[serde(default)]
    pub(super) fee: Option<Money>,
    #[serde(default)]
    pub(super) fee_borne_by: Bearer,
    #[serde(default)]
    pub(super) state: i64,
    #[serde(default)]
    pub(super) state_name: String,
    #[serde(default)]
    pub(super) state_version: i64,
    /// Trades: who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Party>,
    /// Trades: what was captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) captured: Option<Money>,
    /// Refunds: what is refunded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) original_order_id: Option<String>,
    /// The part of the fee that goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fee_returned: Option<Money>,
    /// Facts beside the state; `from_settlement`: a refund took the app's own money.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) flags: Vec<String>,
}

/// A callback's body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// Such as `recharge.paid`.
    #[serde(rename = "type")]
    pub(super) callback: String,
    #[serde(default)]
    pub(super) state_version: Option<i64>,
    pub(super) order: Known,
}

impl Told {
    /// The version of the order that it tells of.
    pub(super) fn version(&self) -> i64 {
        self.state_version.unwrap_or(self.order.state_version)
    }
}

/// Whose money: a user's, or, without a name, the app's own.
pub(super) type Holder = Option<String>;

impl Told {
    /// By how much this moves whose balance, in the order's currency, since before the order. A later callback of
    /// the order *replaces* the effect of an earlier one; that is why one that was never sent is not missed.
    pub(super) fn effects(&self, original: Option<&Known>) -> Vec<(Holder, i64)> {
        let order = &self.order;
        let user = || Some(order.user_ref.clone());
        let (amount, fee) = (order.amount.minor, order.of_user(order.fee.as_ref()));
        let returned = order.of_user(order.fee_returned.as_ref());
        match self.callback.as_str() {
            "recharge.paid" => vec![(user(), amount - fee)],
            "withdraw.paid" => vec![(user(), -amount - fee)],
            // The amount is back; the fee only as far as that is said.
            "withdraw.returned" => vec![(user(), returned - fee)],
            "trade.settled" => {
                let captured = order.captured.as_ref().map_or(amount, |money| money.minor);
                vec![(user(), -captured - fee), (order.payee(), captured)]
            }
            "refund.refunded" => match original {
                Some(trade) if trade.kind == OrderKind::Trade => {
                    let payer = Some(trade.user_ref.clone());
                    vec![(trade.payee(), -amount), (payer, amount + returned)]
                }
                None if order.refunds_a_trade() => vec![],
                // The payer has the money outside of Sluice; the user's balance pays for it, or the app's own.
                _ if order.flags.iter().any(|flag| flag == "from_settlement") => {
                    vec![(None, returned - amount)]
                }
                Some(recharge) => vec![(Some(recharge.user_ref.clone()), returned - amount)],
                None => vec![(user(), returned - amount)],
            },
            // Closed, failed, and what a later version may say: no money has moved.
            _ => vec![],
        }
    }
}

impl Known {
    /// So much of a fee as the user bears.
    fn of_user(&self, fee: Option<&Money>) -> i64 {
        match (self.fee_borne_by, fee) {
            (Bearer::User, Some(fee)) => fee.minor,
            _ => 0,
        }
    }

    /// Who a trade pays; one that does not say pays the app.
    pub(super) fn payee(&self) -> Holder {
        self.to.as_ref().and_then(Party::user_ref).map(str::to_owned)
    }

    fn refunds_a_trade(&self) -> bool {
        self.original_order_id.as_deref().and_then(OrderKind::of_id) == Some(OrderKind::Trade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn told(callback: &str, order: Value) -> Told {
        let mut all = json!({ "order_id": "x_1", "type": callback.split_once('.').unwrap().0,
            "merchant_order_no": "N1", "user_ref": "ann", "amount": { "minor": 1_000, "currency": "CNY" },
            "fee": { "minor": 10, "currency": "CNY" } });
        all.as_object_mut().unwrap().extend(order.as_object().unwrap().clone());
        serde_json::from_value(json!({ "type": callback, "state_version": 3, "order": all })).unwrap()
    }

    fn money(minor: i64) -> Value {
        json!({ "minor": minor, "currency": "CNY" })
    }

    /// What is told, of which original, and by how much whose balance moves: `ann` pays 1 000 with a fee of 10.
    #[test]
    fn what_a_callback_is_worth() {
        let recharge = told("recharge.paid", json!({})).order;
        let to_bob = told("trade.settled", json!({ "to": { "user_ref": "bob" } })).order;
        let to_app = told("trade.settled", json!({ "to": { "app": true } })).order;
        let (ann, bob, app) = (Some("ann"), Some("bob"), None);
        let by_app = json!({ "fee_borne_by": "app" });
        let partly = json!({ "to": { "user_ref": "bob" }, "captured": money(400) });
        let of_trade = json!({ "original_order_id": "trd_1", "fee_returned": money(4) });
        let of_recharge = json!({ "original_order_id": "rch_1", "fee_returned": money(4) });
        type Case<'a> = (&'a str, Value, Option<&'a Known>, &'a [(Option<&'a str>, i64)]);
        let table: &[Case<'_>] = &[
            ("recharge.paid", json!({}), None, &[(ann, 990)]),
            ("recharge.paid", by_app.clone(), None, &[(ann, 1_000)]),
            ("recharge.paid", json!({ "fee": null }), None, &[(ann, 1_000)]),
            ("recharge.closed", json!({}), None, &[]),
            ("withdraw.paid", json!({}), None, &[(ann, -1_010)]),
            ("withdraw.paid", by_app.clone(), None, &[(ann, -1_000)]),
            ("withdraw.returned", json!({}), None, &[(ann, -10)]),
            ("withdraw.returned", json!({ "fee_returned": money(10) }), None, &[(ann, 0)]),
            ("withdraw.closed", json!({}), None, &[]),
            ("trade.settled", json!({ "to": { "user_ref": "bob" } }), None, &[(ann, -1_010), (bob, 1_000)]),
            ("trade.settled", json!({ "to": { "app": true } }), None, &[(ann, -1_010), (app, 1_000)]),
            ("trade.settled", partly, None, &[(ann, -410), (bob, 400)]),
            ("trade.closed", json!({}), None, &[]),
            ("refund.refunded", of_recharge.clone(), Some(&recharge), &[(ann, -996)]),
            ("refund.refunded", of_recharge, None, &[(ann, -996)]),
            ("refund.refunded", of_trade.clone(), Some(&to_bob), &[(bob, -1_000), (ann, 1_004)]),
            ("refund.refunded", of_trade.clone(), Some(&to_app), &[(app, -1_000), (ann, 1_004)]),
            ("refund.refunded", of_trade.clone(), None, &[]),
            ("refund.failed", of_trade, Some(&to_bob), &[]),
            ("recharge.sung", json!({}), None, &[]),
        ];
        for (callback, order, original, expected) in table {
            let effects = told(callback, order.clone()).effects(*original);
            let seen: Vec<_> = effects.iter().map(|(holder, minor)| (holder.as_deref(), *minor)).collect();
            assert_eq!(seen, *expected, "{callback} {order}");
        }
    }
}
