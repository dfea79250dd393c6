//! The live feed through a real connection: the whole state first, a loss told, the same place found again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "common/fake.rs"]
#[expect(dead_code, reason = "the commands' test uses the rest")]
mod fake;
#[path = "common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;

use std::process::Stdio;
use std::time::Duration;

use sluice::client::watch::{Feed, follow};
use sluice::client::{Client, Target};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::mpsc::{Receiver, channel};

use fake::Fake;

fn connect(fake: &Fake) -> Receiver<Feed> {
    let target = Target {
        address: fake.endpoint().parse().unwrap(),
        token_file: Some(fake.token_file("admin")),
        ca_file: None,
    };
    let (sender, receiver) = channel(64);
    tokio::spawn(follow(Client::new(&target).unwrap(), 10, sender));
    receiver
}

/// The next frame that is no heartbeat.
async fn next(feed: &mut Receiver<Feed>) -> Feed {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(20), feed.recv()).await;
        match frame.expect("the feed is silent").unwrap() {
            Feed::Heartbeat { .. } => {}
            frame => return frame,
        }
    }
}

#[tokio::test]
async fn the_whole_state_then_events_then_a_loss_then_where_it_was() {
    let fake = Fake::start().await;
    let mut feed = connect(&fake);
    assert!(matches!(next(&mut feed).await, Feed::Up(hello) if hello.operator == "alice"));
    assert_eq!(next(&mut feed).await, Feed::Full);
    for _ in sample::limbo() {
        assert!(matches!(next(&mut feed).await, Feed::Order(view) if view.limbo));
    }
    assert!(matches!(next(&mut feed).await, Feed::Ready { .. }));
    let event = sample::events().remove(7);
    fake.happen(event.clone());
    assert_eq!(next(&mut feed).await, Feed::Event(Box::new(event)));
    fake.cut();
    assert!(matches!(next(&mut feed).await, Feed::Lost { attempt: 1, .. }));
    assert!(matches!(next(&mut feed).await, Feed::Up(_)));
    assert!(matches!(next(&mut feed).await, Feed::Ready { .. }), "it resumes without the whole state");
    assert_eq!(fake.cursors(), ["", "c7"]);
}

#[tokio::test]
async fn no_daemon_is_told_and_tried_again_with_longer_waits() {
    let fake = Fake::start().await;
    let target = Target {
        address: "unix:/nonexistent/ops.sock".parse().unwrap(),
        token_file: Some(fake.token_file("admin")),
        ca_file: None,
    };
    let (sender, mut feed) = channel(64);
    let task = tokio::spawn(follow(Client::new(&target).unwrap(), 10, sender));
    let mut waits = Vec::new();
    for expected in 1..=3 {
        let Feed::Lost { why, attempt, retry_in } = next(&mut feed).await else { panic!() };
        assert!(why.contains("No such file"), "{why}");
        assert_eq!(attempt, expected);
        waits.push(retry_in);
    }
    assert!(waits.is_sorted(), "{waits:?}");
    drop(feed);
    tokio::time::timeout(Duration::from_secs(20), task).await.expect("it ends when nobody listens").unwrap();
}

#[tokio::test]
async fn events_are_lines_and_survive_a_loss() {
    let fake = Fake::start().await;
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["events", "--count", "2", "--json"])
        .env("SLUICE_ENDPOINT", fake.endpoint())
        .env("SLUICE_TOKEN_FILE", fake.token_file("admin"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut remarks = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(remarks.next_line().await.unwrap().unwrap().starts_with("connected to sluiced as alice"));
    let [first, second] = [sample::events().remove(1), sample::events().remove(2)];
    // The remark comes with the connection; the watch stands when its cursor was taken down.
    fake.happen(first);
    let line: serde_json::Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    assert_eq!((&line["cursor"], &line["order"]["type"]), (&"c1".into(), &"trade".into()));
    fake.cut();
    assert!(remarks.next_line().await.unwrap().unwrap().contains("trying again"));
    assert!(remarks.next_line().await.unwrap().unwrap().starts_with("connected"));
    fake.happen(second);
    let line: serde_json::Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    assert_eq!(line["cursor"], "c2");
    assert!(child.wait().await.unwrap().success());
}
