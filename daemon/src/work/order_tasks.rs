//! Tasks about orders at channels: submit, requery, close.

use std::sync::Arc;

use sluice_core::id::OrderId;
use sluice_core::observation::Presence;
use sluice_core::order::Recharge;
use sluice_core::order::recharge::{Source, State};

use super::drop_task;
use crate::channel::{Channel, Urgency};
use crate::daemon::Daemon;
use crate::order::settle::{observed, submitted};
use crate::order::{self, Extra, OrderError};
use crate::store::unit::LeasedTask;

/// Sends a creation again that was left unanswered. The channel is asked first: it may have it, or even be paid.
pub(super) async fn submit(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some((order, channel)) = load(d, task).await? else { return drop_task(d, task).await };
    let Some(attempt) = order.attempt().cloned() else { return drop_task(d, task).await };
    if order.state != State::Created || !order.suspense_keys.is_empty() {
        return drop_task(d, task).await;
    }
    let asked = channel.query(&d.vault, &order, &attempt, Urgency::Automatic).await;
    if !matches!(asked.what.presence, Presence::NotFound | Presence::Unknown) {
        // It answers for itself. What the payer is shown is lost, and the order waits for payment or expiry.
        let after = observed(d, order.id, attempt.no, asked, Source::Requery, lease(task)).await?;
        return if after.is_some_and(|o| o.state != State::Created) {
            drop_task(d, task).await
        } else {
            Ok(())
        };
    }
    let learned = channel.submit(&d.vault, &order, &attempt, None, false, Urgency::Automatic).await;
    submitted(d, order.id, attempt.no, learned, lease(task)).await?;
    Ok(())
}

/// Asks the channel by schedule; the decision plans the next time.
pub(super) async fn requery(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some((order, channel)) = load(d, task).await? else { return drop_task(d, task).await };
    let Some(attempt) = order.attempt().cloned() else { return drop_task(d, task).await };
    if !order.state.is_open() || !order.suspense_keys.is_empty() {
        return drop_task(d, task).await;
    }
    let learned = channel.query(&d.vault, &order, &attempt, Urgency::Automatic).await;
    observed(d, order.id, attempt.no, learned, Source::Requery, lease(task)).await?;
    Ok(())
}

/// Closes an order whose time is over, or that the merchant wants closed.
pub(super) async fn close(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some((order, _)) = load(d, task).await? else { return drop_task(d, task).await };
    if matches!(order.state, State::Paid | State::Completed) || !order.suspense_keys.is_empty() {
        return drop_task(d, task).await;
    }
    let after = order::close::run(d, order.id, task.attempt, Urgency::Automatic, lease(task)).await?;
    // Closed for good and nothing planned: the last decision may have left the task as it was.
    if after.is_some_and(|o| !o.state.is_open()) {
        drop_task(d, task).await?;
    }
    Ok(())
}

async fn load(d: &Daemon, task: &LeasedTask) -> Result<Option<(Recharge, Arc<Channel>)>, OrderError> {
    let Ok(id) = task.id.subject.parse::<OrderId>() else { return Ok(None) };
    let Some(order) = d.store.recharge(id).await? else { return Ok(None) };
    let name = order.attempt().map(|a| a.channel.clone()).unwrap_or_default();
    let channel = d.channels.get(&name).cloned().ok_or(OrderError::ChannelGone(name))?;
    Ok(Some((order, channel)))
}

fn lease(task: &LeasedTask) -> Extra {
    Extra { lease: Some((task.id.clone(), task.fence)), ..Extra::default() }
}
