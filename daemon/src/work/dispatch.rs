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
        let free = slots.available_permits().min(BATCH);
        // A look by a reader first: the writer is not to be disturbed for nothing.
        let plan = if free == 0 { Plan::default() } else { look(&d, &lanes, free).await };
        let leased = if plan.lanes.is_empty() { Vec::new() } else { lease(&d, plan.lanes).await };
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
        let sleep = plan.sleep.max(Duration::from_millis(5));
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(sleep) => {}
            () = d.stopping.cancelled() => return,
        }
    }
}

/// What is to be leased now, and else how long there is nothing to do.
struct Plan {
    lanes: Vec<(String, usize)>,
    sleep: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self { lanes: Vec::new(), sleep: LONGEST_SLEEP }
    }
}

/// Shares `free` places among the lanes that have something due: lanes with first attempts before those with retries
/// only, then by how long they have waited.
async fn look(d: &Daemon, lanes: &Lanes, mut free: usize) -> Plan {
    let now = clock::now();
    let mut open = match d.store.lanes_due(now).await {
        Ok(due) => due,
        Err(error) => {
            tracing::error!(%error, "due tasks can't be read");
            return Plan::default();
        }
    };
    open.retain(|lane| lanes.room(d, &lane.lane) > 0);
    open.sort_by_key(|lane| (lane.fresh.is_none_or(|due| due > now), lane.first()));
    let mut plan = Plan::default();
    for lane in open {
        let Some(due) = lane.first() else { continue };
        let room = lanes.room(d, &lane.lane).min(free);
        if due <= now && room > 0 {
            free -= room;
            plan.lanes.push((lane.lane, room));
        }
        plan.sleep = plan.sleep.min(due.since(now));
    }
    plan
}

async fn lease(d: &Daemon, lanes: Vec<(String, usize)>) -> Vec<crate::store::unit::LeasedTask> {
    let now = clock::now();
    let request = LeaseRequest { now, until: now + d.config.task.lease, owner: d.name.clone(), lanes };
    match d.store.lease(request).await {
        Ok(leased) => leased,
        Err(error) => {
            tracing::error!(%error, "tasks can't be leased");
            Vec::new()
        }
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

    /// How many more tasks a lane takes.
    fn room(&self, d: &Daemon, lane: &str) -> usize {
        let limit = match d.channels.get(lane) {
            Some(channel) => channel.config.concurrency,
            None => d.config.callback.per_endpoint,
        };
        limit.saturating_sub(self.locked().get(lane).copied().unwrap_or_default())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
