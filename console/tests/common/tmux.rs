//! The real binary in a real terminal: a shell in a tmux of our own, into which a test types and whose screen it reads.
//! Shared with the drive against the real daemon (daemon/tests/console). It waits for the console's idle file and for
//! text on the screen, and never sleeps for a time.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::Command;

/// How long anything on the screen may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How often the screen is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(10);

/// The socket of a tmux within.
const INNER: &str = "inner";

/// The bar before the chosen row of a list.
const CURSOR: char = '▌';

/// A shell in a tmux of our own.
pub(crate) struct Terminal {
    dir: TempDir,
    keys: u64,
}

impl Terminal {
    /// Opens a shell of this size, columns and rows, in which `sluice` is the program in the folder `programs`, and
    /// with these variables.
    pub(crate) async fn open(
        programs: &Path,
        variables: &[(&str, String)],
        (columns, rows): (u16, u16),
    ) -> Self {
        let terminal = Self { dir: tempfile::tempdir().unwrap(), keys: 0 };
        let path = std::env::var("PATH").unwrap_or_default();
        let own = |name: &str| terminal.dir.path().join(name).display().to_string();
        let mut arguments: Vec<String> = ["-f", "/dev/null", "new-session", "-d"].map(str::to_owned).into();
        arguments.extend(["-x".to_owned(), columns.to_string(), "-y".to_owned(), rows.to_string()]);
        arguments
            .extend(["env", "-u", "NO_COLOR", "-u", "LC_ALL", "LANG=C.UTF-8", "TZ=UTC"].map(str::to_owned));
        arguments.push(format!("PATH={}:{path}", programs.display()));
        // Nobody's profiles.
        arguments.push(format!("XDG_CONFIG_HOME={}", own("config")));
        arguments.push(format!("SLUICE_IDLE_FILE={}", own("idle")));
        arguments.extend(variables.iter().map(|(name, value)| format!("{name}={value}")));
        arguments.push("PS1=ready> ".to_owned());
        arguments.extend(["bash", "--norc", "--noprofile", "-i"].map(str::to_owned));
        terminal.tmux(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
        terminal.until("ready>").await;
        terminal
    }

    /// Runs a tmux command and gives its output.
    pub(crate) async fn tmux(&self, args: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command.env_remove("TMUX").arg("-u").arg("-S").arg(self.dir.path().join("tmux")).args(args);
        let output = command.output().await.unwrap_or_else(|error| {
            panic!("tmux cannot be run ({error}): these tests drive the console in it: apt-get install tmux")
        });
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is on the screen.
    pub(crate) async fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"]).await
    }

    /// All that can be scrolled back to, and the screen below a program's own.
    pub(crate) async fn scrollback(&self) -> String {
        let all = self.tmux(&["capture-pane", "-p", "-S", "-", "-E", "-"]).await;
        all + &self.tmux(&["capture-pane", "-p", "-q", "-a", "-S", "-", "-E", "-"]).await
    }

    /// Types a line into the shell.
    pub(crate) async fn shell(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]).await;
        self.tmux(&["send-keys", "Enter"]).await;
    }

    /// Goes into a shell in a second tmux within this one.
    pub(crate) async fn nest(&self) {
        let socket = self.dir.path().join(INNER);
        let tmux = format!("env -u TMUX tmux -u -f /dev/null -S {}", socket.display());
        self.shell(&format!("{tmux} new-session env 'PS1=inner> ' bash --norc --noprofile -i")).await;
        self.until("inner>").await;
    }

    /// Starts the console and waits until it has everything.
    pub(crate) async fn start(&mut self) {
        self.keys = 0;
        self.shell("sluice").await;
        self.until("● live").await;
        self.idle().await;
    }

    /// Presses keys (tmux names for special ones) and waits until the console has handled them and is idle.
    pub(crate) async fn press(&mut self, keys: &[&str]) {
        // What follows Escape at once would be the same key with Alt.
        for part in keys.split_inclusive(|key| *key == "Escape") {
            self.tmux(&[&["send-keys"], part].concat()).await;
            self.handles(part.len()).await;
        }
    }

    /// Types text and waits as [`Terminal::press`] does.
    pub(crate) async fn type_text(&mut self, text: &str) {
        self.tmux(&["send-keys", "-l", text]).await;
        self.handles(text.chars().count()).await;
    }

    /// Pastes as a terminal does: in brackets if the program asked for them.
    pub(crate) async fn paste(&mut self, text: &str) {
        self.tmux(&["set-buffer", text]).await;
        self.tmux(&["paste-buffer", "-p"]).await;
        self.handles(1).await;
    }

    /// Waits until so many more keys and pastes are handled and the console is idle.
    pub(crate) async fn handles(&mut self, keys: usize) {
        self.keys += u64::try_from(keys).unwrap();
        self.idle().await;
    }

    /// A key that reached the console and that is not waited for.
    pub(crate) fn reached(&mut self) {
        self.keys += 1;
    }

    async fn idle(&self) {
        let handled = || {
            let text = std::fs::read_to_string(self.dir.path().join("idle")).unwrap_or_default();
            text.split_whitespace().nth(1).and_then(|k| k.parse::<u64>().ok())
        };
        let start = Instant::now();
        while handled() != Some(self.keys) {
            if start.elapsed() > LIMIT {
                panic!("not idle: {:?} of {} keys\n{}", handled(), self.keys, self.screen().await);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the text is on the screen; gives the screen.
    pub(crate) async fn until(&self, text: &str) -> String {
        self.until_it(&format!("{text:?} does not come"), |screen| screen.contains(text)).await
    }

    /// Waits until the text is on the screen no more.
    pub(crate) async fn until_gone(&self, text: &str) -> String {
        self.until_it(&format!("{text:?} does not go"), |screen| !screen.contains(text)).await
    }

    /// Waits for a screen that is as it should be.
    pub(crate) async fn until_it(&self, complaint: &str, is_right: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen().await;
            if is_right(&screen) {
                return screen;
            }
            assert!(start.elapsed() < LIMIT, "{complaint}:\n{screen}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Moves the cursor with `key` until the chosen row has this text.
    pub(crate) async fn choose(&mut self, key: &str, text: &str) {
        let chosen = |screen: &str| screen.lines().any(|line| line.contains(CURSOR) && line.contains(text));
        for _ in 0..100 {
            // What is drawn takes a moment to get through tmux: only a cursor that has moved tells anything.
            let before = self.screen().await;
            if chosen(&before) {
                return;
            }
            self.press(&[key]).await;
            let row = |screen: &str| {
                screen
                    .lines()
                    .enumerate()
                    .find(|(_, line)| line.contains(CURSOR))
                    .map(|(at, line)| (at, line.to_owned()))
            };
            self.until_it("the cursor does not move", |now| row(now) != row(&before)).await;
        }
        panic!("no row has {text:?}:\n{}", self.screen().await);
    }

    /// The console's process.
    pub(crate) async fn console_pid(&self) -> i32 {
        let shell = self.tmux(&["display-message", "-p", "#{pane_pid}"]).await;
        let children = format!("/proc/{pid}/task/{pid}/children", pid = shell.trim());
        std::fs::read_to_string(children).unwrap().trim().parse().unwrap()
    }

    /// What has to be undone: alternate screen, cursor, mouse, line editing of the kernel.
    pub(crate) async fn assert_given_back(&self) {
        let flags =
            self.tmux(&["display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"]).await;
        assert_eq!(flags.trim(), "0 1 0");
        self.shell("stty -a | tr ';' '\\n' | grep -wo 'icanon\\|echo' | sort | tr '\\n' ' '").await;
        self.until("echo icanon").await;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        for socket in
            [INNER, "tmux"].map(|name| self.dir.path().join(name)).iter().filter(|path| path.exists())
        {
            let _ = std::process::Command::new("tmux").arg("-S").arg(socket).arg("kill-server").output();
        }
    }
}
