//! An operator's desk: a sandbox and a terminal with the console on it.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use sluice_sim::client::{Error, Merchant, NewRecharge, Order};
use sluice_sim::control::Control;
use sluice_sim::stand::Stand;
use tempfile::TempDir;

use crate::support;
use crate::tmux::Terminal;

/// After the first failure nothing is tried again by itself: whatever settles afterwards, the operator has done.
const SETTINGS: [&str; 2] =
    [r#"channels.alipay.requery_schedule=["500ms","1h"]"#, r#"callback.schedule=["0s","1h"]"#];

pub(crate) struct Desk {
    pub(crate) stand: Stand,
    pub(crate) control: Control,
    pub(crate) merchant: Merchant,
    pub(crate) terminal: Terminal,
    /// The console's way to the daemon, which a test can cut.
    pub(crate) line: Line,
}

/// A symbolic link to the ops API's socket.
pub(crate) struct Line {
    dir: TempDir,
    socket: PathBuf,
}

impl Desk {
    /// A sandbox with the console live on it.
    pub(crate) async fn open(size: (u16, u16)) -> Self {
        let stand = support::stand(&SETTINGS).await;
        let line = Line::to(&stand.file().ops);
        let token_file = stand.file().operator_token_file.display().to_string();
        let variables = [("SLUICE_ENDPOINT", line.endpoint()), ("SLUICE_TOKEN_FILE", token_file)];
        let mut terminal = Terminal::open(&support::programs(), &variables, size).await;
        terminal.start().await;
        let merchant = stand.merchant(0).await.unwrap();
        Self { control: stand.control(), merchant, terminal, line, stand }
    }

    /// A recharge of 100.25 CNY by QR code.
    pub(crate) async fn recharge(&self, number: &str) -> Order {
        self.try_recharge(number).await.unwrap()
    }

    /// The same while the daemon may be dead; asked again with the same number it gives the same order.
    pub(crate) async fn try_recharge(&self, number: &str) -> Result<Order, Error> {
        self.merchant.create_recharge(&NewRecharge::new(number, 10_025)).await
    }

    /// Leaves the console: it gives the terminal back, and neither program has panicked.
    pub(crate) async fn close(self) {
        self.terminal.tmux(&["send-keys", "q"]).await;
        self.terminal.until_it("it does not end", |screen| screen.contains("ready>")).await;
        self.terminal.shell("echo code $?").await;
        self.terminal.until("code 0").await;
        self.terminal.assert_given_back().await;
        assert!(!self.terminal.scrollback().await.contains("panicked"));
        support::assert_no_panic(&self.stand);
    }
}

impl Line {
    fn to(ops: &str) -> Self {
        let socket = ops.strip_prefix("unix:").unwrap().into();
        let line = Self { dir: tempfile::tempdir().unwrap(), socket };
        line.mend();
        line
    }

    fn link(&self) -> PathBuf {
        self.dir.path().join("ops.sock")
    }

    fn endpoint(&self) -> String {
        format!("unix:{}", self.link().display())
    }

    /// No new connection comes about; one that is there stays.
    pub(crate) fn cut(&self) {
        std::fs::remove_file(self.link()).unwrap();
    }

    /// Connections come about again.
    pub(crate) fn mend(&self) {
        symlink(Path::new(&self.socket), self.link()).unwrap();
    }
}
