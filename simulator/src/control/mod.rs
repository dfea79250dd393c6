//! The control API: what tests and merchant developers do to the providers. `docs/sandbox.md` documents it.

mod act;
mod client;
pub(crate) mod reply;
mod view;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::clock;
use crate::provider::fault::Rule;
use crate::provider::limit::Limit;
use crate::provider::order::State as OrderState;
use crate::provider::{Channel, books};
use crate::simulator::Simulator;
pub use act::{Act, ActError, Action, PaymentContent};
pub use client::{Control, ControlError};
use reply::{Refused, parse};

/// The control API's routes.
pub(crate) fn router(simulator: Arc<Simulator>) -> Router {
    Router::new()
        .route("/control/orders", get(list_orders))
        .route("/control/orders/{channel_ref}", get(show_order).post(act_on_order))
        .route("/control/faults", get(list_faults).put(replace_faults))
        .route("/control/limits", get(list_limits).put(replace_limits))
        .route("/control/counts", get(list_counts))
        .route("/healthz", get(async || "ok"))
        .route("/control/{*rest}", post(unknown).get(unknown).put(unknown).delete(unknown))
        .with_state(simulator)
}

type Answer = Result<axum::Json<Value>, Refused>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    channel: Option<Channel>,
    state: Option<OrderState>,
    limit: Option<usize>,
    cursor: Option<u64>,
}

async fn list_orders(
    State(simulator): State<Arc<Simulator>>,
    query: Result<Query<Listing>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let Query(listing) = query.map_err(|error| Refused::malformed(error.body_text()))?;
    let mut orders = vec![];
    let mut forgotten = 0;
    let mut next_cursor = None;
    for gateway in simulator.gateways() {
        if listing.channel.is_some_and(|channel| channel != gateway.channel()) {
            continue;
        }
        let limit = listing.limit.unwrap_or(books::CAPACITY).max(1);
        let wanted =
            |order: &crate::provider::order::Order| listing.state.is_none_or(|state| state == order.state);
        let page = gateway.books().page(listing.cursor, limit, wanted);
        orders.extend(page.orders.iter().map(view::order));
        forgotten += page.forgotten;
        next_cursor = page.next;
    }
    Ok(axum::Json(json!({ "orders": orders, "next_cursor": next_cursor, "forgotten": forgotten })))
}

async fn show_order(State(simulator): State<Arc<Simulator>>, Path(channel_ref): Path<String>) -> Answer {
    match simulator.find(&channel_ref) {
        Some((_, order)) => Ok(axum::Json(view::order(&order))),
        None => Err(ActError::Unknown(channel_ref).into()),
    }
}

async fn act_on_order(
    State(simulator): State<Arc<Simulator>>,
    Path(channel_ref): Path<String>,
    body: Bytes,
) -> Answer {
    let act: Act = parse(&body)?;
    let order = simulator.act(&channel_ref, act).await?;
    Ok(axum::Json(view::order(&order)))
}

async fn list_faults(State(simulator): State<Arc<Simulator>>) -> Answer {
    Ok(axum::Json(json!(simulator.rules.faults.list())))
}

async fn replace_faults(State(simulator): State<Arc<Simulator>>, body: Bytes) -> Answer {
    let rules: Vec<Rule> = parse(&body)?;
    if let Some(rule) = rules.iter().find(|rule| !(0.0..=1.0).contains(&rule.rate)) {
        return Err(Refused::invalid(format!("rate {} is not between 0 and 1", rule.rate)));
    }
    simulator.rules.faults.replace(rules);
    list_faults(State(simulator)).await
}

async fn list_limits(State(simulator): State<Arc<Simulator>>) -> Answer {
    Ok(axum::Json(json!(simulator.rules.limits.list())))
}

async fn replace_limits(State(simulator): State<Arc<Simulator>>, body: Bytes) -> Answer {
    let limits: Vec<Limit> = parse(&body)?;
    simulator.rules.limits.replace(limits, clock::now_ms());
    list_limits(State(simulator)).await
}

async fn list_counts(State(simulator): State<Arc<Simulator>>) -> Answer {
    Ok(axum::Json(json!({ "counts": simulator.rules.counts.list() })))
}

async fn unknown() -> Refused {
    Refused::not_found("no such control call; see docs/sandbox.md".into())
}
