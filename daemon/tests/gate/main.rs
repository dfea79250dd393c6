//! The gate against malformed and hostile requests: each has its answer, and none changes anything.
//!
//! [`case`] says what a case is and sends it; the tables are in [`headers`], [`targets`], [`bodies`], [`money`],
//! [`paths`] and [`wire`].
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod case;
mod headers;
mod money;
mod paths;
mod targets;
mod wire;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use sluice_sim::stand::Stand;
use tokio::io::AsyncWriteExt as _;

use case::{Case, World};
use support::database::Database;
use support::{SOON, length, measured, raw, resident_kib, until};

/// Requests until caches are full and the allocator has what it keeps.
const WARM_UP: usize = 2_000;

/// By how much the daemon may grow after that, in KiB, however much more is sent: pages that SQLite keeps in memory.
const GROWTH: u64 = 24 * 1024;

/// Short, so that slow senders need not be waited for; and nothing is asked of the provider meanwhile, which would
/// change an order.
const SETTINGS: [&str; 2] = ["server.request_timeout=2s", r#"channels.alipay.requery_schedule=["10m"]"#];

fn table() -> Vec<Case> {
    let mut cases = headers::cases();
    cases.extend(targets::cases());
    cases.extend(bodies::cases());
    cases.extend(money::cases());
    cases.extend(paths::cases());
    cases.extend(wire::cases());
    cases
}

async fn stand() -> Stand {
    let [timeout, schedule] = SETTINGS;
    Stand::start(&support::programs(), &["--apps", "5", "--set", timeout, "--set", schedule]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hostile_request_has_its_answer_and_changes_nothing() {
    let world = World::new(stand().await).await;
    let db = Database::open(&world.stand).await;
    let table = table();
    let pid = world.stand.file().daemons[0].pid;
    let before = books(&db).await;

    let mut wrong = Vec::new();
    for case in &table {
        wrong.extend(case.send(&world).await.err().map(|why| format!("{}: {why}", case.name)));
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), table.len(), wrong.join("\n"));

    // The same again and again, from many sides at once.
    let repetitions = length(4_000, 100_000);
    flood(&world, &table, WARM_UP).await;
    let (began, memory) = (Instant::now(), resident_kib(pid));
    flood(&world, &table, repetitions).await;
    let (took, grown) = (began.elapsed(), resident_kib(pid).saturating_sub(memory));
    assert!(grown < GROWTH, "the daemon grew by {grown} KiB from {memory}");

    nothing_has_changed(&db, before).await;
    support::assert_no_panic(&world.stand);
    assert!(
        !support::log(&world.stand).contains(" ERROR "),
        "an input is no fault of ours:\n{}",
        support::log(&world.stand)
    );
    // It still serves.
    assert!(world.a.recharge(&world.order_a).await.is_ok());
    measured(format!(
        "{} hostile requests, each with its code; {repetitions} repetitions in {:.1} s; resident memory {} MiB, grown by \
         {grown} KiB; no row changed",
        table.len(),
        took.as_secs_f32(),
        memory / 1024,
    ));
}

/// Sends the table over and over.
async fn flood(world: &World, table: &[Case], requests: usize) {
    let cycle = table.iter().filter(|case| case.is_quick()).cycle().take(requests);
    let wrong: Vec<_> = futures_util::stream::iter(cycle)
        .map(|case| async { case.send(world).await.err().map(|why| format!("{}: {why}", case.name)) })
        .buffer_unordered(16)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(wrong.is_empty(), "under load: {}", wrong.join("\n"));
}

/// Senders that never come to an end keep nobody out, and are cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_senders_are_cut_off_and_keep_nobody_out() {
    const SENDERS: usize = 300;
    let world = World::new(stand().await).await;
    let api = world.stand.file().api.clone();
    let pid = world.stand.file().daemons[0].pid;
    let before = resident_kib(pid);
    let mut streams = Vec::new();
    for n in 0..SENDERS {
        let mut stream = raw::connect(&api).await;
        // Nothing; half a head; all but the end of a body.
        let whole = world.post().sign().unwrap().to_wire();
        let sent = [0, 100, whole.len() - 3][n % 3];
        stream.write_all(&whole[..sent]).await.unwrap();
        streams.push(stream);
    }
    let began = Instant::now();
    world.a.recharge(&world.order_a).await.unwrap();
    let served = began.elapsed();
    assert!(served < Duration::from_secs(1), "served only after {served:?}");
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for stream in &mut streams {
        let answer = raw::read_all(stream).await;
        let told = raw::status(&answer).map_or("closed".to_owned(), |status| status.to_string());
        *answers.entry(told).or_default() += 1;
    }
    let cut = began.elapsed();
    assert!(cut < Duration::from_secs(10), "cut off only after {cut:?}");
    // A body that does not come is told so, if anybody still listens; a head that does not come is just cut.
    assert_eq!(answers.get("408"), Some(&(SENDERS / 3)), "{answers:?}");
    support::assert_no_panic(&world.stand);
    measured(format!(
        "{SENDERS} slow senders: another was served in {} ms; all cut off within {:.1} s ({answers:?}); memory grew by {} KiB",
        served.as_millis(),
        cut.as_secs_f32(),
        resident_kib(pid).saturating_sub(before)
    ));
}

/// More than is ever read: the sender is cut off, and nothing of it is kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_body_is_cut_off() {
    let world = World::new(stand().await).await;
    let pid = world.stand.file().daemons[0].pid;
    let before = resident_kib(pid);
    let mut head = world.post().sign().unwrap().to_wire();
    let length = head.len();
    head.truncate(length - world.post().sign().unwrap().body.len());
    let head = String::from_utf8(head).unwrap();
    let (head, _) = head.split_once("Content-Length:").unwrap();
    let mut said = Vec::new();
    for framing in
        [format!("Content-Length: {}\r\n\r\n", 1_u64 << 40), "Transfer-Encoding: chunked\r\n\r\n".to_owned()]
    {
        let chunked = framing.starts_with('T');
        let mut stream = raw::connect(&world.stand.file().api).await;
        stream.write_all(format!("{head}{framing}").as_bytes()).await.unwrap();
        let block = vec![b' '; 64 * 1024];
        let mut sent = 0;
        // Until the other side has had enough; 64 MiB would be far too much.
        while sent < 64 * 1024 * 1024 {
            let size = if chunked { format!("{:x}\r\n", block.len()) } else { String::new() };
            let end: &[u8] = if chunked { b"\r\n" } else { b"" };
            let part = [size.as_bytes(), &block, end].concat();
            let written =
                tokio::time::timeout(SOON, stream.write_all(&part)).await.expect("it is read, or it ends");
            if written.is_err() {
                break;
            }
            sent += block.len();
        }
        assert!(sent < 16 * 1024 * 1024, "{sent} bytes were taken");
        said.push(sent / 1024);
    }
    let grown = resident_kib(pid).saturating_sub(before);
    assert!(grown < 8 * 1024, "grown by {grown} KiB");
    world.a.recharge(&world.order_a).await.unwrap();
    measured(format!(
        "endless bodies were cut off after {said:?} KiB, sockets' buffers included; grown by {grown} KiB"
    ));
}

/// What an attacker would want to change.
async fn books(db: &Database) -> (BTreeMap<String, i64>, i64) {
    let mut counts = db.row_counts().await;
    // Tokens are given out, and refusals are told, as events of the gate; the rest stands still.
    counts.retain(|table, _| table != "access_token" && table != "event");
    (counts, db.number("SELECT sum(row_version + state_version) FROM orders").await)
}

async fn nothing_has_changed(db: &Database, before: (BTreeMap<String, i64>, i64)) {
    let after = books(db).await;
    assert_eq!(after, before);
    let others =
        db.texts("SELECT DISTINCT kind FROM event WHERE kind LIKE 'gate.%' AND order_id IS NULL").await;
    assert_eq!(others, ["gate.refused"]);
    // Told once a second at most, with a count: a flood of refusals writes few rows.
    until("refusals are told", SOON, async || {
        let told = db.number("SELECT sum(detail ->> '$.count') FROM event WHERE kind = 'gate.refused'").await;
        if told > 100 { Ok(()) } else { Err(format!("{told} told")) }
    })
    .await;
}
