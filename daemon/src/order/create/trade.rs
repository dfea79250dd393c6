//! Creating a trade: no channel is needed, all of it is one transaction.

use sluice_core::id::OrderKind;
use sluice_core::order::trade::{self as core, Creation, NewTrade};
use sluice_core::order::{Admission, Refusal};
use sluice_core::policy::Context;

use super::{Created, Name, store, unless_existing};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::OrderError;

/// Creates a trade, or finds that it was created before.
pub(crate) async fn trade(d: &Daemon, new: NewTrade, admission: Admission) -> Result<Created, OrderError> {
    let name = Name {
        kind: OrderKind::Trade,
        client_id: &new.client_id,
        merchant_order_no: &new.merchant_order_no,
        content_digest: &new.content_digest,
    };
    let ctx = Context { now: clock::now(), random: clock::random(), policy: d.channels.policy("") };
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
