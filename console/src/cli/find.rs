//! From any number to one order.

use sluice_proto::v1 as pb;

use super::{Context, json, orders};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};

/// The one order with this number: ours, the merchant's, the channel's or a callback's. White space around it is
/// trimmed, because numbers are pasted. Several hits are listed on standard output with their apps.
///
/// # Errors
/// Nothing has this number, or several have.
pub async fn one_order(number: &str, context: &Context) -> Result<pb::OrderView, Failure> {
    let number = number.trim();
    if number.is_empty() {
        return Err(Failure::new(Exit::Usage, "the number is empty"));
    }
    let request = pb::FindOrdersRequest { number: number.to_owned() };
    let mut hits = answer(context.client.ops().find_orders(request), DEADLINE).await?.items;
    if hits.len() > 1 {
        list_hits(&hits, context)?;
        return Err(Failure::new(Exit::NotFound, format!("{} orders have the number {number}", hits.len()))
            .next("name the one you mean by its order_id"));
    }
    hits.pop().ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("no order, channel number or callback is {number}"))
            .next(format!("look for parts of it with `sluice orders list --search {number}`"))
    })
}

/// The id of the one order with this number.
///
/// # Errors
/// As [`one_order`].
pub async fn one_order_id(number: &str, context: &Context) -> Result<String, Failure> {
    Ok(one_order(number, context).await?.order.unwrap_or_default().order_id)
}

fn list_hits(hits: &[pb::OrderView], context: &Context) -> Result<(), Failure> {
    if context.output.json {
        return context.output.value(&json::orders(hits)?);
    }
    orders::table(hits, context)
}
