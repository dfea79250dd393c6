//! The real binary in a real terminal (tmux): what an operator types, what the screen shows, what the daemon is asked.
//! The daemon is a fake here, so that its answers are known to the letter; daemon/tests/console drives the real one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "common/fake.rs"]
#[expect(dead_code, reason = "the feed's test uses the rest")]
mod fake;
#[path = "common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;
#[path = "common/tmux.rs"]
#[expect(dead_code, reason = "the drive against the real daemon uses the rest")]
mod tmux;

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use fake::Fake;
use ratatui::backend::CrosstermBackend;
use sluice::tui::terminal::{Screen as _, restore_on_panic};
use tmux::Terminal;

/// A shell in which a bare `sluice` reaches the fake.
async fn open(fake: &Fake, size: (u16, u16)) -> Terminal {
    let variables = [
        ("SLUICE_ENDPOINT", fake.endpoint()),
        ("SLUICE_TOKEN_FILE", fake.token_file("admin").display().to_string()),
    ];
    Terminal::open(Path::new(env!("CARGO_BIN_EXE_sluice")).parent().unwrap(), &variables, size).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_round() {
    for size in [(80, 24), (200, 50)] {
        let fake = Fake::start().await;
        let mut terminal = open(&fake, size).await;
        terminal.start().await;

        terminal.press(&["3"]).await;
        terminal.until("A-20261124-0007").await;
        terminal.press(&["Enter"]).await;
        terminal.until("the channel gives no usable answer").await;
        terminal.press(&["r"]).await;
        terminal.until("paid").await;
        terminal.press(&["Escape"]).await;

        terminal.press(&["4", "j", "c"]).await;
        terminal.until("[ Replay ]").await;
        terminal.press(&["Tab"]).await;
        terminal.type_text("endpoint repaired").await;
        terminal.press(&["Tab"]).await;
        terminal.type_text("0031").await;
        terminal.press(&["Tab", "Enter"]).await;
        terminal.until("audit #417: bob callback.replay").await;

        terminal.press(&["6"]).await;
        terminal.until("app_xingchen").await;
        terminal.press(&["R", "Tab", "Right", "Right", "Tab"]).await;
        terminal.type_text("leaked").await;
        terminal.press(&["Tab", "Right", "Tab", "Tab"]).await;
        terminal.type_text("app_bookshop").await;
        terminal.press(&["Tab", "Enter"]).await;
        let screen = terminal.until("new-trade-password").await;
        assert!(screen.contains("The old one is accepted for 10m00s more."), "{screen}");
        terminal.press(&["Escape"]).await;
        terminal.until_gone("new-trade-password").await;

        terminal.tmux(&["send-keys", "q"]).await;
        terminal.until("ready>").await;
        terminal.assert_given_back().await;
        assert_eq!(
            fake.acts(),
            [
                "requery rch_01KBFZ0P5Q7WJQ0C0X3M9N0007",
                "replay cbk_01KBFZ0P5Q7WJQ0C0X3M9N0031 because \"endpoint repaired\"",
                "rotate app_bookshop trade grace 600000 tokens false because \"leaked\"",
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_looked_at_and_decided_on() {
    for size in [(80, 24), (200, 50)] {
        let fake = Fake::start().await;
        let mut terminal = open(&fake, size).await;
        terminal.start().await;

        terminal.press(&["8"]).await;
        terminal.until("984,175.07").await;
        terminal.press(&["p"]).await;
        terminal.until("journal 71209 of rch_01KBFZ0P5Q7WJQ0C0X3M9N0231").await;
        terminal.press(&["/"]).await;
        terminal.type_text("u_2071").await;
        terminal.press(&["Enter"]).await;
        terminal.until("2 ─").await;
        terminal.press(&["Enter"]).await;
        terminal.until("withdraw_hold").await;
        terminal.press(&["Enter"]).await;
        terminal.until("channel:alipay:clearing").await;
        terminal.press(&["Enter"]).await;
        terminal.until("resolve payout").await;
        terminal.press(&["d"]).await;
        terminal.until("[ Resolve ]").await;
        terminal.press(&["Tab", "Tab"]).await;
        terminal.type_text("transfer -350.00").await;
        terminal.press(&["Tab"]).await;
        terminal.type_text("INC-22").await;
        terminal.press(&["Tab"]).await;
        terminal.type_text("A-20261124-0003").await;
        terminal.press(&["Tab", "Enter"]).await;
        terminal.until("3 paid   audit #424").await;

        terminal.press(&["9", "g", "d"]).await;
        terminal.until("[ Decide ]").await;
        terminal.press(&["Tab", "Right", "Tab"]).await;
        terminal.type_text("INC-21").await;
        terminal.press(&["Tab"]).await;
        terminal.type_text("A-20261124-0012").await;
        terminal.press(&["Tab", "Enter"]).await;
        terminal.until("kept   audit #423").await;
        assert_eq!(
            fake.acts(),
            [
                "resolve wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003 as paid by \"transfer -350.00\" because \"INC-22\"",
                "decide keep on rch_01KBFZ0P5Q7WJQ0C0X3M9N0012 2026112422001400012 because \"INC-21\"",
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_text_opens_the_search_box() {
    let fake = Fake::start().await;
    let mut terminal = open(&fake, (80, 24)).await;
    terminal.start().await;
    terminal.press(&["3"]).await;
    terminal.paste("rcRq").await;
    terminal.until(" / rcRq").await;
    terminal.press(&["C-u"]).await;
    terminal.paste(" A-20261124-0019 ").await;
    terminal.press(&["Enter"]).await;
    terminal.until("Order rch_01KBFZ0P5Q7WJQ0C0X3M9N0019").await;
    assert_eq!(fake.acts(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_z_gives_the_terminal_back_and_fg_draws_it_anew() {
    let fake = Fake::start().await;
    let mut terminal = open(&fake, (80, 24)).await;
    terminal.start().await;
    terminal.press(&["5"]).await;
    terminal.tmux(&["send-keys", "C-z"]).await;
    terminal.until("Stopped").await;
    terminal.assert_given_back().await;
    terminal.shell("fg").await;
    terminal.until("alipay-store").await;
    terminal.reached();
    terminal.press(&["2"]).await;
    terminal.until("MERCHANT NO").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_and_give_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let fake = Fake::start().await;
        let mut terminal = open(&fake, (80, 24)).await;
        terminal.start().await;
        let pid = terminal.console_pid().await;
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        terminal.until("ready>").await;
        terminal.shell("echo code $?").await;
        terminal.until(&format!("code {code}")).await;
        terminal.assert_given_back().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_daemon_leaves_the_rows_and_the_keys() {
    let fake = Fake::start().await;
    let mut terminal = open(&fake, (80, 24)).await;
    terminal.start().await;
    terminal.press(&["3"]).await;
    terminal.until("A-20261124-0007").await;
    let before = fake.acts();
    fake.stop();
    fake.cut();
    terminal.until("no connection").await;
    terminal.press(&["j", "r"]).await;
    let screen = terminal.until("requery: no connection to the daemon").await;
    assert!(screen.contains("A-20261124-0007") && screen.contains("(r requery)"), "{screen}");
    assert_eq!(fake.acts(), before);
}

/// tmux keeps what it takes for itself as a buffer.
#[tokio::test(flavor = "multi_thread")]
async fn a_copied_password_reaches_the_clipboard_inside_tmux_and_the_one_around_it() {
    let fake = Fake::start().await;
    let mut terminal = open(&fake, (80, 24)).await;
    terminal.tmux(&["set", "-s", "set-clipboard", "on"]).await;
    // A tmux within the tmux, which takes nothing for itself and lets through what is wrapped.
    terminal.nest().await;
    terminal.shell("tmux set -s set-clipboard off; tmux set -g allow-passthrough on").await;
    terminal.start().await;
    terminal.press(&["6", "R", "Tab", "Tab"]).await;
    terminal.type_text("leaked").await;
    terminal.press(&["Tab", "Tab", "Tab"]).await;
    terminal.type_text("app_bookshop").await;
    terminal.press(&["Tab", "Enter"]).await;
    terminal.until("new-recharge-password").await;
    terminal.press(&["y"]).await;
    terminal.until("sent to the terminal").await;
    assert_eq!(terminal.tmux(&["show-buffer"]).await, "new-recharge-password");
}

/// This test is also the program in the pane: with the variable set it takes the terminal over and panics.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_gives_the_terminal_back_before_it_tells() {
    const INSIDE: &str = "SLUICE_TEST_PANICS";
    if std::env::var_os(INSIDE).is_some() {
        restore_on_panic();
        CrosstermBackend::new(std::io::stdout()).enter().unwrap();
        tokio::spawn(async { panic!("a task broke") }).await.unwrap();
    }
    let fake = Fake::start().await;
    let terminal = open(&fake, (80, 24)).await;
    let own = std::env::current_exe().unwrap();
    let name = "a_panic_gives_the_terminal_back_before_it_tells";
    terminal
        .shell(&format!("clear; RUST_BACKTRACE=0 {INSIDE}=1 {} --exact {name} --nocapture", own.display()))
        .await;
    terminal.until("a task broke").await;
    terminal.shell("echo code $?").await;
    terminal.until("code 101").await;
    terminal.assert_given_back().await;
}
