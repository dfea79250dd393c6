//! `/v1/recharges`: create, read, list, close, timeline, replay of a callback.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_channels::protocol::EncodeError;
use sluice_core::change::{Guard, Write};
use sluice_core::code::ApiCode;
use sluice_core::id::OrderId;
use sluice_core::json::parse_strict;
use sluice_core::order::Recharge;
use sluice_core::order::recharge::{self, Refusal, State};
use tracing::Instrument;

use super::answer::{Answer, Fault};
use super::fields::Fields;
use super::gate::Verified;
use super::query::Query;
use super::recharge_body;
use crate::channel::Urgency;
use crate::daemon::Daemon;
use crate::order::create::Created;
use crate::order::replay::Replayed;
use crate::order::{self, Decided, Extra, OrderError, decide};
use crate::store::read::orders::{Checked, OrderFilter};

/// How long a merchant waits for the channel's word on a close.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

const PAGE: u32 = 50;
const MAX_PAGE: u32 = 200;

pub(super) async fn create(d: &Arc<Daemon>, v: &Verified, body: &[u8]) -> Result<Answer, Fault> {
    let new = recharge_body::read(d, v, body)?;
    match order::create::create(d, new, v.admission()).await? {
        Created::New(order) => Ok(Answer::plain(201, json!(order.object()))),
        Created::Replayed(order) => {
            let mut object = order.object();
            object.replayed = Some(true);
            Ok(Answer::plain(200, json!(object)).header("sluice-replayed", "true"))
        }
        Created::Conflict => Err(Fault::of(ApiCode::OrderConflict)),
        Created::AmountBelowFee => Err(Fault::of(ApiCode::AmountBelowFee)),
        Created::ChannelUnknown => Err(Fault::of(ApiCode::ChannelUnknown)),
        Created::Cannot(EncodeError::CannotDo(what)) => {
            Err(Fault::because(ApiCode::ChannelCannot, format!("this channel cannot {what}")))
        }
        Created::Cannot(EncodeError::Field { field, reason }) => Err(Fault::field(field, reason)),
        Created::Refused(guard) => Err(refused(&guard)),
    }
}

pub(super) async fn get(d: &Daemon, v: &Verified, id: &str) -> Result<Answer, Fault> {
    let order = mine(d, v, id).await?;
    Ok(Answer::plain(200, json!(order.object())))
}

pub(super) async fn list(d: &Daemon, v: &Verified, query: &str) -> Result<Answer, Fault> {
    let (number, filter) = filter(v, query)?;
    let mut orders = match d.store.recharges_checked(&v.check, number.as_deref(), &filter).await? {
        Checked::Stale => return Err(Fault::stale()),
        Checked::Valid(orders) => orders,
    };
    let wanted = usize::try_from(filter.limit.saturating_sub(1)).unwrap_or(usize::MAX);
    let more = orders.len() > wanted;
    orders.truncate(wanted);
    let next = if more { orders.last().map(|o| o.id.to_string()) } else { None };
    let items: Vec<_> = orders.iter().map(Recharge::object).collect();
    Ok(Answer::plain(200, json!({"items": items, "next_cursor": next})))
}

pub(super) async fn close(d: &Arc<Daemon>, v: &Verified, id: &str, body: &[u8]) -> Result<Answer, Fault> {
    empty(body)?;
    let order = mine(d, v, id).await?;
    let admission = v.admission();
    let decided = decide(d, order.id, Extra::default(), |order, ctx| {
        let nonce = (admission.nonce.clone(), admission.nonce_until);
        recharge::request_close(order, &admission.check, nonce, &admission.request_id, ctx)
    });
    let order = match decided.await {
        Ok(Decided::Done { order, .. }) => *order,
        Ok(Decided::Refused(guard)) => return Err(refused(&guard)),
        Ok(Decided::NoSuchOrder | Decided::Repeated) => return Err(Fault::of(ApiCode::OrderNotFound)),
        Err(OrderError::Refused(Refusal::OrderPaid)) => return Err(Fault::of(ApiCode::OrderPaid)),
        Err(OrderError::Refused(why @ Refusal::MoneyInSuspense)) => {
            return Err(Fault::because(ApiCode::StateConflict, why.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    if !order.state.is_open() {
        return Ok(Answer::plain(200, json!(order.object())));
    }
    // Goes on to its end though the merchant may not wait for it.
    let (daemon, id) = (d.clone(), order.id);
    let closing = async move { order::close::run(&daemon, id, 0, Urgency::Person, Extra::default()).await };
    let closing = d.under_way.spawn(closing.in_current_span());
    let order = match tokio::time::timeout(CLOSE_WAIT, closing).await {
        Ok(Ok(Ok(Some(after)))) => after,
        Ok(Ok(Err(error))) => return Err(error.into()),
        _ => order,
    };
    match order.state {
        State::Paid | State::Completed => Err(Fault::of(ApiCode::OrderPaid)),
        State::Closed => Ok(Answer::plain(200, json!(order.object()))),
        _ => Ok(Answer::plain(202, json!(order.object()))),
    }
}

pub(super) async fn timeline(d: &Daemon, v: &Verified, id: &str) -> Result<Answer, Fault> {
    // Read first, checked last: what a former password asked for is not shown, though it was read.
    let events = match id.parse::<OrderId>() {
        Ok(id) => d.store.timeline(id).await?,
        Err(_) => Vec::new(),
    };
    mine(d, v, id).await?;
    // What merchants may see: their own acts and what came of them, without the channel's raw words.
    let items: Vec<_> = events
        .into_iter()
        .filter(|e| matches!(e.origin.as_str(), "api" | "order" | "callback"))
        .map(|e| json!({"at": e.at, "kind": e.kind, "summary": e.summary}))
        .collect();
    Ok(Answer::plain(200, json!({"items": items, "next_cursor": null})))
}

pub(super) async fn replay(
    d: &Daemon,
    v: &Verified,
    id: &str,
    callback_id: &str,
    body: &[u8],
) -> Result<Answer, Fault> {
    empty(body)?;
    let order = mine(d, v, id).await?;
    let callback = d.store.callback(callback_id).await?;
    let callback = callback
        .filter(|c| c.order_id == order.id)
        .ok_or_else(|| Fault::because(ApiCode::NotFound, "this order has no such callback"))?;
    let admission = v.admission();
    let (client_id, nonce) = (admission.check.client_id.clone(), admission.nonce);
    let guards = vec![
        Guard::Credentials(admission.check),
        Guard::NonceUnused { client_id: client_id.clone(), nonce: nonce.clone() },
    ];
    let writes = vec![Write::Nonce { client_id, nonce, until: admission.nonce_until }];
    match order::replay::replay(d, &callback, "merchant", guards, writes, None).await? {
        Replayed::Done { .. } | Replayed::Repeated => {
            let order = d.store.recharge(order.id).await?.unwrap_or(order);
            Ok(Answer::plain(202, json!(order.object())))
        }
        Replayed::Superseded => {
            Err(Fault::because(ApiCode::StateConflict, "a newer callback took this one's place"))
        }
        Replayed::Refused(guard) => Err(refused(&guard)),
    }
}

/// The app's own order, with the credentials checked by the statement that reads it.
async fn mine(d: &Daemon, v: &Verified, id: &str) -> Result<Recharge, Fault> {
    if id.parse::<OrderId>().is_err() {
        // The check still has to be made: an order that can't exist is no way around it.
        return match d.store.recharge_checked(&v.check, "").await? {
            Checked::Stale => Err(Fault::stale()),
            Checked::Valid(_) => Err(Fault::of(ApiCode::OrderNotFound)),
        };
    }
    match d.store.recharge_checked(&v.check, id).await? {
        Checked::Stale => Err(Fault::stale()),
        Checked::Valid(Some(order)) => Ok(order),
        Checked::Valid(None) => Err(Fault::of(ApiCode::OrderNotFound)),
    }
}

/// What a guard's refusal means to the caller.
pub(super) fn refused(guard: &Guard) -> Fault {
    match guard {
        Guard::NonceUnused { .. } => Fault::of(ApiCode::NonceReused),
        Guard::Credentials(_) | Guard::PasswordIsCurrent { .. } => Fault::stale(),
        Guard::OrderVersion { .. } | Guard::MerchantOrderNoFree { .. } | Guard::TaskFence { .. } => {
            Fault::internal("an unexpected guard refused")
        }
    }
}

fn empty(body: &[u8]) -> Result<(), Fault> {
    if body.is_empty() {
        return Ok(());
    }
    let value = parse_strict(body).map_err(|why| Fault::because(ApiCode::JsonInvalid, why))?;
    Fields::of(value)?.finish()
}

/// Reads a list's query. Asks for one more than the page, to know whether there is more.
fn filter(v: &Verified, query: &str) -> Result<(Option<String>, OrderFilter), Fault> {
    let mut query = Query::of(query);
    let number = query.take("merchant_order_no");
    if number.as_deref().is_some_and(|n| !recharge_body::is_merchant_order_no(n)) {
        return Err(Fault::field("merchant_order_no", "1 to 64 of A-Z a-z 0-9 _ -"));
    }
    let user_ref = query.take("user_ref");
    if user_ref.as_deref().is_some_and(|u| !recharge_body::is_user_ref(u)) {
        return Err(Fault::field("user_ref", "1 to 64 visible characters"));
    }
    let before = query.take("cursor");
    if before.as_deref().is_some_and(|c| c.parse::<OrderId>().is_err()) {
        return Err(Fault::field("cursor", "not one that we gave"));
    }
    let states = match query.take("state") {
        None => Vec::new(),
        Some(text) => {
            let state = text.parse().ok().filter(|n| State::from_number(*n).is_some());
            vec![state.ok_or_else(|| Fault::field("state", "not a state's number"))?]
        }
    };
    let filter = OrderFilter {
        client_id: v.check.client_id.clone(),
        states,
        user_ref: user_ref.unwrap_or_default(),
        from: query.time("from")?,
        to: query.time("to")?,
        before,
        limit: query.limit(PAGE, MAX_PAGE)? + 1,
        ..OrderFilter::default()
    };
    query.finish()?;
    Ok((number, filter))
}
