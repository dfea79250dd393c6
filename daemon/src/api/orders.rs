//! What is done alike with orders of every kind: answers to creations, read, list, timeline, replay of a callback.

use serde_json::json;
use sluice_channels::protocol::EncodeError;
use sluice_core::change::{Guard, Write};
use sluice_core::code::ApiCode;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::{AnyOrder, Refusal};
use sluice_core::risk;

use super::answer::{Answer, Fault};
use super::fields::Fields;
use super::gate::Verified;
use super::order_fields;
use super::query::Query;
use crate::daemon::Daemon;
use crate::order::create::Created;
use crate::order::replay::Replayed;
use crate::order::{self, Decided, OrderError};
use crate::store::read::orders::{Checked, OrderFilter};

const PAGE: u32 = 50;
const MAX_PAGE: u32 = 200;

/// Where an order lives: what its path says it is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) kind: OrderKind,
    pub(super) id: &'a str,
    /// Refunds live under the order that they refund.
    pub(super) under: Option<(OrderKind, &'a str)>,
}

impl<'a> Place<'a> {
    pub(super) const fn of(kind: OrderKind, id: &'a str) -> Self {
        Self { kind, id, under: None }
    }

    pub(super) const fn refund(kind: OrderKind, original: &'a str, id: &'a str) -> Self {
        Self { kind: OrderKind::Refund, id, under: Some((kind, original)) }
    }
}

/// The answer to a creation.
pub(super) fn created(created: Created) -> Result<Answer, Fault> {
    match created {
        Created::New(order) => Ok(Answer::plain(201, json!(order.object()))),
        Created::Replayed(order) => {
            let mut object = order.object();
            object.replayed = Some(true);
            Ok(Answer::plain(200, json!(object)).header("sluice-replayed", "true"))
        }
        Created::Conflict => Err(Fault::of(ApiCode::OrderConflict)),
        Created::ChannelUnknown => Err(Fault::of(ApiCode::ChannelUnknown)),
        Created::Cannot(EncodeError::CannotDo(what)) => {
            Err(Fault::because(ApiCode::ChannelCannot, format!("this channel cannot {what}")))
        }
        Created::Cannot(EncodeError::Field { field, reason }) => Err(Fault::field(field, reason)),
        Created::Declined(why) => Err(declined(&why)),
        Created::RefusedBy(rule) => Err(Fault::rule(rule)),
        Created::Refused(guard) => Err(refused(&guard)),
    }
}

/// The order as a decision leaves it, or why there was none.
pub(super) fn decided(decided: Result<Decided, OrderError>) -> Result<AnyOrder, Fault> {
    match decided {
        Ok(Decided::Done { order, .. }) => Ok(*order),
        Ok(Decided::Refused(guard)) => Err(refused(&guard)),
        Ok(Decided::NoSuchOrder | Decided::Repeated) => Err(Fault::of(ApiCode::OrderNotFound)),
        Err(OrderError::Refused(why)) => Err(declined(&why)),
        Err(error) => Err(error.into()),
    }
}

/// What the core's refusal means to the caller.
fn declined(why: &Refusal) -> Fault {
    let code = match why {
        Refusal::AmountBelowFee => ApiCode::AmountBelowFee,
        Refusal::OrderPaid => ApiCode::OrderPaid,
        Refusal::RefundExceeds => ApiCode::RefundExceeds,
        Refusal::CaptureExceeds => return Fault::field("amount.minor", why),
        Refusal::MoneyInSuspense
        | Refusal::MayBeSent
        | Refusal::WrongState(_)
        | Refusal::NothingToResolve
        | Refusal::NotInSuspense => ApiCode::StateConflict,
        Refusal::AnotherKind | Refusal::NoTransition(_) => {
            tracing::error!(%why, "the core refused what the API had checked");
            return Fault::internal("the core refused a step");
        }
    };
    Fault::because(code, why.to_string())
}

/// What a guard's refusal means to the caller.
pub(super) fn refused(guard: &Guard) -> Fault {
    match guard {
        Guard::NonceUnused { .. } => Fault::of(ApiCode::NonceReused),
        Guard::Credentials(_) | Guard::PasswordIsCurrent { .. } => Fault::stale(),
        Guard::BalanceAtLeast { .. } => Fault::of(ApiCode::BalanceInsufficient),
        Guard::Risk(condition) => match condition.refusal() {
            risk::Refusal::Rule(rule) => Fault::rule(rule),
            risk::Refusal::UserForbidden => Fault::of(ApiCode::UserForbidden),
            risk::Refusal::Outdated => Fault::internal("the risk rules changed at every try"),
        },
        Guard::OrderVersion { .. }
        | Guard::MerchantOrderNoFree { .. }
        | Guard::SuspenseIs { .. }
        | Guard::TaskFence { .. } => Fault::internal("an unexpected guard refused"),
    }
}

pub(super) async fn get(d: &Daemon, v: &Verified, place: Place<'_>) -> Result<Answer, Fault> {
    let order = mine(d, v, place).await?;
    Ok(Answer::plain(200, json!(order.object())))
}

/// A page of the app's orders of a kind; of refunds, those of one order.
pub(super) async fn list(
    d: &Daemon,
    v: &Verified,
    kind: OrderKind,
    original: Option<OrderId>,
    query: &str,
) -> Result<Answer, Fault> {
    let (number, mut filter) = filter(v, kind, query)?;
    filter.original = original;
    let mut orders = match d.store.orders_checked(&v.check, kind, number.as_deref(), &filter).await? {
        Checked::Stale => return Err(Fault::stale()),
        Checked::Valid(orders) => orders,
    };
    let wanted = usize::try_from(filter.limit.saturating_sub(1)).unwrap_or(usize::MAX);
    let more = orders.len() > wanted;
    orders.truncate(wanted);
    let next = if more { orders.last().map(|o| o.id().to_string()) } else { None };
    let items: Vec<_> = orders.iter().map(AnyOrder::object).collect();
    Ok(Answer::plain(200, json!({"items": items, "next_cursor": next})))
}

pub(super) async fn timeline(d: &Daemon, v: &Verified, place: Place<'_>) -> Result<Answer, Fault> {
    // Read first, checked last: what a former password asked for is not shown, though it was read.
    let events = match place.id.parse::<OrderId>() {
        Ok(id) => d.store.timeline(id).await?,
        Err(_) => Vec::new(),
    };
    mine(d, v, place).await?;
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
    place: Place<'_>,
    callback_id: &str,
    body: &[u8],
) -> Result<Answer, Fault> {
    empty(body)?;
    let order = mine(d, v, place).await?;
    let callback = d.store.callback(callback_id).await?;
    let callback = callback
        .filter(|c| c.order_id == order.id())
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
            let order = d.store.order(order.id()).await?.unwrap_or(order);
            Ok(Answer::plain(202, json!(order.object())))
        }
        Replayed::Superseded => {
            Err(Fault::because(ApiCode::StateConflict, "a newer callback took this one's place"))
        }
        Replayed::Refused(guard) => Err(refused(&guard)),
    }
}

/// The app's own order, with the credentials checked by the statement that reads it.
pub(super) async fn mine(d: &Daemon, v: &Verified, place: Place<'_>) -> Result<AnyOrder, Fault> {
    // The check is made in any case: an order that can't exist is no way around it.
    let id = if place.id.parse::<OrderId>().is_ok() { place.id } else { "" };
    let order = match d.store.order_checked(&v.check, place.kind, id).await? {
        Checked::Stale => return Err(Fault::stale()),
        Checked::Valid(order) => order,
    };
    let here = |order: &AnyOrder| match (order, place.under) {
        (AnyOrder::Refund(refund), Some((kind, id))) => {
            let original = refund.details.original;
            original.kind() == kind && original.to_string() == id
        }
        _ => true,
    };
    order.filter(here).ok_or_else(|| Fault::of(ApiCode::OrderNotFound))
}

pub(super) fn empty(body: &[u8]) -> Result<(), Fault> {
    if body.is_empty() {
        return Ok(());
    }
    Fields::parse(body)?.finish()
}

/// Reads a list's query. Asks for one more than the page, to know whether there is more.
fn filter(v: &Verified, kind: OrderKind, query: &str) -> Result<(Option<String>, OrderFilter), Fault> {
    let mut query = Query::of(query);
    let number = query.take("merchant_order_no");
    if number.as_deref().is_some_and(|n| !order_fields::is_merchant_order_no(n)) {
        return Err(Fault::field("merchant_order_no", "1 to 64 of A-Z a-z 0-9 _ -"));
    }
    let user_ref = query.take("user_ref");
    if user_ref.as_deref().is_some_and(|u| !order_fields::is_user_ref(u)) {
        return Err(Fault::field("user_ref", "1 to 64 visible characters"));
    }
    let before = match query.take("cursor").map(|c| c.parse::<OrderId>()) {
        None => None,
        Some(Ok(before)) => Some(before),
        Some(Err(_)) => return Err(Fault::field("cursor", "not one that we gave")),
    };
    let states = match query.take("state") {
        None => Vec::new(),
        Some(text) => {
            let state = text.parse().ok().filter(|n| is_state(kind, *n));
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

/// Whether merchants can see this number as a state of this kind.
fn is_state(kind: OrderKind, number: u8) -> bool {
    use sluice_core::order::{State as _, recharge, refund, trade, withdraw};
    let refunded = matches!(number, 61..=63);
    match kind {
        OrderKind::Recharge => refunded || recharge::State::from_number(number).is_some(),
        OrderKind::Trade => refunded || trade::State::from_number(number).is_some(),
        OrderKind::Withdraw => withdraw::State::from_number(number).is_some(),
        OrderKind::Refund => refund::State::from_number(number).is_some(),
    }
}
