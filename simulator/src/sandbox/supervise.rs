//! Runs the daemon: starts it, starts it again when it dies, stops it.

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long after its death a daemon is started again.
const RESTART_AFTER: Duration = Duration::from_millis(300);

/// How long a daemon may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// How long a daemon may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// How much of the log is shown of a daemon that does not start.
const TAIL_LINES: usize = 20;

/// How the daemon is run.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    /// `sluiced`.
    pub(super) program: PathBuf,
    /// Its configuration.
    pub(super) config: PathBuf,
    /// Where its output goes.
    pub(super) log: PathBuf,
    /// What answers 200 when it is ready.
    pub(super) ready_url: String,
}

impl Spec {
    /// Runs an offline command and returns its output.
    pub(super) async fn offline(&self, args: &[&str]) -> anyhow::Result<Vec<u8>> {
        let mut command = self.command(args.iter().map(OsString::from).collect());
        let output = command.stdin(Stdio::null()).output().await.context("cannot run sluiced")?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            bail!("`sluiced {}` failed ({}): {}", args.join(" "), output.status, why.trim());
        }
        Ok(output.stdout)
    }

    fn command(&self, args: Vec<OsString>) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(&self.config).args(args).kill_on_drop(true);
        // The sandbox's configuration is the whole one: no setting may leak in from the environment.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SLUICED_") {
                command.env_remove(name);
            }
        }
        command
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = self.command(vec![]);
        if let Some(guard) = guard() {
            let plain = command.as_std();
            let mut guarded = Command::new(guard);
            guarded
                .arg("guard")
                .arg(std::process::id().to_string())
                .arg(plain.get_program())
                .args(plain.get_args());
            for (name, value) in plain.get_envs() {
                match value {
                    Some(value) => guarded.env(name, value),
                    None => guarded.env_remove(name),
                };
            }
            command = guarded;
        }
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
    }
}

/// A daemon under supervision.
#[derive(Debug)]
pub(super) struct Supervisor {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Starts the daemon and waits until it is ready; `on_start` is told every process id from the second on.
    pub(super) async fn start(
        spec: Spec,
        on_start: impl Fn(u32) + Send + 'static,
    ) -> anyhow::Result<(Self, u32)> {
        let log_start = std::fs::metadata(&spec.log).map_or(0, |log| log.len());
        let mut child = spec.spawn().with_context(|| format!("cannot start {}", spec.program.display()))?;
        if let Err(error) = wait_until_ready(&spec, &mut child).await {
            bail!("{error:#}; its last words:\n{}", tail(&spec.log, log_start));
        }
        let pid = child.id().context("the daemon ended as soon as it was ready")?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(supervise(spec, child, stopped, on_start));
        Ok((Self { stop, task }, pid))
    }

    /// Stops the daemon: asks it, and kills it if it does not go.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

async fn supervise(
    spec: Spec,
    mut child: Child,
    mut stopped: watch::Receiver<bool>,
    on_start: impl Fn(u32) + Send + 'static,
) {
    loop {
        tokio::select! {
            status = child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                tracing::warn!(%status, "the daemon ended; it is started again");
            }
            () = asked(&mut stopped) => {
                end(&mut child).await;
                return;
            }
        }
        child = loop {
            tokio::select! {
                () = tokio::time::sleep(RESTART_AFTER) => {}
                () = asked(&mut stopped) => return,
            }
            match spec.spawn() {
                Ok(child) => break child,
                Err(error) => tracing::error!(%error, "the daemon cannot be started"),
            }
        };
        if let Some(pid) = child.id() {
            on_start(pid);
        }
    }
}

/// Resolves when the daemon is to be stopped.
async fn asked(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// SIGTERM, fifteen seconds, SIGKILL.
pub(crate) async fn end(child: &mut Child) -> Option<ExitStatus> {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
    if let Ok(status) = tokio::time::timeout(STOP_WITHIN, child.wait()).await {
        return status.ok();
    }
    tracing::warn!("the daemon did not stop in {} s and is killed", STOP_WITHIN.as_secs());
    let _ = child.kill().await;
    None
}

async fn wait_until_ready(spec: &Spec, child: &mut Child) -> anyhow::Result<()> {
    let http = crate::plain_http(Duration::from_secs(1));
    let until = Instant::now() + READY_WITHIN;
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("sluiced ended ({status}) before it was ready");
        }
        if http.get(&spec.ready_url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        if Instant::now() > until {
            bail!("sluiced was not ready in {} s", READY_WITHIN.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The last lines of the log, from byte `start` on.
fn tail(log: &Path, start: u64) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let own = bytes.get(usize::try_from(start).unwrap_or_default()..).unwrap_or_default();
    let text = String::from_utf8_lossy(own);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// This program, if it is `sluice-sim`: its subcommand `guard` runs the daemon so that it does not outlive us.
fn guard() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    (own.file_stem()? == "sluice-sim").then_some(own)
}

/// Becomes `program`, to be ended (SIGTERM) when `parent`, which must be our parent, ends in whatever way.
///
/// # Errors
/// Only if that fails; otherwise it does not return.
pub fn run_guarded(
    parent: i32,
    program: &Path,
    args: &[OsString],
) -> anyhow::Result<std::convert::Infallible> {
    use std::os::unix::process::CommandExt as _;
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
    if rustix::process::getppid().is_none_or(|pid| pid.as_raw_nonzero().get() != parent) {
        bail!("the sandbox has ended");
    }
    Err(std::process::Command::new(program).args(args).exec()).context("cannot run the daemon")
}

/// A program of the workspace: beside this one (or one above, for tests), else on the PATH.
pub(crate) fn find_program(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = own.ancestors().skip(1).take(2).map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = beside.chain(std::env::split_paths(&path)).map(|folder| folder.join(name));
    candidates
        .find(|candidate| candidate.is_file())
        .with_context(|| format!("there is no {name} beside {} and none on the PATH", own.display()))
}
