//! Creating a withdrawal: the funds are held, then the payout is sent.

use std::sync::Arc;

use sluice_core::breaker::Gate;
use sluice_core::id::OrderKind;
use sluice_core::order::withdraw::{self as core, Creation, NewWithdraw};
use sluice_core::order::{AnyOrder, Refusal};
use sluice_core::policy::Context;

use super::asking::{Asking, Looked};
use super::{Created, Name, store, unless_existing};
use crate::channel::disbursement::Disbursement;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::{OrderError, disburse};

/// Creates a withdrawal, or finds that it was created before.
pub(crate) async fn withdraw(
    d: &Arc<Daemon>,
    new: &NewWithdraw,
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
    new: &NewWithdraw,
    asking: &Asking,
) -> Result<Created, OrderError> {
    let name = Name {
        kind: OrderKind::Withdraw,
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
        payee: Some(&new.payee),
    };
    let admission = match asking.judge(d, &looked, ctx.now) {
        Ok(admission) => admission,
        Err(rule) => return unless_existing(d, &name, &asking.admission, Created::RefusedBy(rule)).await,
    };
    let tariff = d.store.tariff(&new.client_id, admission.check.order_type, &new.channel, ctx.now).await?;
    // Where the channel is known to be away nothing is sent: the task does it later, and until then the merchant can
    // cancel.
    let sending_now = !matches!(channel.gate(), Gate::Open(_));
    let with = Creation { id: name.new_id(ctx.now), admission: admission.clone(), tariff, sending_now };
    let (order, change) = match core::create(new.clone(), with, &ctx) {
        Ok(created) => created,
        Err(why @ Refusal::AmountBelowFee) => {
            return unless_existing(d, &name, &admission, Created::Declined(why)).await;
        }
        Err(other) => return Err(other.into()),
    };
    let order: AnyOrder = order.into();
    // Written by the protocol before anything is stored: what it can't write is refused, and nothing changes.
    if let Some(what) = order.attempt().and_then(|attempt| Disbursement::of(&order, attempt))
        && let Err(error) = channel.write(what).await
    {
        return unless_existing(d, &name, &admission, Created::Cannot(error)).await;
    }
    if let Some(created) = store(d, &name, &admission, change).await? {
        return Ok(created);
    }
    let order = if sending_now { disburse::first(d, order).await } else { order };
    Ok(Created::New(Box::new(order)))
}
