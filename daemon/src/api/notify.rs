//! `POST /notify/{channel}`: providers' notifications. Answered as taken only once they are stored.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use sluice_channels::protocol::IncomingNotification;
use sluice_core::code::ApiCode;
use sluice_core::order::{AnyOrder, Source};

use super::Parts;
use super::answer::{Answer, Fault};
use super::body::Body;
use crate::channel::exchange::{Raw, seal};
use crate::channel::operation::Learned;
use crate::channel::{Channel, Urgency};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::settle::observed;
use crate::order::{Extra, OrderError};
use crate::wallet::{WalletError, off_thread};

pub(super) async fn take(d: &Arc<Daemon>, channel: &str, parts: &Parts, body: Body) -> Result<Answer, Fault> {
    let channel = d.channels.get(channel).ok_or_else(|| Fault::of(ApiCode::NotFound))?;
    if parts.method != Method::POST {
        return Err(Fault::of(ApiCode::NotFound));
    }
    let body = body.map_err(Fault::of)?;
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let taken = match settle(d, channel, IncomingNotification { headers, body }).await {
        Ok(taken) => taken,
        Err(error) => {
            // Not taken: the provider repeats it, and it is processed again from the start.
            tracing::error!(channel = channel.name, %error, "a notification was not stored");
            false
        }
    };
    let answer = channel.protocol.acknowledge(taken);
    Ok(Answer::raw(answer.status, answer.body, Vec::new()))
}

async fn settle(
    d: &Arc<Daemon>,
    channel: &Arc<Channel>,
    incoming: IncomingNotification,
) -> Result<bool, OrderError> {
    let incoming = Arc::new(incoming);
    let (reader, bytes) = (channel.clone(), incoming.clone());
    let read = off_thread(move || reader.protocol.notification(&bytes)).await;
    let notification = match read {
        Some(Ok(notification)) => notification,
        Some(Err(error)) => {
            tracing::warn!(channel = channel.name, %error, "a notification is not believed");
            return Ok(false);
        }
        None => return Ok(false),
    };
    let found = d.store.order_by_channel_ref(&channel.name, &notification.channel_ref).await?;
    let Some(order) = found else {
        tracing::warn!(
            channel = channel.name,
            channel_ref = notification.channel_ref,
            "a notification for no order of ours"
        );
        return Ok(false);
    };
    let AnyOrder::Recharge(order) = order else { return Ok(false) };
    let attempt = order.attempts.iter().find(|a| a.channel_ref == notification.channel_ref);
    let Some(no) = attempt.map(|a| a.no) else { return Ok(false) };
    let evidence = seal(
        &d.vault,
        Raw {
            order_id: Some(order.id.to_string()),
            channel: &channel.name,
            op: "notify",
            at: clock::now(),
            latency: Duration::ZERO,
            http_status: None,
            request: incoming.body.clone(),
            response: channel.protocol.acknowledge(true).body,
            error: String::new(),
        },
    )
    .map_err(WalletError::from)?;
    let learned = Learned { what: notification.observation, evidence: Some(evidence) };
    let after = observed(d, order.id, no, learned, Source::Notification, Extra::default()).await?;
    channel.health.notified();
    if let Some(refund_ref) = notification.refund_ref {
        ask_refund(d, channel, refund_ref);
    }
    Ok(after.is_some())
}

/// A notification speaks of the payment; how a refund of it stands only the refund's own query says. It is asked at
/// once, and nobody waits for it: the schedule asks in any case.
fn ask_refund(d: &Arc<Daemon>, channel: &Arc<Channel>, refund_ref: String) {
    let (d, channel) = (d.clone(), channel.clone());
    d.clone().under_way.spawn(async move {
        let asked = async {
            let Some(order) = d.store.order_by_channel_ref(&channel.name, &refund_ref).await? else { return Ok(()) };
            let Some(attempt) = order.attempt().cloned() else { return Ok(()) };
            let learned = channel.query(&d.vault, &order, &attempt, Urgency::Automatic).await;
            observed(&d, order.id(), attempt.no, learned, Source::Query, Extra::default()).await?;
            Ok::<_, OrderError>(())
        };
        if let Err(error) = asked.await {
            tracing::warn!(channel = channel.name, %error, "a notified refund was not asked for; the schedule does");
        }
    });
}
