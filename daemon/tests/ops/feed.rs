//! The live feed: the whole state, then every event, and after any break nothing missed.

use std::collections::BTreeSet;
use std::str::FromStr as _;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sluice_proto::v1 as pb;
use sluice_proto::v1::watch_reply::Frame;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tonic::{Code, Status, Streaming};

use crate::client::{Ops, admin, complete, id, place};
use crate::support::database::Database;
use crate::support::{SOON, stand, until};

/// What a watcher has read.
#[derive(Debug, Default)]
struct Seen {
    full: bool,
    orders: Vec<pb::OrderView>,
    events: Vec<pb::Event>,
    heartbeats: usize,
    cursor: String,
}

struct Watch {
    frames: Streaming<pb::WatchReply>,
    seen: Seen,
}

impl Watch {
    /// Begins, and reads up to `ready`.
    async fn begin(ops: &mut Ops, cursor: &str, snapshot_orders: u32) -> Self {
        let ask = pb::WatchRequest { cursor: cursor.to_owned(), snapshot_orders };
        let frames = ops.watch(ask).await.unwrap().into_inner();
        let mut watch = Self { frames, seen: Seen::default() };
        while watch.seen.cursor.is_empty() {
            watch.next().await.unwrap();
        }
        watch
    }

    async fn next(&mut self) -> Result<(), Status> {
        let frame = tokio::time::timeout(SOON, self.frames.message()).await.expect("the feed is silent")?;
        match frame.and_then(|f| f.frame).ok_or_else(|| Status::unknown("ended without a status"))? {
            Frame::Begin(begin) => self.seen.full = begin.full,
            Frame::Order(order) => self.seen.orders.push(order),
            Frame::Ready(ready) => self.seen.cursor = ready.cursor,
            Frame::Heartbeat(beat) => {
                assert_eq!(beat.cursor, self.seen.cursor, "a heartbeat does not move what was read");
                self.seen.heartbeats += 1;
            }
            Frame::Event(event) => {
                self.seen.cursor = event.cursor.clone();
                self.seen.events.push(event);
            }
        }
        Ok(())
    }

    /// Reads until there was nothing new for a heartbeat or two.
    async fn quiet(&mut self) {
        let until = self.seen.heartbeats + 2;
        while self.seen.heartbeats < until {
            self.next().await.unwrap();
        }
    }

    /// Reads until it ends.
    async fn end(&mut self) -> Status {
        loop {
            if let Err(status) = self.next().await {
                return status;
            }
        }
    }
}

fn seqs(events: &[pb::Event]) -> Vec<i64> {
    events.iter().map(|e| e.entry.as_ref().unwrap().seq).collect()
}

async fn stored_seqs(stand: &Stand, after: i64) -> Vec<i64> {
    let texts = Database::open(stand).await.texts("SELECT CAST(seq AS TEXT) FROM event ORDER BY seq").await;
    texts.iter().map(|t| t.parse().unwrap()).filter(|seq| *seq > after).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_the_whole_state_then_every_event_and_a_resumption_misses_nothing() {
    let stand = stand(&[]).await;
    let (merchant, mut ops) = (stand.merchant(0).await.unwrap(), admin(&stand).await);
    let mut before = Vec::new();
    for n in 0..3 {
        before.push(place(&merchant, &format!("W-{n}")).await.order_id);
    }

    let mut watch = Watch::begin(&mut ops, "", 0).await;
    assert!(watch.seen.full);
    let whole: BTreeSet<_> = watch.seen.orders.iter().map(id).map(str::to_owned).collect();
    assert_eq!(whole, before.iter().cloned().collect());
    let few = Watch::begin(&mut ops, "", 2).await;
    assert_eq!(few.seen.orders.iter().map(id).collect::<Vec<_>>(), [before[2].as_str(), before[1].as_str()]);
    let first = stored_seqs(&stand, 0).await.len() as i64;

    // One watcher all the time, another one that hangs up again and again while things happen.
    let traffic = async {
        for n in 0..12 {
            complete(&stand, &merchant, &format!("X-{n}")).await;
        }
    };
    let hops = async {
        let (mut ops, mut cursor, mut events) = (admin(&stand).await, watch.seen.cursor.clone(), Vec::new());
        for read in [1, 7, 2, 30, 3, 11] {
            let mut watch = Watch::begin(&mut ops, &cursor, 0).await;
            assert!(!watch.seen.full && watch.seen.orders.is_empty(), "a resumption");
            while watch.seen.events.len() < read {
                watch.next().await.unwrap();
            }
            cursor.clone_from(&watch.seen.cursor);
            events.append(&mut watch.seen.events);
        }
        let mut last = Watch::begin(&mut ops, &cursor, 0).await;
        (last.seen.full, last.quiet().await, events.append(&mut last.seen.events), events)
    };
    let ((), (full, (), (), hopped)) = tokio::join!(traffic, hops);
    watch.quiet().await;
    assert!(!full);
    let stored = stored_seqs(&stand, 0).await;
    let wanted: Vec<_> = stored[usize::try_from(first).unwrap()..].to_vec();
    assert!(wanted.len() > 12 * 6, "{}", wanted.len());
    assert_eq!(seqs(&watch.seen.events), wanted);
    let hopped = seqs(&hopped);
    assert_eq!(hopped, stored[stored.len() - hopped.len()..].to_vec(), "without a gap");
    assert!(hopped.len() >= wanted.len() - 1, "{} of {}", hopped.len(), wanted.len());

    // Whoever replaces an order at each event that carries one has it as it stands.
    let mut known = std::collections::BTreeMap::new();
    for event in &watch.seen.events {
        if let Some(order) = event.order.as_ref().and_then(|view| view.order.clone()) {
            known.insert(order.merchant_order_no.clone(), order);
        }
    }
    known.retain(|number, _| number.starts_with("X-"));
    assert_eq!(known.len(), 12);
    assert!(known.values().all(|o| o.state == 4), "{known:?}");

    for strange in ["garbage", "ZjE6MToy", ""] {
        assert!(Watch::begin(&mut ops, strange, 1).await.seen.full, "{strange}");
    }
    // A cursor of a database in which this number is another event.
    let foreign = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("f1:{}:12345", wanted[0]))
    };
    assert!(Watch::begin(&mut ops, &foreign, 1).await.seen.full);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn falling_into_limbo_is_told_though_nothing_happens() {
    // No second query within the test: time alone makes it limbo.
    let stand =
        stand(&[r#"channels.alipay.requery_schedule=["500ms","10m"]"#, "channels.alipay.limbo_after=4s"])
            .await;
    let (merchant, mut ops, control) =
        (stand.merchant(0).await.unwrap(), admin(&stand).await, stand.control());
    let mut watch = Watch::begin(&mut ops, "", 0).await;
    control.faults(json!([{"channel": "alipay", "op": "query", "fault": "timeout"}])).await.unwrap();
    let order = place(&merchant, "Z-1").await;
    control.pay(&order, Plan::Never).await.unwrap();
    while watch.seen.orders.is_empty() {
        watch.next().await.unwrap();
    }
    assert_eq!((id(&watch.seen.orders[0]), watch.seen.orders[0].limbo), (order.order_id.as_str(), true));
    assert!(watch.seen.events.iter().filter_map(|e| e.order.as_ref()).all(|o| !o.limbo));
    // However few orders a new watcher wants, limbo is whole.
    for n in 0..3 {
        place(&merchant, &format!("Z-2{n}")).await;
    }
    let few = Watch::begin(&mut ops, "", 1).await;
    assert!(few.seen.orders.iter().any(|o| id(o) == order.order_id && o.limbo));
    assert_eq!(few.seen.orders.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_that_does_not_read_is_cut_off_and_resumes() {
    let stand = stand(&[]).await;
    let mut ops = admin(&stand).await;
    let mut watch = Watch::begin(&mut ops, "", 0).await;
    watch.quiet().await;
    let after = stored_seqs(&stand, 0).await.len();

    // 12 MB at once, by hand: more than any buffer on the way holds.
    const EVENTS: usize = 6_000;
    let options = SqliteConnectOptions::from_str(&stand.file().store).unwrap();
    let mut db = SqliteConnection::connect_with(&options.busy_timeout(SOON)).await.unwrap();
    let flood = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) \
        INSERT INTO event (at, origin, kind, summary, detail) \
        SELECT 1795560000000 + i, 'gate', 'test.flood', printf('%2000d', i), '{}' FROM n";
    sqlx::query(flood).execute(&mut db).await.unwrap();
    // Others are not held up by it.
    let mut quick = Watch::begin(&mut ops.clone(), &watch.seen.cursor, 0).await;
    quick.quiet().await;
    assert_eq!(quick.seen.events.len(), EVENTS);
    tokio::time::sleep(Duration::from_secs(7)).await;

    let status = watch.end().await;
    assert_eq!(status.code(), Code::ResourceExhausted, "{}", status.message());
    let read = watch.seen.events.len();
    assert!(read < EVENTS, "it was cut off before the end");
    let mut resumed = Watch::begin(&mut ops, &watch.seen.cursor, 0).await;
    assert!(!resumed.seen.full);
    resumed.quiet().await;
    let all: Vec<_> = seqs(&watch.seen.events).into_iter().chain(seqs(&resumed.seen.events)).collect();
    assert_eq!(all, stored_seqs(&stand, 0).await[after..].to_vec());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_stops_ends_its_feeds_and_they_go_on_with_the_next() {
    let mut stand = stand(&[]).await;
    let (merchant, mut ops) = (stand.merchant(0).await.unwrap(), admin(&stand).await);
    complete(&stand, &merchant, "D-1").await;
    let mut watch = Watch::begin(&mut ops, "", 0).await;
    let pid = stand.file().daemons[0].pid;
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::TERM).unwrap();
    let status = watch.end().await;
    assert_eq!(status.code(), Code::Unavailable, "{}", status.message());
    until("the daemon is there again", SOON, async || {
        let now = stand.reload().unwrap().daemons[0].pid;
        let up = std::os::unix::net::UnixStream::connect(crate::client::socket(&stand)).is_ok();
        if now != pid && up { Ok(()) } else { Err(format!("pid {now}")) }
    })
    .await;
    merchant.login().await.unwrap();
    let order = complete(&stand, &merchant, "D-2").await;
    let mut ops = admin(&stand).await;
    let mut resumed = Watch::begin(&mut ops, &watch.seen.cursor, 0).await;
    assert!(!resumed.seen.full);
    resumed.quiet().await;
    assert!(resumed.seen.events.iter().any(|e| e.order_id == order.order_id));
    let all = [seqs(&watch.seen.events), seqs(&resumed.seen.events)].concat();
    let stored = stored_seqs(&stand, 0).await;
    assert_eq!(all, stored[stored.len() - all.len()..].to_vec());
}
