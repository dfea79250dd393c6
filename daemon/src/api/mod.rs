//! The merchant HTTP API and the endpoint of providers' notifications.
//!
//! Reading order: [`server`] (connections), this file (which path is whose), [`gate`] (what every signed request
//! passes, in its one order), [`answer`] (signed and unsigned answers), then one file per resource.

mod access_passwords;
mod accounts;
mod answer;
mod body;
mod client_address;
mod fields;
mod gate;
mod headers;
mod notify;
mod order_fields;
mod orders;
mod query;
mod recharge_body;
mod recharges;
mod refunds;
mod refusals;
mod server;
mod token;
mod trades;
mod withdrawals;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::{Method, Request};
use hyper::body::Incoming;
use serde_json::json;
use sluice_core::code::ApiCode;
use sluice_core::id::OrderKind;
use sluice_core::signing::{OrderType, check_target};
use tracing::Instrument;

pub(crate) use self::refusals::tell_refusals;
pub(crate) use self::server::bind;

use self::answer::{Answer, Fault, Response};
use self::body::Body;
use self::gate::Verified;
use self::orders::Place;
use crate::clock;
use crate::daemon::Daemon;
use crate::stats::Refusal;

/// A request in parts: what the gate and the handlers work on.
struct Parts {
    method: Method,
    /// Path and query as they came to us.
    target: String,
    headers: http::HeaderMap,
    /// Where it came from.
    source: IpAddr,
    /// As in logs, errors and the order's timeline.
    request_id: String,
}

impl Parts {
    fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Answers one request; never fails.
async fn handle(d: Arc<Daemon>, peer: IpAddr, request: Request<Incoming>) -> Response {
    let began = Instant::now();
    let (head, incoming) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |t| t.as_str()).to_owned();
    let source = client_address::of(peer, &head.headers, &d.config.server.trusted_proxies);
    let parts = Parts {
        method: head.method,
        target,
        headers: head.headers,
        source,
        request_id: clock::new_id("req"),
    };
    let body = body::read(incoming, d.config.server.request_timeout).await;
    let span = tracing::info_span!("request", id = parts.request_id);
    let answer = route(&d, &parts, body).instrument(span).await;
    let answer = answer.unwrap_or_else(|fault| fault.answer(&parts.request_id));
    let took = began.elapsed();
    let status = answer.status();
    let refused = answer.refused_code();
    if parts.path().starts_with("/v1/") {
        d.stats.answered(took, refused.is_some());
    }
    tracing::debug!(request_id = parts.request_id, method = %parts.method, path = parts.path(),
        status, code = refused.map(|c| c.row().name), ms = took.as_millis(), "answered");
    answer.into_response()
}

async fn route(d: &Arc<Daemon>, parts: &Parts, body: Body) -> Result<Answer, Fault> {
    let path = parts.path();
    match (&parts.method, path) {
        (&Method::GET, "/healthz") => return Ok(Answer::plain(200, json!({"status": "ok"}))),
        (&Method::GET, "/readyz") => return ready(d),
        (&Method::GET, "/v1/wallet-keys") => {
            return Ok(Answer::plain(200, d.wallet_keys.published(clock::now())));
        }
        (&Method::POST, "/v1/token") => {
            return token::issue(d, parts, body).await.map_err(|fault| slowed(d, parts, fault));
        }
        _ => {}
    }
    if let Some(channel) = path.strip_prefix("/notify/") {
        return notify::take(d, channel, parts, body).await;
    }
    let Some(order_type) = OrderType::of_path(path) else {
        if path.starts_with("/v1/") && check_target(&parts.target).is_err() {
            let known = gate::known_token(d, parts).await;
            let fault = known.err().unwrap_or_else(|| Fault::of(ApiCode::BadTarget));
            return Err(slowed(d, parts, fault));
        }
        return Err(Fault::of(ApiCode::NotFound));
    };
    if d.stopping.is_cancelled() {
        return Err(Fault::of(ApiCode::ShuttingDown));
    }
    let (verified, body) = match gate::verify(d, parts, order_type, body).await {
        Ok(passed) => passed,
        Err(fault) => {
            note(d, fault.client_id.clone(), order_type, &fault);
            return Err(slowed(d, parts, fault));
        }
    };
    let answer = match within_limits(d, &verified) {
        Ok(()) => signed_route(d, parts, &verified, &body).await,
        Err(fault) => Err(fault),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault) => {
            let by_gate = [ApiCode::RateLimited, ApiCode::UserForbidden, ApiCode::RiskRefused];
            if fault.is_stale() || by_gate.contains(&fault.code) {
                note(d, Some(verified.check.client_id.clone()), order_type, &fault);
            }
            if fault.is_stale() {
                return Err(fault);
            }
            fault.answer(&parts.request_id)
        }
    };
    answer.sign(d, &verified).await
}

/// Counts a refusal, for operators.
fn note(d: &Daemon, client_id: Option<String>, order_type: OrderType, fault: &Fault) {
    d.refusals.note(Refusal { client_id, code: fault.code, order_type, rule: fault.rule });
}

/// How fast an app and a network may ask. Looked at before the nonce: the very same request may be sent again later.
fn within_limits(d: &Daemon, verified: &Verified) -> Result<(), Fault> {
    let passed = d.limits.verified(&verified.check.client_id, verified.rules.rules.rate, verified.source);
    passed.map_err(Fault::rate_limited)
}

/// An unsigned refusal; where too many of them went to the caller's network, told to wait instead. What verifies never
/// comes here, so that nobody can keep others of a network out.
fn slowed(d: &Daemon, parts: &Parts, fault: Fault) -> Fault {
    if fault.code == ApiCode::RateLimited || fault.code.row().status >= 500 {
        return fault;
    }
    d.limits.refused(parts.source).map_or_else(Fault::rate_limited, |()| fault)
}

/// Paths behind the gate. From here on every answer is signed, errors too.
async fn signed_route(
    d: &Arc<Daemon>,
    parts: &Parts,
    verified: &Verified,
    body: &[u8],
) -> Result<Answer, Fault> {
    let segments: Vec<&str> = parts.path().trim_start_matches("/v1/").split('/').collect();
    let (get, post, put) =
        (parts.method == Method::GET, parts.method == Method::POST, parts.method == Method::PUT);
    if !get {
        gate::fresh_nonce(d, verified).await?;
    }
    match segments.as_slice() {
        ["recharges"] if post => recharges::create(d, verified, body).await,
        ["recharges", id, "close"] if post => recharges::close(d, verified, id, body).await,
        ["withdrawals"] if post => withdrawals::create(d, verified, body).await,
        ["withdrawals", id, "cancel"] if post => withdrawals::cancel(d, verified, id, body).await,
        ["trades"] if post => trades::create(d, verified, body).await,
        ["trades", id, "capture"] if post => trades::capture(d, verified, id, body).await,
        ["trades", id, "void"] if post => trades::void(d, verified, id, body).await,
        [folder @ ("recharges" | "trades"), id, "refunds"] => {
            let original = Place::of(kind(folder), id);
            match () {
                () if post => refunds::create(d, verified, original, body).await,
                () if get => refunds::list(d, verified, original, parts.query()).await,
                () => Err(Fault::of(ApiCode::NotFound)),
            }
        }
        [folder @ ("recharges" | "trades"), original, "refunds", id, rest @ ..] => {
            of_order(d, parts, verified, Place::refund(kind(folder), original, id), rest, body).await
        }
        [folder @ ("recharges" | "withdrawals" | "trades")] if get => {
            orders::list(d, verified, kind(folder), None, parts.query()).await
        }
        [folder @ ("recharges" | "withdrawals" | "trades"), id, rest @ ..] => {
            of_order(d, parts, verified, Place::of(kind(folder), id), rest, body).await
        }
        ["balances"] if get => accounts::balances(d, verified, parts.query()).await,
        ["statements"] if get => accounts::statements(d, verified, parts.query()).await,
        ["access-passwords", _] if put => access_passwords::put(d, verified, body).await,
        _ => Err(Fault::of(ApiCode::NotFound)),
    }
}

/// What every order has under its path.
async fn of_order(
    d: &Daemon,
    parts: &Parts,
    verified: &Verified,
    place: Place<'_>,
    rest: &[&str],
    body: &[u8],
) -> Result<Answer, Fault> {
    match rest {
        [] if parts.method == Method::GET => orders::get(d, verified, place).await,
        ["timeline"] if parts.method == Method::GET => orders::timeline(d, verified, place).await,
        ["callbacks", callback, "replay"] if parts.method == Method::POST => {
            orders::replay(d, verified, place, callback, body).await
        }
        _ => Err(Fault::of(ApiCode::NotFound)),
    }
}

/// The kind of orders that a folder of the API holds.
fn kind(folder: &str) -> OrderKind {
    match folder {
        "withdrawals" => OrderKind::Withdraw,
        "trades" => OrderKind::Trade,
        _ => OrderKind::Recharge,
    }
}

fn ready(d: &Daemon) -> Result<Answer, Fault> {
    if d.stopping.is_cancelled() {
        return Err(Fault::of(ApiCode::ShuttingDown));
    }
    Ok(Answer::plain(200, json!({"status": "ready"})))
}
