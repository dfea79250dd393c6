//! Creating a trade: no channel is needed, all of it is one transaction.

use sluice_core::id::OrderKind;
use sluice_core::order::Refusal;
use sluice_core::order::trade::{self as core, Creation, NewTrade};
use sluice_core::policy::Context;

use super::asking::{Asking, Looked};
use super::{Created, Name, store, unless_existing};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::OrderError;

/// Creates a trade, or finds that it was created before.
pub(crate) async fn trade(d: &Daemon, new: &NewTrade, mut asking: Asking) -> Result<Created, OrderError> {
    loop {
        let created = judge_and_create(d, new, &asking).await?;
        if let Some(created) = asking.unless_outdated(d, created).await? {
            return Ok(created);
        }
    }
}

async fn judge_and_create(d: &Daemon, new: &NewTrade, asking: &Asking) -> Result<Created, OrderError> {
    let name = Name {
        kind: OrderKind::Trade,
        client_id: &new.client_id,
        merchant_order_no: &new.merchant_order_no,
        content_digest: &new.content_digest,
    };
    let ctx = Context { now: clock::now(), random: clock::random(), policy: d.channels.policy("") };
    let looked = Looked {
        user_ref: &new.from_user_ref,
        recipient: new.to_user_ref.as_deref(),
        amount: new.amount,
        notify_url: new.notify_url.as_deref(),
        payee: None,
    };
    let admission = match asking.judge(d, &looked, ctx.now) {
        Ok(admission) => admission,
        Err(rule) => return unless_existing(d, &name, &asking.admission, Created::RefusedBy(rule)).await,
    };
    let tariff = d.store.tariff(&new.client_id, admission.check.order_type, "", ctx.now).await?;
    let with = Creation { id: name.new_id(ctx.now), admission: admission.clone(), tariff };
    let (order, change) = match core::create(new.clone(), with, &ctx) {
        Ok(created) => created,
        Err(why @ Refusal::AmountBelowFee) => {
            return unless_existing(d, &name, &admission, Created::Declined(why)).await;
        }
        Err(other) => return Err(other.into()),
    };
    Ok(match store(d, &name, &admission, change).await? {
        Some(created) => created,
        None => Created::New(Box::new(order.into())),
    })
}
