//! Orders: lists, by any number, and one with everything known of it.

use std::collections::HashSet;

use sluice_core::id::{OrderId, OrderKind};
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::auth::Role;
use super::cursor::{page, page_key, page_size};
use super::{actions, callbacks, view};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::view::{limbo_bounds, views};
use crate::store::read::callbacks::CallbackFilter;
use crate::store::read::orders::OrderFilter;

/// The longest text that is searched for.
pub(super) const MAX_TEXT: usize = 200;

/// A page of orders, newest first.
pub(super) async fn list(d: &Daemon, ask: pb::ListOrdersRequest) -> Result<pb::ListOrdersReply, Status> {
    let now = clock::now();
    let size = page_size(ask.limit);
    for (name, value) in [
        ("text", &ask.text),
        ("channel", &ask.channel),
        ("client_id", &ask.client_id),
        ("user_ref", &ask.user_ref),
    ] {
        if value.len() > MAX_TEXT {
            return Err(Status::invalid_argument(format!("{name}: at most {MAX_TEXT} bytes")));
        }
    }
    let filter = OrderFilter {
        kinds: kinds(&ask.kinds)?,
        original: None,
        states: states(&ask.states)?,
        limbo: ask.limbo.then(|| limbo_bounds(d, now)),
        channel: ask.channel,
        client_id: ask.client_id,
        user_ref: ask.user_ref,
        text: ask.text.trim().to_owned(),
        from: (ask.from_ms != 0).then_some(Timestamp(ask.from_ms)),
        to: (ask.to_ms != 0).then_some(Timestamp(ask.to_ms)),
        before: before(&ask.cursor)?,
        limit: size + 1,
    };
    let orders = d.store.list_orders(&filter).await?;
    let (orders, next_cursor) = page(orders, size, |o| o.id().to_string());
    let items = views(d, orders, now).await?.into_iter().map(view::order).collect();
    Ok(pb::ListOrdersReply { items, next_cursor })
}

fn before(cursor: &str) -> Result<Option<OrderId>, Status> {
    let key = page_key(cursor)?;
    let id = key.map(|id| id.parse().map_err(|_| Status::invalid_argument("cursor: not one that we gave")));
    id.transpose()
}

fn kinds(asked: &[String]) -> Result<Vec<&'static str>, Status> {
    let known = |name: &String| OrderKind::ALL.into_iter().map(OrderKind::name).find(|k| k == name);
    let unknown = |name| Status::invalid_argument(format!("kinds: there is no kind {name}"));
    asked.iter().map(|name| known(name).ok_or_else(|| unknown(name))).collect()
}

/// States of whatever kind: the numbers of all kinds.
fn states(asked: &[u32]) -> Result<Vec<u8>, Status> {
    const KNOWN: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 61, 62, 63];
    let mut states = HashSet::new();
    for number in asked {
        let state = KNOWN.into_iter().find(|known| u32::from(*known) == *number);
        states.insert(
            state.ok_or_else(|| Status::invalid_argument(format!("states: there is no state {number}")))?,
        );
    }
    Ok(states.into_iter().collect())
}

/// Orders by any number; spaces around a pasted one do not matter.
pub(super) async fn find(d: &Daemon, number: &str) -> Result<pb::FindOrdersReply, Status> {
    let number = number.trim();
    if number.is_empty() || number.len() > MAX_TEXT {
        return Err(Status::invalid_argument(format!("number: 1 to {MAX_TEXT} bytes")));
    }
    let orders = d.store.orders_by_number(number).await?;
    let items = views(d, orders, clock::now()).await?.into_iter().map(view::order).collect();
    Ok(pb::FindOrdersReply { items })
}

/// One order with its timeline, callbacks, journals, and what can be done.
pub(super) async fn get(d: &Daemon, role: Role, order_id: &str) -> Result<pb::OrderDetail, Status> {
    let id = parse_id(order_id)?;
    let now = clock::now();
    let order = d.store.order(id).await?.ok_or_else(|| no_such_order(order_id))?;
    let of_order = CallbackFilter { order_id: id.to_string(), limit: 500, ..CallbackFilter::default() };
    let sent = d.store.list_callbacks(&of_order).await?;
    let timeline = d.store.timeline(id).await?.into_iter().map(view::timeline_entry).collect();
    let journals = d.store.journals(id).await?.into_iter().map(view::journal).collect();
    let actions = actions::of(d, role, &order, &sent).await?;
    let seen = views(d, vec![order], now).await?.pop();
    let stuck_before = callbacks::stuck_before(d, now);
    Ok(pb::OrderDetail {
        view: seen.map(view::order),
        timeline,
        callbacks: sent.into_iter().map(|row| callbacks::message(row, stuck_before)).collect(),
        actions,
        journals,
    })
}

/// An order's id as it is written. A text that is none names no order.
pub(super) fn parse_id(order_id: &str) -> Result<OrderId, Status> {
    order_id.trim().parse().map_err(|_| no_such_order(order_id))
}

pub(super) fn no_such_order(order_id: &str) -> Status {
    // At most an id's length of it: it may be anything.
    let shown: String = order_id.chars().filter(|c| !c.is_control()).take(40).collect();
    Status::not_found(format!("there is no order {shown}; FindOrders takes any number"))
}
