//! What the end-to-end tests share: the real programs in a sandbox, a crowd of merchants and payers, and the audit
//! that holds the provider's own books against the daemon's.
#![allow(dead_code, reason = "every test program uses another part of it")]

pub(crate) mod audit;
pub(crate) mod crowd;
pub(crate) mod database;
pub(crate) mod raw;
pub(crate) mod scenarios;
pub(crate) mod scene;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sluice_sim::stand::Stand;

/// How long anything that happens by itself may take.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Settings under which every kind of order comes to its end soon: the channel is asked often, a refusal is believed
/// soon, and a payout is looked at until all that are returned are.
pub(crate) const ALL_KINDS: [&str; 6] = [
    "recharge.min_expires_in=1s",
    "trade.min_expires_in=1s",
    r#"channels.alipay.requery_schedule=["1s","2s","3s","5s"]"#,
    r#"channels.alipay.payout_watch=["1s","1s","2s","3s"]"#,
    "channels.alipay.refund_spacing=100ms",
    "channels.alipay.refusal_margin=1s",
];

/// Whether the long forms are wanted: `make test-long`.
pub(crate) fn long() -> bool {
    std::env::var_os("SLUICE_LONG").is_some_and(|value| value == "1")
}

/// `short`, or `long` in the long form.
pub(crate) fn length<T>(short: T, in_long_form: T) -> T {
    if long() { in_long_form } else { short }
}

/// The folder of the workspace's programs: above this test's own executable.
pub(crate) fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(Path::parent).unwrap().to_owned();
    for name in ["sluiced", "sluice", "sluice-sim"] {
        assert!(
            folder.join(name).is_file(),
            "no {name} in {}: run `cargo build --workspace --bins` first",
            folder.display()
        );
    }
    folder
}

/// A sandbox whose daemon has these settings changed, such as `recharge.min_expires_in=1s`.
pub(crate) async fn stand(settings: &[&str]) -> Stand {
    let args: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    Stand::start(&programs(), &args).await.unwrap()
}

/// Says what a test measured, in one line that the harness does not capture.
pub(crate) fn measured(what: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "    {what}");
}

/// Waits until `done` gives something; fails with what `still` says of the last try.
pub(crate) async fn until<T>(
    what: &str,
    within: Duration,
    mut done: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let end = Instant::now() + within;
    loop {
        match done().await {
            Ok(value) => return value,
            Err(still) => assert!(Instant::now() < end, "{what}: not within {within:?}: {still}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The daemon's log so far.
pub(crate) fn log(stand: &Stand) -> String {
    std::fs::read_to_string(stand.dir().join("sluiced.log")).unwrap_or_default()
}

/// A daemon that panicked says so in its log, whatever it answered.
pub(crate) fn assert_no_panic(stand: &Stand) {
    let log = log(stand);
    assert!(!log.contains("panicked at"), "the daemon panicked:\n{log}");
}

/// The resident memory of a process, in KiB.
pub(crate) fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
