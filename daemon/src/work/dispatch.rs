//! The dispatcher: leases due tasks, no more of one lane than it can take, and hands them to workers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tracing::Instrument;

use super::carry_out;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::LeaseRequest;

/// The longest sleep: a missed wake-up costs no more.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// How many tasks one lease takes at most.
const BATCH: usize = 64;

pub(super) async fn run(d: Arc<Daemon>) {
    let slots = Arc::new(Semaphore::new(d.config.task.concurrency));
    let lanes = Arc::new(Lanes::default());
    loop {
        // Registered before the look at the database, so that no wake-up slips by between the two.
        let woken = d.store.signals().tasks.notified();
        let busy = lanes.full(&d);
        let free = slots.available_permits().min(BATCH);
        // A look by a reader first: the writer is not to be disturbed for nothing.
        let next = if free == 0 { LONGEST_SLEEP } else { until_next(&d, &busy).await };
        let leased = if next.is_zero() { lease(&d, free, lanes.room(&d)).await } else { Vec::new() };
        let any = !leased.is_empty();
        for task in leased {
            let Ok(slot) = slots.clone().acquire_owned().await else { return };
            lanes.enter(&task.lane);
            let (daemon, lanes) = (d.clone(), lanes.clone());
            let span = tracing::info_span!("task", kind = task.id.kind.name(), subject = task.id.subject);
            let work = async move {
                let lane = task.lane.clone();
                carry_out(&daemon, task).await;
                lanes.leave(&lane);
                drop(slot);
                daemon.store.signals().tasks.notify_one();
            };
            d.under_way.spawn(work.instrument(span));
        }
        if d.stopping.is_cancelled() {
            return;
        }
        if any {
            continue;
        }
        // Due, and yet not leased: somebody else was quicker, or the database is in trouble.
        let sleep = next.max(Duration::from_millis(5));
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(sleep) => {}
            () = d.stopping.cancelled() => return,
        }
    }
}

async fn lease(d: &Daemon, free: usize, room: String) -> Vec<crate::store::unit::LeasedTask> {
    let now = clock::now();
    let request = LeaseRequest {
        now,
        until: now + d.config.task.lease,
        owner: d.name.clone(),
        limit: i64::try_from(free).unwrap_or(1),
        per_lane: i64::try_from(d.config.callback.per_endpoint).unwrap_or(1),
        room,
    };
    match d.store.lease(request).await {
        Ok(leased) => leased,
        Err(error) => {
            tracing::error!(%error, "tasks can't be leased");
            Vec::new()
        }
    }
}

async fn until_next(d: &Daemon, busy: &str) -> Duration {
    let now = clock::now();
    match d.store.next_task_due(busy, now).await {
        Ok(Some(due)) => due.since(now).min(LONGEST_SLEEP),
        Ok(None) | Err(_) => LONGEST_SLEEP,
    }
}

/// How many tasks of a lane may be under way at once.
fn limit(d: &Daemon, lane: &str) -> usize {
    match d.channels.get(lane) {
        Some(channel) => channel.config.concurrency,
        None => d.config.callback.per_endpoint,
    }
}

/// How many tasks are under way in each lane.
#[derive(Default)]
struct Lanes(Mutex<HashMap<String, usize>>);

impl Lanes {
    fn enter(&self, lane: &str) {
        *self.locked().entry(lane.to_owned()).or_default() += 1;
    }

    fn leave(&self, lane: &str) {
        let mut lanes = self.locked();
        if let Some(count) = lanes.get_mut(lane) {
            *count -= 1;
            if *count == 0 {
                lanes.remove(lane);
            }
        }
    }

    /// Lanes that take no more, as a JSON array.
    fn full(&self, d: &Daemon) -> String {
        let lanes = self.locked();
        let full: Vec<_> =
            lanes.iter().filter(|(lane, n)| **n >= limit(d, lane)).map(|(lane, _)| lane).collect();
        serde_json::json!(full).to_string()
    }

    /// How many more the lanes in use take, as a JSON object.
    fn room(&self, d: &Daemon) -> String {
        let lanes = self.locked();
        let room: HashMap<_, _> =
            lanes.iter().map(|(lane, n)| (lane, limit(d, lane).saturating_sub(*n))).collect();
        serde_json::json!(room).to_string()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
