//! `/v1/recharges`: create, close.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_core::code::ApiCode;
use sluice_core::id::OrderKind;
use sluice_core::order::AnyOrder;
use sluice_core::order::recharge::{self, State};
use tracing::Instrument;

use super::answer::{Answer, Fault};
use super::gate::Verified;
use super::orders::{self, Place};
use super::recharge_body;
use crate::channel::Urgency;
use crate::daemon::Daemon;
use crate::order::{self, Extra, decide};

/// How long a merchant waits for the channel's word on a close.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

pub(super) async fn create(d: &Arc<Daemon>, v: &Verified, body: &[u8]) -> Result<Answer, Fault> {
    let new = recharge_body::read(d, v, body)?;
    orders::created(order::create::recharge(d, &new, v.asking()).await?)
}

pub(super) async fn close(d: &Arc<Daemon>, v: &Verified, id: &str, body: &[u8]) -> Result<Answer, Fault> {
    orders::empty(body)?;
    let order = orders::mine(d, v, Place::of(OrderKind::Recharge, id)).await?;
    let admission = v.admission();
    let closing = decide(d, order.id(), Extra::default(), |subject, ctx| {
        recharge::request_close(subject.order.recharge()?, &admission, ctx)
    });
    let order = orders::decided(closing.await)?;
    if !order.is_open() {
        return Ok(Answer::plain(200, json!(order.object())));
    }
    // Goes on to its end though the merchant may not wait for it.
    let (daemon, id) = (d.clone(), order.id());
    let closing = async move { order::close::run(&daemon, id, 0, Urgency::Person, Extra::default()).await };
    let closing = d.under_way.spawn(closing.in_current_span());
    let order = match tokio::time::timeout(CLOSE_WAIT, closing).await {
        Ok(Ok(Ok(Some(after)))) => after,
        Ok(Ok(Err(error))) => return Err(error.into()),
        _ => order,
    };
    match &order {
        AnyOrder::Recharge(paid) if matches!(paid.state, State::Paid | State::Completed) => {
            Err(Fault::of(ApiCode::OrderPaid))
        }
        order if !order.is_open() => Ok(Answer::plain(200, json!(order.object()))),
        order => Ok(Answer::plain(202, json!(order.object()))),
    }
}
