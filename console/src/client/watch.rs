//! The live feed: one task that connects, watches, and after every failure waits and resumes from its last cursor,
//! for ever. It hands frames on through a channel, so nobody who reads keys ever waits for the network.

use std::time::Duration;

use sluice_proto::v1 as pb;
use sluice_proto::v1::watch_reply::Frame;
use tokio::sync::mpsc::Sender;
use tonic::{Code, Status};

use super::{Client, DEADLINE, answer, backoff};
use crate::exit::{Exit, Failure};

/// Without a frame for so long the link counts as lost: in quiet times a heartbeat comes every second.
const SILENCE: Duration = Duration::from_secs(6);

/// What the feed says.
#[derive(Clone, Debug, PartialEq)]
pub enum Feed {
    /// The daemon answered; the watch begins.
    Up(pb::HelloReply),
    /// The whole state follows, up to `Ready`: forget the rest.
    Full,
    /// One order of the whole state.
    Order(Box<pb::OrderView>),
    /// The whole state is complete, or the feed resumed where it was.
    Ready {
        /// The daemon's clock, milliseconds.
        now_ms: i64,
    },
    /// Something happened.
    Event(Box<pb::Event>),
    /// Nothing happened.
    Heartbeat {
        /// The daemon's clock, milliseconds.
        now_ms: i64,
    },
    /// The link is gone; the next try comes by itself.
    Lost {
        /// What happened.
        why: String,
        /// How many tries failed in a row.
        attempt: u32,
        /// How long until the next.
        retry_in: Duration,
    },
}

/// Feeds `out` until its receiver is gone.
pub async fn follow(client: Client, snapshot_orders: u32, out: Sender<Feed>) {
    let mut cursor = String::new();
    let mut attempt = 0;
    while !out.is_closed() {
        let failure = match watch_once(&client, snapshot_orders, &mut cursor, &mut attempt, &out).await {
            Ok(()) => return,
            Err(failure) => failure,
        };
        attempt += 1;
        let retry_in = backoff::wait(attempt, fastrand::f64());
        let lost = Feed::Lost { why: failure.what, attempt, retry_in };
        if out.send(lost).await.is_err() {
            return;
        }
        tokio::select! {
            () = out.closed() => return,
            () = tokio::time::sleep(retry_in) => {}
        }
    }
}

/// One connection's life. `Ok` means that nobody listens any more.
async fn watch_once(
    client: &Client,
    snapshot_orders: u32,
    cursor: &mut String,
    attempt: &mut u32,
    out: &Sender<Feed>,
) -> Result<(), Failure> {
    let mut ops = client.ops();
    let hello = answer(ops.hello(pb::HelloRequest {}), DEADLINE).await?;
    let request = pb::WatchRequest { cursor: cursor.clone(), snapshot_orders };
    let mut frames = match answer(ops.watch(request), DEADLINE).await {
        Ok(frames) => frames,
        Err(failure) => {
            // A cursor that the daemon cannot resume from is no reason to fail again with it.
            if failure.exit == Exit::Usage || failure.exit == Exit::Refused {
                cursor.clear();
            }
            return Err(failure);
        }
    };
    if out.send(Feed::Up(hello)).await.is_err() {
        return Ok(());
    }
    loop {
        let frame = tokio::select! {
            () = out.closed() => return Ok(()),
            frame = tokio::time::timeout(SILENCE, frames.message()) => frame,
        };
        let frame = match frame {
            Err(_) => return Err(Status::unavailable("the feed has been silent for too long").into()),
            Ok(Ok(None)) => return Err(Status::unavailable("the daemon ended the feed").into()),
            Ok(Err(status)) => {
                if matches!(
                    status.code(),
                    Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition
                ) {
                    cursor.clear();
                }
                return Err(status.into());
            }
            Ok(Ok(Some(reply))) => reply.frame,
        };
        // The cursor moves only with what was handed on, so a resume misses nothing.
        let (feed, next) = match frame {
            None => continue,
            Some(Frame::Begin(begin)) if begin.full => (Feed::Full, None),
            Some(Frame::Begin(_)) => continue,
            Some(Frame::Order(order)) => (Feed::Order(Box::new(order)), None),
            Some(Frame::Ready(ready)) => {
                *attempt = 0;
                (Feed::Ready { now_ms: ready.now_ms }, Some(ready.cursor))
            }
            Some(Frame::Event(event)) => {
                let next = event.cursor.clone();
                (Feed::Event(Box::new(event)), Some(next))
            }
            Some(Frame::Heartbeat(beat)) => (Feed::Heartbeat { now_ms: beat.now_ms }, Some(beat.cursor)),
        };
        if out.send(feed).await.is_err() {
            return Ok(());
        }
        if let Some(next) = next.filter(|c| !c.is_empty()) {
            *cursor = next;
        }
    }
}
