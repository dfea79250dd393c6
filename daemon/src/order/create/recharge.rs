//! Creating a recharge.

use std::sync::Arc;

use sluice_channels::protocol::HttpRequest;
use sluice_core::id::OrderKind;
use sluice_core::order::recharge::{self as core, Creation, NewRecharge};
use sluice_core::order::{AnyOrder, Recharge, Refusal};
use sluice_core::policy::Context;
use tracing::Instrument;

use super::asking::{Asking, Looked};
use super::{Created, Name, store, unless_existing};
use crate::channel::Urgency;
use crate::channel::operation::Begun;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::settle::submitted;
use crate::order::{Extra, OrderError};

/// Creates a recharge, or finds that it was created before.
pub(crate) async fn recharge(
    d: &Arc<Daemon>,
    new: &NewRecharge,
    mut asking: Asking,
) -> Result<Created, OrderError> {
    loop {
        let created = judge_and_create(d, new, &asking).await?;
        if let Some(created) = asking.unless_outdated(d, created).await? {
            return Ok(created);
        }
    }
}

async fn judge_and_create(
    d: &Arc<Daemon>,
    new: &NewRecharge,
    asking: &Asking,
) -> Result<Created, OrderError> {
    let name = Name {
        kind: OrderKind::Recharge,
        client_id: &new.client_id,
        merchant_order_no: &new.merchant_order_no,
        content_digest: &new.content_digest,
    };
    let Some(channel) = d.channels.get(&new.channel).cloned() else { return Ok(Created::ChannelUnknown) };
    let ctx = Context { now: clock::now(), random: clock::random(), policy: &channel.policy };
    let looked = Looked {
        user_ref: &new.user_ref,
        recipient: None,
        amount: new.amount,
        notify_url: new.notify_url.as_deref(),
        payee: None,
    };
    let admission = match asking.judge(d, &looked, ctx.now) {
        Ok(admission) => admission,
        Err(rule) => return unless_existing(d, &name, &asking.admission, Created::RefusedBy(rule)).await,
    };
    let tariff = d.store.tariff(&new.client_id, admission.check.order_type, &new.channel, ctx.now).await?;
    let mut with = Creation { id: name.new_id(ctx.now), admission: admission.clone(), tariff, ready: None };
    // Written by the protocol before anything is stored: what it can't write is refused, and nothing changes.
    let draft = match core::create(new.clone(), with.clone(), &ctx) {
        Ok((order, _)) => order,
        Err(why @ Refusal::AmountBelowFee) => {
            return unless_existing(d, &name, &admission, Created::Declined(why)).await;
        }
        Err(other) => return Err(other.into()),
    };
    let Some(attempt) = draft.attempt() else { return Err(OrderError::ChannelGone(new.channel.clone())) };
    let to_send = match channel.begin(channel.create_order(&draft, attempt)).await {
        Ok(Begun::Ready(payment)) => {
            with.ready = Some(payment);
            None
        }
        Ok(Begun::ToSend(request)) => Some(request),
        Err(error) => return unless_existing(d, &name, &admission, Created::Cannot(error)).await,
    };
    let (order, change) = core::create(new.clone(), with, &ctx)?;
    if let Some(created) = store(d, &name, &admission, change).await? {
        return Ok(created);
    }
    let order = match to_send {
        Some(request) => first_sending(d, order, request).await,
        None => order.into(),
    };
    Ok(Created::New(Box::new(order)))
}

/// Sends for the first time. Goes on to its end even if the merchant hangs up; a crash leaves it to the task.
async fn first_sending(d: &Arc<Daemon>, order: Recharge, request: HttpRequest) -> AnyOrder {
    let (daemon, mine) = (d.clone(), order.clone());
    let sending = async move {
        let attempt = mine.attempt()?.clone();
        let channel = daemon.channels.get(&attempt.channel)?.clone();
        let learned =
            channel.submit(&daemon.vault, &mine, &attempt, Some(request), true, Urgency::Person).await;
        match submitted(&daemon, mine.id, attempt.no, learned, Extra::default()).await {
            Ok(after) => after,
            Err(error) => {
                tracing::warn!(order = %mine.id, %error, "the answer to a creation was not stored; a task goes on");
                None
            }
        }
    };
    d.under_way.spawn(sending.in_current_span()).await.ok().flatten().unwrap_or_else(|| order.into())
}
