//! The real binary in a real terminal (tmux): what an operator types, what the screen shows, what the daemon is asked.
//! It waits for the console's idle file and for text on the screen, and never sleeps for a time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "common/fake.rs"]
#[expect(dead_code, reason = "the feed's test uses the rest")]
mod fake;
#[path = "common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::Command;

use fake::Fake;

const LIMIT: Duration = Duration::from_secs(30);

/// A shell in a tmux of our own.
struct Terminal {
    dir: TempDir,
    keys: u64,
}

impl Terminal {
    /// Opens a shell of this size in which a bare `sluice` reaches the fake.
    async fn open(fake: &Fake, (columns, rows): (u16, u16)) -> Self {
        let terminal = Self { dir: tempfile::tempdir().unwrap(), keys: 0 };
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let bin = PathBuf::from(env!("CARGO_BIN_EXE_sluice"));
        let shell = format!(
            "env PATH={}:$PATH LANG=C.UTF-8 TZ=UTC PS1='ready> ' SLUICE_ENDPOINT={} SLUICE_TOKEN_FILE={} \
             SLUICE_IDLE_FILE={} bash --norc --noprofile -i",
            bin.parent().unwrap().display(),
            fake.endpoint(),
            fake.token_file("admin").display(),
            terminal.dir.path().join("idle").display(),
        );
        let open = ["-f", "/dev/null", "new-session", "-d", "-x", &columns, "-y", &rows, &shell];
        terminal.tmux(&open).await;
        terminal.until("ready>").await;
        terminal
    }

    async fn tmux(&self, args: &[&str]) -> String {
        let socket = self.dir.path().join("tmux");
        let mut command = Command::new("tmux");
        command.env_remove("TMUX").arg("-u").arg("-S").arg(socket).args(args);
        let output = command.output().await.expect("these tests need tmux: apt-get install tmux");
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"]).await
    }

    /// Types a line into the shell.
    async fn shell(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]).await;
        self.tmux(&["send-keys", "Enter"]).await;
    }

    /// Starts the console and waits until it has everything.
    async fn start(&mut self) {
        self.keys = 0;
        self.shell("sluice").await;
        self.until("● live").await;
    }

    /// Presses keys (tmux names for special ones) and waits until the console has handled them and is idle.
    async fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.tmux(&["send-keys", key]).await;
        }
        self.keys += u64::try_from(keys.len()).unwrap();
        self.idle().await;
    }

    async fn type_text(&mut self, text: &str) {
        self.tmux(&["send-keys", "-l", text]).await;
        self.keys += u64::try_from(text.chars().count()).unwrap();
        self.idle().await;
    }

    /// Pastes as a terminal does: in brackets if the program asked for them.
    async fn paste(&mut self, text: &str) {
        self.tmux(&["set-buffer", text]).await;
        self.tmux(&["paste-buffer", "-p"]).await;
        self.keys += 1;
        self.idle().await;
    }

    async fn idle(&self) {
        let handled = || {
            let text = std::fs::read_to_string(self.dir.path().join("idle")).unwrap_or_default();
            text.split_whitespace().nth(1).and_then(|k| k.parse::<u64>().ok())
        };
        let start = Instant::now();
        while handled() != Some(self.keys) {
            assert!(
                start.elapsed() < LIMIT,
                "not idle: {:?} of {}\n{}",
                handled(),
                self.keys,
                self.screen().await
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn until(&self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen().await;
            if screen.contains(text) {
                return screen;
            }
            assert!(start.elapsed() < LIMIT, "{text:?} does not come:\n{screen}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What has to be undone: alternate screen, cursor, mouse, line editing of the kernel.
    async fn assert_given_back(&self) {
        let flags =
            self.tmux(&["display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"]).await;
        assert_eq!(flags.trim(), "0 1 0");
        self.shell("stty -a | tr ';' '\\n' | grep -wo 'icanon\\|echo' | sort | tr '\\n' ' '").await;
        self.until("echo icanon").await;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let socket = self.dir.path().join("tmux");
        let _ = std::process::Command::new("tmux").arg("-S").arg(socket).arg("kill-server").output();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_round() {
    for size in [(80, 24), (200, 50)] {
        let fake = Fake::start().await;
        let mut terminal = Terminal::open(&fake, size).await;
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
        terminal.press(&["Tab", "Tab"]).await;
        terminal.type_text("app_bookshop").await;
        terminal.press(&["Tab", "Enter"]).await;
        terminal.until("new-trade-password").await;
        terminal.press(&["Escape"]).await;
        assert!(!terminal.screen().await.contains("new-trade-password"));

        terminal.tmux(&["send-keys", "q"]).await;
        terminal.until("ready>").await;
        terminal.assert_given_back().await;
        assert_eq!(
            fake.acts(),
            [
                "requery rch_01KBFZ0P5Q7WJQ0C0X3M9N0007",
                "replay cbk_01KBFZ0P5Q7WJQ0C0X3M9N0031 because \"endpoint repaired\"",
                "rotate app_bookshop trade grace 0 tokens false because \"leaked\"",
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_text_opens_the_search_box() {
    let fake = Fake::start().await;
    let mut terminal = Terminal::open(&fake, (80, 24)).await;
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
    let mut terminal = Terminal::open(&fake, (80, 24)).await;
    terminal.start().await;
    terminal.press(&["5"]).await;
    terminal.tmux(&["send-keys", "C-z"]).await;
    terminal.until("Stopped").await;
    terminal.assert_given_back().await;
    terminal.shell("fg").await;
    terminal.until("alipay-store").await;
    terminal.keys += 1;
    terminal.press(&["2"]).await;
    terminal.until("MERCHANT NO").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_and_give_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let fake = Fake::start().await;
        let mut terminal = Terminal::open(&fake, (80, 24)).await;
        terminal.start().await;
        let pid = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]).await;
        let children = format!("/proc/{pid}/task/{pid}/children", pid = pid.trim());
        let sluice = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        kill_process(Pid::from_raw(sluice).unwrap(), signal).unwrap();
        terminal.until("ready>").await;
        terminal.shell("echo code $?").await;
        terminal.until(&format!("code {code}")).await;
        terminal.assert_given_back().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_daemon_leaves_the_rows_and_the_keys() {
    let fake = Fake::start().await;
    let mut terminal = Terminal::open(&fake, (80, 24)).await;
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
