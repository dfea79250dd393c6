//! The console in a real terminal, over the real daemon with a provider and a merchant behind it: what an operator
//! sees and does when a payment is in limbo, a callback is stuck, a password has leaked, the daemon dies.
//!
//! [`desk`] sets it up; every other module is one thing that an operator does, played at two sizes of terminal.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../../../console/tests/common/tmux.rs"]
#[expect(dead_code, reason = "the console's own tests use the rest")]
mod tmux;

mod callback;
mod crash;
mod desk;
mod keys;
mod limbo;
mod rotation;

use std::time::Instant;

use desk::Desk;
use support::measured;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_day_at_80x24() {
    day((80, 24)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_day_at_200x50() {
    day((200, 50)).await;
}

/// The acts on one desk, every key on another meanwhile.
async fn day(size: (u16, u16)) {
    let acts = async {
        let mut desk = Desk::open(size).await;
        let mut watch = Watch::start(size);
        limbo::is_found_and_requeried(&mut desk).await;
        watch.lap("limbo");
        callback::is_stuck_and_replayed(&mut desk).await;
        watch.lap("callback");
        rotation::cuts_a_leaked_password_off(&mut desk).await;
        watch.lap("rotation");
        crash::is_survived(&mut desk).await;
        watch.lap("crash");
        desk.close().await;
        watch.tell();
    };
    let keys = async {
        let mut desk = Desk::open(size).await;
        let mut watch = Watch::start(size);
        keys::do_what_help_says(&mut desk).await;
        watch.lap("every key");
        desk.close().await;
        watch.tell();
    };
    tokio::join!(acts, keys);
}

/// How long each part took.
struct Watch {
    said: String,
    began: Instant,
}

impl Watch {
    fn start((columns, rows): (u16, u16)) -> Self {
        Self { said: format!("{columns}x{rows}:"), began: Instant::now() }
    }

    fn lap(&mut self, part: &str) {
        self.said += &format!(" {part} {:.1} s", self.began.elapsed().as_secs_f32());
        self.began = Instant::now();
    }

    fn tell(self) {
        measured(self.said);
    }
}
