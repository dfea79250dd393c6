//! Reading the providers' books, and saying what the merchant's account there holds.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

use super::reply::{Refused, parse};
use super::{ActError, Answer, view};
use crate::provider::{Channel, Kind, books};
use crate::simulator::Simulator;

/// The states of all kinds.
const STATES: [&str; 8] = ["issued", "waiting", "paid", "closed", "dealing", "success", "failed", "returned"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    channel: Option<Channel>,
    kind: Option<Kind>,
    state: Option<String>,
    limit: Option<usize>,
    cursor: Option<u64>,
}

pub(super) async fn list(
    State(simulator): State<Arc<Simulator>>,
    query: Result<Query<Listing>, QueryRejection>,
) -> Answer {
    let Query(listing) = query.map_err(|error| Refused::malformed(error.body_text()))?;
    if let Some(state) = listing.state.as_deref().filter(|state| !STATES.contains(state)) {
        return Err(Refused::malformed(format!("no order is ever in the state {state}")));
    }
    let mut orders = vec![];
    let mut forgotten = 0;
    let mut next_cursor = None;
    for gateway in simulator.gateways() {
        if listing.channel.is_some_and(|channel| channel != gateway.channel()) {
            continue;
        }
        let limit = listing.limit.unwrap_or(books::CAPACITY).max(1);
        let wanted = |kind: Kind, state: &str| {
            listing.kind.is_none_or(|wanted| wanted == kind)
                && listing.state.as_ref().is_none_or(|wanted| wanted == state)
        };
        let page = gateway.books().page(listing.cursor, limit, wanted);
        orders.extend(page.records.iter().map(view::record));
        forgotten += page.forgotten;
        next_cursor = page.next;
    }
    Ok(axum::Json(json!({ "orders": orders, "next_cursor": next_cursor, "forgotten": forgotten })))
}

pub(super) async fn show(State(simulator): State<Arc<Simulator>>, Path(channel_ref): Path<String>) -> Answer {
    match simulator.record(&channel_ref) {
        Some(record) => Ok(axum::Json(view::record(&record))),
        None => Err(ActError::Unknown(channel_ref).into()),
    }
}

pub(super) async fn list_accounts(State(simulator): State<Arc<Simulator>>) -> Answer {
    let account = |gateway: Arc<dyn crate::provider::Gateway>| {
        let mut account = json!({ "channel": gateway.channel() });
        if let (Value::Object(account), Value::Object(sums)) = (&mut account, json!(gateway.books().sums())) {
            account.extend(sums);
            account.insert("available_minor".into(), json!(gateway.books().available()));
        }
        account
    };
    let accounts: Vec<_> = simulator.gateways().into_iter().map(account).collect();
    Ok(axum::Json(json!({ "accounts": accounts })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    channel: Channel,
    available_minor: Option<i64>,
}

pub(super) async fn set_account(State(simulator): State<Arc<Simulator>>, body: Bytes) -> Answer {
    let account: Account = parse(&body)?;
    if account.available_minor.is_some_and(|minor| minor < 0) {
        return Err(Refused::invalid("an account holds nothing or more".into()));
    }
    for gateway in simulator.gateways() {
        if gateway.channel() == account.channel {
            gateway.books().set_available(account.available_minor);
        }
    }
    list_accounts(State(simulator)).await
}
