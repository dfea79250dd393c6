//! The control API: what tests and merchant developers do to the providers. `docs/sandbox.md` documents it.

mod act;
mod books;
mod client;
pub(crate) mod reply;
mod view;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::clock;
use crate::provider::fault::Rule;
use crate::provider::limit::Limit;
use crate::simulator::Simulator;
pub use act::{Act, ActError, Action, Done, PaymentContent};
pub use client::{Control, ControlError};
use reply::{Refused, parse};

/// The control API's routes.
pub(crate) fn router(simulator: Arc<Simulator>) -> Router {
    Router::new()
        .route("/control/orders", get(books::list))
        .route("/control/orders/{channel_ref}", get(books::show).post(act_on_order))
        .route("/control/accounts", put(books::set_account).get(books::list_accounts))
        .route("/control/faults", get(list_faults).put(replace_faults))
        .route("/control/limits", get(list_limits).put(replace_limits))
        .route("/control/counts", get(list_counts))
        .route("/healthz", get(async || "ok"))
        .route("/control/{*rest}", post(unknown).get(unknown).put(unknown).delete(unknown))
        .with_state(simulator)
}

type Answer = Result<axum::Json<Value>, Refused>;

async fn act_on_order(
    State(simulator): State<Arc<Simulator>>,
    Path(channel_ref): Path<String>,
    body: Bytes,
) -> Answer {
    let act: Act = parse(&body)?;
    Ok(axum::Json(match simulator.act(&channel_ref, act).await? {
        Done::Booked(record) => view::record(&record),
        Done::Noted { kind, outcome, after_ms } => json!({
            "kind": kind, "channel_ref": channel_ref, "state": null, "result": outcome, "after_ms": after_ms,
        }),
    }))
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
