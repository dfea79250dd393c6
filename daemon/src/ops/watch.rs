//! The live feed: first the whole state, or what changed since the watcher's cursor; then every event as it happens.
//!
//! A watcher has a buffer of its own and never slows anybody else: one that does not keep up is cut off, and resumes
//! from the last cursor that it read.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt, stream};
use sluice_core::id::OrderId;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;
use sluice_proto::v1::watch_reply::Frame;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::auth::{Caller, Role, still_authorized};
use super::cursor::FeedCursor;
use super::view;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::view::{limbo_bounds, views};
use crate::store::StoreError;
use crate::store::read::events::EventRow;
use crate::store::read::orders::OrderFilter;

/// Frames that wait for a watcher, and how long it may leave the buffer full.
const BUFFER: usize = 256;
const PATIENCE: Duration = Duration::from_secs(5);

/// A watcher that is further behind gets the whole state: that is less to send.
const MAX_BEHIND: i64 = 20_000;

/// Events and orders that are read at once.
const BATCH: u32 = 200;

/// After a wake-up: what else happens meanwhile goes into the same batch.
const COALESCE: Duration = Duration::from_millis(40);

/// In quiet times, how often a frame is sent; also how often the watcher's access is looked at again.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Orders of the whole state.
const SNAPSHOT: u32 = 500;
const MAX_SNAPSHOT: u32 = 5_000;

/// Watchers of one daemon at once.
const WATCHERS: usize = 64;

/// What a watcher reads.
pub(super) type Frames = Pin<Box<dyn Stream<Item = Result<pb::WatchReply, Status>> + Send>>;

/// Places for watchers.
pub(super) struct Watchers(Arc<Semaphore>);

impl Default for Watchers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(WATCHERS)))
    }
}

/// Begins a watch.
pub(super) fn start(
    d: &Arc<Daemon>,
    watchers: &Watchers,
    caller: Caller,
    ask: pb::WatchRequest,
) -> Result<Frames, Status> {
    let place = watchers.0.clone().try_acquire_owned();
    let place = place.map_err(|_| Status::resource_exhausted(format!("{WATCHERS} others watch already")))?;
    let (out, frames) = mpsc::channel(BUFFER);
    let (end, ended) = oneshot::channel();
    let watcher = Watcher {
        d: d.clone(),
        caller,
        out,
        cursor: FeedCursor { seq: 0, at: Timestamp(0) },
        limbo_seen: Vec::new(),
        sent_at: Instant::now(),
        checked_at: Instant::now(),
    };
    tokio::spawn(run(watcher, ask, end, place));
    // What was sent before the end is read first, then why it ended.
    let last =
        stream::once(async { Err(ended.await.unwrap_or_else(|_| Status::internal("the watch broke off"))) });
    Ok(Box::pin(ReceiverStream::new(frames).map(Ok).chain(last)))
}

async fn run(
    mut watcher: Watcher,
    ask: pb::WatchRequest,
    end: oneshot::Sender<Status>,
    _place: OwnedSemaphorePermit,
) {
    let stopping = watcher.d.stopping.clone();
    let why = tokio::select! {
        why = watcher.watch(ask) => why,
        () = stopping.cancelled() => End::Stopping,
    };
    let status = match why {
        // Nobody is there to read it.
        End::Gone => return,
        End::Slow => Status::resource_exhausted("this watcher did not keep up; resume with its last cursor"),
        End::Stopping => Status::unavailable("the daemon is stopping; resume with the last cursor"),
        End::Refused(status) => status,
    };
    let _ = end.send(status);
}

/// Why a watch ends.
enum End {
    Gone,
    Slow,
    Stopping,
    Refused(Status),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

struct Watcher {
    d: Arc<Daemon>,
    caller: Caller,
    out: mpsc::Sender<pb::WatchReply>,
    /// The last event that was sent.
    cursor: FeedCursor,
    /// By channel, up to when unknown orders were told to be in limbo.
    limbo_seen: Vec<(String, Timestamp)>,
    sent_at: Instant,
    checked_at: Instant,
}

impl Watcher {
    async fn watch(&mut self, ask: pb::WatchRequest) -> End {
        match self.go_on(ask).await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    async fn go_on(&mut self, ask: pb::WatchRequest) -> Result<std::convert::Infallible, End> {
        // Subscribed before the first look, so that no commit slips by between the two.
        let mut commits = self.d.store.signals().events.subscribe();
        self.begin(ask).await?;
        loop {
            commits.mark_unchanged();
            if self.checked_at.elapsed() >= HEARTBEAT {
                self.check_access().await?;
                self.tell_limbo().await?;
            }
            if self.send_batch().await? == BATCH {
                continue;
            }
            if self.sent_at.elapsed() >= HEARTBEAT {
                let (cursor, now_ms) = (self.cursor.encode(), clock::now().millis());
                self.send(Frame::Heartbeat(pb::Heartbeat { cursor, now_ms })).await?;
            }
            tokio::select! {
                changed = commits.changed() => match changed {
                    Ok(()) => tokio::time::sleep(COALESCE).await,
                    Err(_) => return Err(End::Stopping),
                },
                // Another process may have written (`sluiced` offline commands): looked for with each heartbeat.
                () = tokio::time::sleep(HEARTBEAT.saturating_sub(self.sent_at.elapsed())) => {}
                () = self.out.closed() => return Err(End::Gone),
            }
        }
    }

    /// The whole state, or a resumption: `begin`, perhaps orders, `ready`.
    async fn begin(&mut self, ask: pb::WatchRequest) -> Result<(), End> {
        let (newest, at) = self.d.store.newest_event().await?;
        let resumed = self.resumable(&ask.cursor, newest).await?;
        let now = clock::now();
        self.limbo_seen = limbo_bounds(&self.d, now);
        self.send(Frame::Begin(pb::WatchBegin { full: resumed.is_none() })).await?;
        match resumed {
            Some(cursor) => self.cursor = cursor,
            None => {
                // The place is noted first: what happens while the orders are read is sent again as events.
                self.cursor = FeedCursor { seq: newest, at };
                let wanted =
                    if ask.snapshot_orders == 0 { SNAPSHOT } else { ask.snapshot_orders.min(MAX_SNAPSHOT) };
                let oldest = self.send_orders(OrderFilter::default(), wanted).await?;
                // Limbo is shown whole, however old.
                let older = OrderFilter {
                    limbo: Some(self.limbo_seen.clone()),
                    before: oldest,
                    ..OrderFilter::default()
                };
                self.send_orders(older, u32::MAX).await?;
            }
        }
        let (cursor, now_ms) = (self.cursor.encode(), now.millis());
        self.send(Frame::Ready(pb::WatchReady { cursor, now_ms })).await
    }

    /// Where a cursor goes on; `None` where it can't.
    async fn resumable(&self, cursor: &str, newest: i64) -> Result<Option<FeedCursor>, End> {
        let Some(cursor) = FeedCursor::decode(cursor) else { return Ok(None) };
        let behind = newest.checked_sub(cursor.seq);
        if !behind.is_some_and(|n| (0..=MAX_BEHIND).contains(&n)) {
            return Ok(None);
        }
        let same = match cursor.seq {
            0 => true,
            seq => self.d.store.event_time(seq).await? == Some(cursor.at),
        };
        Ok(same.then_some(cursor))
    }

    /// Sends up to `wanted` orders, newest first; the last one's id.
    async fn send_orders(&mut self, mut filter: OrderFilter, wanted: u32) -> Result<Option<OrderId>, End> {
        let (mut left, mut last) = (wanted, None);
        while left > 0 {
            filter.limit = left.min(BATCH);
            let orders = self.d.store.list_orders(&filter).await?;
            let count = u32::try_from(orders.len()).unwrap_or(u32::MAX);
            if let Some(order) = orders.last() {
                last = Some(order.id());
                filter.before = Some(order.id());
            }
            for seen in views(&self.d, orders, clock::now()).await? {
                self.send(Frame::Order(view::order(seen))).await?;
            }
            if count < filter.limit {
                break;
            }
            left -= count;
        }
        Ok(last)
    }

    /// Sends the next events; how many there were.
    async fn send_batch(&mut self) -> Result<u32, End> {
        let events = self.d.store.events_after(self.cursor.seq, BATCH).await?;
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let mut orders = self.orders_of(&events).await?;
        let mut last_of_order = HashMap::new();
        for event in &events {
            if let Some(order_id) = &event.order_id {
                last_of_order.insert(order_id.clone(), event.seq);
            }
        }
        for event in events {
            self.cursor = FeedCursor { seq: event.seq, at: event.at };
            let order_id = event.order_id.clone().unwrap_or_default();
            let is_last = last_of_order.get(&order_id) == Some(&event.seq);
            let order = if is_last { orders.remove(&order_id) } else { None };
            let client_id = event.client_id.clone().unwrap_or_default();
            let (cursor, entry) = (self.cursor.encode(), Some(view::timeline_entry(event)));
            self.send(Frame::Event(pb::Event { cursor, entry, order_id, client_id, order })).await?;
        }
        Ok(count)
    }

    /// The orders of events as they stand, by their ids.
    async fn orders_of(&self, events: &[EventRow]) -> Result<HashMap<String, pb::OrderView>, End> {
        let ids: HashSet<OrderId> =
            events.iter().filter_map(|e| e.order_id.as_deref()?.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let orders = self.d.store.orders(&ids).await?;
        let seen = views(&self.d, orders, clock::now()).await?;
        Ok(seen.into_iter().map(|seen| (seen.order.id().to_string(), view::order(seen))).collect())
    }

    /// Falling into limbo is no event: time alone does it. The orders are sent as they are now.
    async fn tell_limbo(&mut self) -> Result<(), End> {
        let now = limbo_bounds(&self.d, clock::now());
        let orders = self.d.store.unknown_between(&self.limbo_seen, &now, MAX_SNAPSHOT).await?;
        self.limbo_seen = now;
        for seen in views(&self.d, orders, clock::now()).await? {
            self.send(Frame::Order(view::order(seen))).await?;
        }
        Ok(())
    }

    async fn check_access(&mut self) -> Result<(), End> {
        self.checked_at = Instant::now();
        still_authorized(&self.d, &self.caller, Role::Viewer).await.map_err(End::Refused)
    }

    async fn send(&mut self, frame: Frame) -> Result<(), End> {
        self.sent_at = Instant::now();
        match self.out.send_timeout(pb::WatchReply { frame: Some(frame) }, PATIENCE).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(End::Slow),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(End::Gone),
        }
    }
}
