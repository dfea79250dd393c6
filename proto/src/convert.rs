//! The order object and its gRPC message are one shape: each converts to the other without loss.

use std::collections::BTreeMap;

use sluice_core::fee::Bearer;
use sluice_core::money::Amount;
use sluice_core::order::{CallbackBrief, CallbackState, Method, OrderObject, Payment, TradeMode, TradeTo};
use sluice_core::time::Timestamp;

use crate::v1 as pb;

/// A message that is no order object, naming the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadOrder(pub &'static str);

impl std::fmt::Display for BadOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the daemon sent an order whose {} is not readable; update this console", self.0)
    }
}

impl std::error::Error for BadOrder {}

impl From<Amount> for pb::Money {
    fn from(a: Amount) -> Self {
        Self { minor: a.minor, currency: a.currency.code().to_owned() }
    }
}

impl From<OrderObject> for pb::Order {
    fn from(o: OrderObject) -> Self {
        Self {
            order_id: o.order_id.to_string(),
            client_id: o.client_id,
            r#type: o.r#type,
            merchant_order_no: o.merchant_order_no,
            user_ref: o.user_ref,
            state: u32::from(o.state),
            state_name: o.state_name,
            state_version: o.state_version,
            flags: o.flags,
            amount: Some(o.amount.into()),
            fee: Some(o.fee.into()),
            refunded: Some(o.refunded.into()),
            channel: o.channel.unwrap_or_default(),
            method: o.method.map(Method::name).unwrap_or_default().to_owned(),
            channel_ref: o.channel_ref.unwrap_or_default(),
            channel_order_no: o.channel_order_no.unwrap_or_default(),
            created_at_ms: o.created_at.millis(),
            paid_at_ms: millis(o.paid_at),
            expires_at_ms: millis(o.expires_at),
            closed_reason: o.closed_reason.unwrap_or_default(),
            payment: o.payment.map(Into::into),
            payment_pending: o.payment_pending,
            close_pending: o.close_pending,
            callbacks: o
                .callbacks
                .into_iter()
                .map(|c| pb::CallbackBrief {
                    callback_id: c.callback_id,
                    r#type: c.r#type,
                    state: c.state.name().to_owned(),
                    attempts: c.attempts,
                })
                .collect(),
            metadata: o.metadata.into_iter().collect(),
            original_order_id: o.original_order_id.map(|id| id.to_string()).unwrap_or_default(),
            to: o.to.map(Into::into),
            mode: o.mode.map(TradeMode::name).unwrap_or_default().to_owned(),
            captured: o.captured.map(Into::into),
            // Personal data, no part of the order object: whoever may show it fills it in.
            payee: String::new(),
            fee_borne_by: o.fee_borne_by.name().to_owned(),
            fee_returned: o.fee_returned.map(Into::into),
        }
    }
}

impl From<TradeTo> for pb::TradeTo {
    fn from(to: TradeTo) -> Self {
        use pb::trade_to::Payee;
        Self {
            payee: Some(match to {
                TradeTo::User { user_ref } => Payee::UserRef(user_ref),
                TradeTo::App { app } => Payee::App(app),
            }),
        }
    }
}

impl TryFrom<pb::Order> for OrderObject {
    type Error = BadOrder;

    fn try_from(o: pb::Order) -> Result<Self, BadOrder> {
        Ok(Self {
            order_id: o.order_id.parse().map_err(|_| BadOrder("order_id"))?,
            client_id: o.client_id,
            r#type: o.r#type,
            merchant_order_no: o.merchant_order_no,
            user_ref: o.user_ref,
            state: u8::try_from(o.state).map_err(|_| BadOrder("state"))?,
            state_name: o.state_name,
            state_version: o.state_version,
            flags: o.flags,
            amount: amount(o.amount, "amount")?,
            fee: amount(o.fee, "fee")?,
            refunded: amount(o.refunded, "refunded")?,
            channel: text(o.channel),
            method: text(o.method).map(|m| Method::from_name(&m).ok_or(BadOrder("method"))).transpose()?,
            channel_ref: text(o.channel_ref),
            channel_order_no: text(o.channel_order_no),
            created_at: Timestamp(o.created_at_ms),
            paid_at: time(o.paid_at_ms),
            expires_at: time(o.expires_at_ms),
            closed_reason: text(o.closed_reason),
            payment: o.payment.map(TryInto::try_into).transpose()?,
            payment_pending: o.payment_pending,
            close_pending: o.close_pending,
            callbacks: o
                .callbacks
                .into_iter()
                .map(|c| {
                    Ok(CallbackBrief {
                        state: CallbackState::from_name(&c.state).ok_or(BadOrder("callbacks"))?,
                        callback_id: c.callback_id,
                        r#type: c.r#type,
                        attempts: c.attempts,
                    })
                })
                .collect::<Result<_, _>>()?,
            metadata: o.metadata.into_iter().collect::<BTreeMap<_, _>>(),
            replayed: None,
            original_order_id: text(o.original_order_id)
                .map(|id| id.parse().map_err(|_| BadOrder("original_order_id")))
                .transpose()?,
            to: o.to.and_then(|to| to.payee).map(|payee| match payee {
                pb::trade_to::Payee::UserRef(user_ref) => TradeTo::User { user_ref },
                pb::trade_to::Payee::App(app) => TradeTo::App { app },
            }),
            mode: text(o.mode).map(|m| TradeMode::from_name(&m).ok_or(BadOrder("mode"))).transpose()?,
            captured: o.captured.map(|a| amount(Some(a), "captured")).transpose()?,
            fee_borne_by: text(o.fee_borne_by)
                .map(|b| Bearer::from_name(&b).ok_or(BadOrder("fee_borne_by")))
                .transpose()?
                .unwrap_or_default(),
            fee_returned: o.fee_returned.map(|a| amount(Some(a), "fee_returned")).transpose()?,
        })
    }
}

impl From<Payment> for pb::Payment {
    fn from(p: Payment) -> Self {
        match p {
            Payment::Qr { content } => Self { kind: "qr".to_owned(), content, ..Self::default() },
            Payment::Redirect { url } => Self { kind: "redirect".to_owned(), url, ..Self::default() },
            Payment::Form { action, method, charset, fields } => Self {
                kind: "form".to_owned(),
                action,
                method,
                charset,
                fields: fields.into_iter().map(|(name, value)| pb::FormField { name, value }).collect(),
                ..Self::default()
            },
        }
    }
}

impl TryFrom<pb::Payment> for Payment {
    type Error = BadOrder;

    fn try_from(p: pb::Payment) -> Result<Self, BadOrder> {
        Ok(match p.kind.as_str() {
            "qr" => Self::Qr { content: p.content },
            "redirect" => Self::Redirect { url: p.url },
            "form" => Self::Form {
                action: p.action,
                method: p.method,
                charset: p.charset,
                fields: p.fields.into_iter().map(|f| (f.name, f.value)).collect(),
            },
            _ => return Err(BadOrder("payment")),
        })
    }
}

fn amount(m: Option<pb::Money>, field: &'static str) -> Result<Amount, BadOrder> {
    let m = m.ok_or(BadOrder(field))?;
    Ok(Amount::new(m.minor, m.currency.parse().map_err(|_| BadOrder(field))?))
}

fn text(t: String) -> Option<String> {
    (!t.is_empty()).then_some(t)
}

fn millis(t: Option<Timestamp>) -> i64 {
    t.map_or(0, Timestamp::millis)
}

fn time(millis: i64) -> Option<Timestamp> {
    (millis != 0).then_some(Timestamp(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_of_each_kind_survives_the_wire() {
        let recharge = serde_json::json!({
            "order_id": "rch_01KBFZ0P5Q7WJQ0C0X3M9N4T2A", "client_id": "app_1", "type": "recharge",
            "merchant_order_no": "A-1", "user_ref": "u1", "state": 3, "state_name": "paid", "state_version": 4,
            "flags": ["late"], "amount": {"minor": 8888, "currency": "CNY"},
            "fee": {"minor": 0, "currency": "CNY"}, "refunded": {"minor": 0, "currency": "CNY"},
            "channel": "alipay", "method": "page", "channel_ref": "01KBFZ0P5Q7WJQ0C0X3M9N4T2A01",
            "channel_order_no": null, "created_at": "2026-11-24T10:20:30.007Z",
            "paid_at": "2026-11-24T10:20:59.000Z", "expires_at": "2026-11-24T12:20:30.007Z",
            "closed_reason": null,
            "payment": {"kind": "form", "action": "https://p.example/", "method": "POST", "charset": "utf-8",
                        "fields": [["a", "1"], ["b", "充值"]]},
            "payment_pending": false, "close_pending": false,
            "callbacks": [{"callback_id": "cbk_1", "type": "recharge.paid", "state": "pending", "attempts": 2}],
            "metadata": {"k": "v"}
        });
        let money = |minor: i64| serde_json::json!({"minor": minor, "currency": "CNY"});
        for (kind, own) in [
            ("recharge", serde_json::json!({})),
            ("withdraw", serde_json::json!({"fee_borne_by": "app"})),
            (
                "trade",
                serde_json::json!({"to": {"user_ref": "u2"}, "mode": "authorise", "captured": money(5_000)}),
            ),
            ("trade", serde_json::json!({"to": {"app": true}, "mode": "direct"})),
            (
                "refund",
                serde_json::json!({
                    "original_order_id": "rch_01KBFZ0P5Q7WJQ0C0X3M9N4T2B", "fee_returned": money(12),
                }),
            ),
        ] {
            let mut json = recharge.clone();
            json["type"] = kind.into();
            for (name, value) in own.as_object().unwrap() {
                json[name] = value.clone();
            }
            let order: OrderObject = serde_json::from_value(json.clone()).unwrap();
            let back = serde_json::to_value(OrderObject::try_from(pb::Order::from(order)).unwrap()).unwrap();
            assert_eq!(back, json, "{kind}");
        }
    }
}
