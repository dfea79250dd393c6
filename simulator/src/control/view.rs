//! A record of the provider's books as JSON.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::provider::books::Record;
use crate::provider::order::Order;

/// A record with its kind and its sums. Every record has every sum, so that a list can be added up as it is; a
/// refund's money is counted once, at its payment.
pub(super) fn record(record: &Record) -> Value {
    let members = match record {
        Record::Payment(order) => {
            let mut members = members(order);
            members.remove("recipe_done");
            members.insert("paid_minor".into(), order.paid_minor().into());
            members.insert("refunded_minor".into(), order.refunded_minor().into());
            members.insert("paid_at".into(), json!(paid_at(order)));
            for refund in members.get_mut("refunds").and_then(Value::as_array_mut).into_iter().flatten() {
                refund.as_object_mut().map(|refund| refund.remove("told"));
            }
            members
        }
        Record::Refund { order, refund } => {
            let mut own = members(refund);
            own.remove("request_no");
            own.remove("told");
            let mut members = Map::new();
            members.insert("channel".into(), json!(order.channel));
            members.insert("channel_ref".into(), json!(refund.request_no));
            members.insert("channel_order_no".into(), json!(order.channel_order_no));
            members.insert("payment".into(), json!(order.channel_ref));
            members.insert("currency".into(), json!(order.currency));
            members.extend(own);
            members
        }
        Record::Payout(payout) => {
            let mut members = members(payout);
            members.insert("paid_out_minor".into(), payout.paid_out_minor().into());
            members.insert("returned_minor".into(), payout.returned_minor().into());
            members
        }
    };
    let mut all = Map::new();
    all.insert("kind".into(), json!(record.kind()));
    all.extend(members);
    for sum in ["paid_minor", "refunded_minor", "paid_out_minor", "returned_minor"] {
        all.entry(sum).or_insert_with(|| 0.into());
    }
    all.entry("payments").or_insert_with(|| json!([]));
    Value::Object(all)
}

fn members(value: &impl Serialize) -> Map<String, Value> {
    match json!(value) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn paid_at(order: &Order) -> Option<String> {
    order.payments.first().map(|payment| crate::clock::rfc3339(payment.paid_at))
}
