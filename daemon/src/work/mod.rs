//! Tasks: the dispatcher leases what is due, workers carry it out. The database is the truth; losing everything in
//! memory costs the length of a lease.

mod callback;
mod dispatch;
mod order_tasks;
mod retention;

use std::sync::Arc;

use sluice_core::change::{Change, Guard, TaskChange, TaskKind};

use crate::clock;
use crate::daemon::Daemon;
use crate::order::OrderError;
use crate::store::StoreError;
use crate::store::unit::{LeasedTask, Record, Unit};

/// Starts the dispatcher and the cleaner; they end when the daemon stops.
///
/// On SQLite one process works alone, so what a former one had leased is free at once; its late writes, if it still
/// lived, would fail at their fences.
pub(crate) async fn start(d: &Arc<Daemon>) -> Result<(), StoreError> {
    let unit = Unit { records: vec![Record::ReleaseLeases], ..Unit::default() };
    d.store.commit(unit).await?;
    d.under_way.spawn(dispatch::run(d.clone()));
    d.under_way.spawn(retention::run(d.clone()));
    Ok(())
}

/// Carries out one task. A failure of ours puts it back, later.
async fn carry_out(d: &Arc<Daemon>, task: LeasedTask) {
    let result = match task.id.kind {
        TaskKind::Submit => order_tasks::submit(d, &task).await,
        TaskKind::Requery => order_tasks::requery(d, &task).await,
        TaskKind::Close => order_tasks::close(d, &task).await,
        TaskKind::Watch => order_tasks::watch(d, &task).await,
        TaskKind::Callback => callback::deliver(d, &task).await,
    };
    if let Err(error) = result {
        tracing::error!(kind = task.id.kind.name(), subject = task.id.subject, %error, "a task failed; it goes back");
        put_back(d, task, error.to_string()).await;
    }
}

/// Plans a task again after a failure of ours, not of the other side.
async fn put_back(d: &Daemon, task: LeasedTask, why: String) {
    /// Doubled with every attempt, up to about five minutes.
    const PAUSE: std::time::Duration = std::time::Duration::from_secs(5);
    let pause = PAUSE * 2_u32.pow(task.attempt.min(6));
    let change = Change {
        guards: vec![Guard::TaskFence { task: task.id.clone(), fence: task.fence }],
        tasks: vec![TaskChange::Schedule {
            task: task.id.clone(),
            due_at: clock::now() + pause,
            attempt: task.attempt.saturating_add(1),
            last_error: Some(why),
        }],
        ..Change::default()
    };
    if let Err(error) = d.store.commit(change).await {
        tracing::error!(subject = task.id.subject, %error, "a task can't be put back; its lease will run out");
    }
}

/// Drops a task that has nothing left to do.
async fn drop_task(d: &Daemon, task: &LeasedTask) -> Result<(), OrderError> {
    let change = Change {
        guards: vec![Guard::TaskFence { task: task.id.clone(), fence: task.fence }],
        tasks: vec![TaskChange::Drop(task.id.clone())],
        ..Change::default()
    };
    d.store.commit(change).await?;
    Ok(())
}
