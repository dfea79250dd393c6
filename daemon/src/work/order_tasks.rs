//! Tasks about orders: send, ask, close, watch.

use std::sync::Arc;

use sluice_core::id::OrderId;
use sluice_core::observation::Presence;
use sluice_core::order::{AnyOrder, Recharge, Source, State as _, recharge, trade};

use super::drop_task;
use crate::channel::Urgency;
use crate::daemon::Daemon;
use crate::order::settle::{observed, submitted};
use crate::order::{self, AtChannel, Extra, OrderError, decide, locate};
use crate::store::unit::{LeasedTask, Record};

/// Sends what was not sent, or left unanswered. The channel is asked first: it may have it, or even be done with it.
pub(super) async fn submit(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some(at) = load(d, task).await? else { return drop_task(d, task).await };
    match &at.order {
        AnyOrder::Recharge(order) => create_again(d, task, order, &at).await,
        AnyOrder::Withdraw(order) => disburse(d, task, &at, order.details.sending.tries > 0).await,
        AnyOrder::Refund(order) => disburse(d, task, &at, order.details.sending.tries > 0).await,
        AnyOrder::Trade(_) => drop_task(d, task).await,
    }
}

async fn create_again(
    d: &Arc<Daemon>,
    task: &LeasedTask,
    order: &Recharge,
    at: &AtChannel,
) -> Result<(), OrderError> {
    if order.state != recharge::State::Created || !order.suspense_keys.is_empty() {
        return drop_task(d, task).await;
    }
    let AtChannel { channel, attempt, .. } = at;
    let asked = channel.query(&d.vault, &at.order, attempt, Urgency::Automatic).await;
    if !matches!(asked.what.presence, Presence::NotFound | Presence::Unknown) {
        // It answers for itself. What the payer is shown is lost, and the order waits for payment or expiry.
        let after = observed(d, order.id, attempt.no, asked, Source::Requery, lease(task)).await?;
        return if after.is_some_and(|o| o.state_number() != recharge::State::Created.number()) {
            drop_task(d, task).await
        } else {
            Ok(())
        };
    }
    let learned = channel.submit(&d.vault, order, attempt, None, false, Urgency::Automatic).await;
    submitted(d, order.id, attempt.no, learned, lease(task)).await?;
    Ok(())
}

/// Sends money out. What may have been sent before is asked for; only where the channel knows nothing of it, the same
/// number is sent again.
async fn disburse(d: &Arc<Daemon>, task: &LeasedTask, at: &AtChannel, sent: bool) -> Result<(), OrderError> {
    if !at.order.is_open() {
        return drop_task(d, task).await;
    }
    let mut extra = lease(task);
    if sent {
        let asked = at.channel.query(&d.vault, &at.order, &at.attempt, Urgency::Automatic).await;
        if asked.what.presence != Presence::NotFound {
            observed(d, at.order.id(), at.attempt.no, asked, Source::Requery, lease(task)).await?;
            return Ok(());
        }
        // Why money is sent a second time must be there to read.
        extra.records.extend(asked.evidence.map(Record::Evidence));
    }
    match order::disburse::again(d, at.order.id(), Urgency::Automatic, extra).await? {
        Some(_) => Ok(()),
        // Refused and retired, or ended meanwhile: only asking is left, and that has its own task.
        None => drop_task(d, task).await,
    }
}

/// Asks the channel by schedule; the decision plans the next time.
pub(super) async fn requery(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some(at) = load(d, task).await? else { return drop_task(d, task).await };
    let suspended = matches!(at.order, AnyOrder::Recharge(_)) && !at.order.suspense_keys().is_empty();
    if !at.order.is_open() || suspended {
        return drop_task(d, task).await;
    }
    ask(d, task, &at).await
}

/// Asks now and then whether a paid payout came back from the bank; the decision plans the next look.
pub(super) async fn watch(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    match load(d, task).await? {
        Some(at) if !at.order.is_open() => ask(d, task, &at).await,
        _ => drop_task(d, task).await,
    }
}

async fn ask(d: &Arc<Daemon>, task: &LeasedTask, at: &AtChannel) -> Result<(), OrderError> {
    let learned = at.channel.query(&d.vault, &at.order, &at.attempt, Urgency::Automatic).await;
    observed(d, at.order.id(), at.attempt.no, learned, Source::Requery, lease(task)).await?;
    Ok(())
}

/// Closes a recharge whose time is over, or that the merchant wants closed; releases an expired hold.
pub(super) async fn close(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Ok(id) = task.id.subject.parse::<OrderId>() else { return drop_task(d, task).await };
    match d.store.order(id).await? {
        Some(AnyOrder::Recharge(order)) => close_recharge(d, task, &order).await,
        Some(AnyOrder::Trade(_)) => {
            decide(d, id, lease(task), |subject, ctx| trade::expire(subject.order.trade()?, ctx)).await?;
            Ok(())
        }
        _ => drop_task(d, task).await,
    }
}

async fn close_recharge(d: &Arc<Daemon>, task: &LeasedTask, order: &Recharge) -> Result<(), OrderError> {
    use recharge::State;
    if matches!(order.state, State::Paid | State::Completed) || !order.suspense_keys.is_empty() {
        return drop_task(d, task).await;
    }
    let after = order::close::run(d, order.id, task.attempt, Urgency::Automatic, lease(task)).await?;
    // Closed for good and nothing planned: the last decision may have left the task as it was.
    if after.is_some_and(|o| !o.is_open()) {
        drop_task(d, task).await?;
    }
    Ok(())
}

async fn load(d: &Daemon, task: &LeasedTask) -> Result<Option<AtChannel>, OrderError> {
    let Ok(id) = task.id.subject.parse::<OrderId>() else { return Ok(None) };
    locate(d, id).await
}

fn lease(task: &LeasedTask) -> Extra {
    Extra { lease: Some((task.id.clone(), task.fence)), ..Extra::default() }
}
