//! Sending a payout or a refund: noted first, then sent, then settled. A crash anywhere leaves it to the task, which
//! asks before it sends the same number again.

use std::sync::Arc;

use sluice_core::id::OrderId;
use sluice_core::order::{AnyOrder, Refusal, refund, withdraw};
use tracing::Instrument;

use super::settle::sent;
use super::{Decided, Extra, OrderError, decide, locate};
use crate::channel::Urgency;
use crate::channel::disbursement::Disbursement;
use crate::daemon::Daemon;

/// Sends what the creation has noted as being sent. Goes on to its end even if the merchant hangs up.
pub(crate) async fn first(d: &Arc<Daemon>, order: AnyOrder) -> AnyOrder {
    let (daemon, id) = (d.clone(), order.id());
    let sending = async move {
        match send(&daemon, id, Urgency::Person, Extra::default()).await {
            Ok(after) => after,
            Err(error) => {
                tracing::warn!(order = %id, %error, "the answer was not stored; a task goes on");
                None
            }
        }
    };
    d.under_way.spawn(sending.in_current_span()).await.ok().flatten().unwrap_or(order)
}

/// Notes that it is being sent, and sends it. `None`: it is not to be sent any more, or our lease is over.
pub(crate) async fn again(
    d: &Arc<Daemon>,
    id: OrderId,
    urgency: Urgency,
    extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    let noted = decide(d, id, extra.clone(), |subject, ctx| match &subject.order {
        AnyOrder::Withdraw(order) => withdraw::sending(order, ctx),
        AnyOrder::Refund(order) => refund::sending(order, ctx),
        _ => Err(Refusal::AnotherKind),
    });
    match noted.await {
        Ok(Decided::Done { .. }) => send(d, id, urgency, Extra { records: Vec::new(), ..extra }).await,
        Ok(_) | Err(OrderError::Refused(Refusal::WrongState(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn send(
    d: &Arc<Daemon>,
    id: OrderId,
    urgency: Urgency,
    extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    let Some(at) = locate(d, id).await? else { return Ok(None) };
    let Some(what) = Disbursement::of(&at.order, &at.attempt) else { return Ok(None) };
    let learned = at.channel.disburse(&d.vault, &at.order, what, urgency).await;
    sent(d, id, at.attempt.no, learned, extra).await
}
