//! Creating a refund: the original's row guards the sum, also against many at once.

use std::sync::Arc;

use sluice_channels::protocol::EncodeError;
use sluice_core::change::Guard;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::refund::{self as core, Creation, NewRefund, Source};
use sluice_core::order::{Admission, AnyOrder, Refund, Refusal};
use sluice_core::policy::Context;

use super::{Created, Name, store, unless_existing};
use crate::channel::disbursement::Disbursement;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::decide::{TRIES, step_back};
use crate::order::{OrderError, disburse};

/// What is refunded, and whose money it may take.
pub(crate) struct Original {
    pub(crate) id: OrderId,
    pub(crate) client_id: String,
    /// Where the user's money does not suffice, the app's is taken.
    pub(crate) app_helps: bool,
}

/// Creates a refund, or finds that it was created before.
pub(crate) async fn refund(
    d: &Arc<Daemon>,
    original: Original,
    new: NewRefund,
    admission: Admission,
) -> Result<Created, OrderError> {
    let name = Name {
        kind: OrderKind::Refund,
        client_id: &original.client_id,
        merchant_order_no: &new.merchant_order_no,
        content_digest: &new.content_digest,
    };
    let mut source = Source::User;
    for round in 0..TRIES {
        let paid = d.store.order(original.id).await?.ok_or(OrderError::Contended)?;
        let policy = d.channels.policy(paid.attempt().map_or("", |a| a.channel.as_str()));
        let ctx = Context { now: clock::now(), random: clock::random(), policy };
        let with =
            Creation { id: name.new_id(ctx.now), admission: admission.clone(), source: source.clone() };
        let made = match &paid {
            AnyOrder::Recharge(paid) => core::of_recharge(new.clone(), with, paid, &ctx),
            AnyOrder::Trade(paid) => core::of_trade(new.clone(), with, paid, &ctx),
            _ => Err(Refusal::AnotherKind),
        };
        let (order, change) = match made {
            Ok(made) => made,
            Err(why) => return unless_existing(d, &name, &admission, Created::Declined(why)).await,
        };
        match unwritable(d, &order).await {
            Ok(None) => {}
            Ok(Some(error)) => return unless_existing(d, &name, &admission, Created::Cannot(error)).await,
            Err(OrderError::ChannelGone(_)) => {
                return unless_existing(d, &name, &admission, Created::ChannelUnknown).await;
            }
            Err(error) => return Err(error),
        }
        match store(d, &name, &admission, change).await? {
            // Another refund of the same order was quicker: its sum is read anew.
            Some(Created::Refused(Guard::OrderVersion { .. })) => step_back(round).await,
            Some(Created::Refused(Guard::BalanceAtLeast { .. }))
                if original.app_helps && source == Source::User && matches!(paid, AnyOrder::Recharge(_)) =>
            {
                source = Source::App;
            }
            Some(created) => return Ok(created),
            None => {
                let now = order.details.sending.tries > 0;
                let order: AnyOrder = order.into();
                let order = if now { disburse::first(d, order).await } else { order };
                return Ok(Created::New(Box::new(order)));
            }
        }
    }
    Err(OrderError::Contended)
}

/// Written by the protocol before anything is stored: what it can't write is refused, and nothing changes.
pub(in crate::order) async fn unwritable(
    d: &Daemon,
    order: &Refund,
) -> Result<Option<EncodeError>, OrderError> {
    let order: AnyOrder = order.clone().into();
    let Some(attempt) = order.attempt() else { return Ok(None) };
    let Some(what) = Disbursement::of(&order, attempt) else { return Ok(None) };
    let channel = d.channels.get(&attempt.channel);
    let channel = channel.ok_or_else(|| OrderError::ChannelGone(attempt.channel.clone()))?;
    Ok(channel.write(what).await.err())
}
