//! Closing: ask the channel, and if it has no payment, tell it to take none.

use sluice_core::change::TaskKind;
use sluice_core::id::OrderId;
use sluice_core::observation::Presence;
use sluice_core::order::{AnyOrder, Source, recharge};

use super::settle::observed;
use super::{AtChannel, Decided, Extra, OrderError, decide, locate};
use crate::channel::Urgency;
use crate::daemon::Daemon;
use crate::store::unit::Record;

/// Runs a close to where it gets: the order closed, or paid, or another try planned.
/// `None`: our lease is over, or there is no such order.
pub(crate) async fn run(
    d: &Daemon,
    id: OrderId,
    tries: u32,
    urgency: Urgency,
    extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    let Some(AtChannel { order, attempt, channel }) = locate(d, id).await? else { return Ok(None) };
    let asked = channel.query(&d.vault, &order, &attempt, urgency).await;
    let seen = asked.what.clone();
    let Some(order) = observed(d, id, attempt.no, asked, Source::Query, extra.clone()).await? else {
        return Ok(None);
    };
    let decided = match seen.presence {
        // Only what the channel says is unpaid or unknown to it may be closed.
        Presence::Unpaid | Presence::NotFound => {
            let told = channel.close(&d.vault, &order, &attempt, urgency).await;
            let (evidence_id, answer) = (told.evidence_id(), told.what);
            let mut extra = extra;
            extra.records.extend(told.evidence.map(Record::Evidence));
            decide(d, id, extra, |subject, ctx| {
                let order = subject.order.recharge()?;
                recharge::close_answered(order, attempt.no, &answer, evidence_id.clone(), tries, ctx)
            })
            .await?
        }
        Presence::Unknown => {
            decide(d, id, extra, |subject, ctx| {
                Ok(recharge::close_put_off(subject.order.recharge()?, &seen, tries, ctx))
            })
            .await?
        }
        _ => return finish(d, id, order, extra).await,
    };
    match decided {
        Decided::Done { order, .. } => Ok(Some(*order)),
        _ => Ok(None),
    }
}

/// The query settled it: the task, if the decision has not dropped it, has nothing left to do.
async fn finish(
    d: &Daemon,
    id: OrderId,
    order: AnyOrder,
    extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    use sluice_core::change::{Change, Guard, TaskChange, TaskId};
    let Some((task, fence)) = extra.lease else { return Ok(Some(order)) };
    let change = Change {
        guards: vec![Guard::TaskFence { task, fence }],
        tasks: vec![TaskChange::Drop(TaskId::order(TaskKind::Close, id))],
        ..Change::default()
    };
    d.store.commit(change).await?;
    Ok(Some(order))
}
