//! An order of the provider's books as JSON.

use serde_json::{Value, json};

use crate::provider::order::Order;

/// The order with its sums.
pub(super) fn order(order: &Order) -> Value {
    let mut value = json!(order);
    if let Value::Object(members) = &mut value {
        members.remove("recipe_done");
        members.insert("paid_minor".into(), order.paid_minor().into());
        members.insert("refunded_minor".into(), order.refunded_minor().into());
        members.insert("paid_at".into(), json!(paid_at(order)));
    }
    value
}

fn paid_at(order: &Order) -> Option<String> {
    order.payments.first().map(|payment| crate::clock::rfc3339(payment.paid_at))
}
