//! A sandbox for a test: the real programs, started, used and stopped.

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

use crate::client::{Merchant, Order};
use crate::control::Control;
use crate::sandbox::SandboxFile;

/// How long a sandbox may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// How long it may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// A running `sluice-sim sandbox` in a folder of its own. Dropping it stops it and removes the folder.
#[derive(Debug)]
pub struct Stand {
    dir: TempDir,
    process: Child,
    programs: PathBuf,
    file: SandboxFile,
}

impl Stand {
    /// Starts `sluice-sim sandbox --dir … ARGS` with the programs in the folder `programs`, and waits until it is
    /// ready.
    ///
    /// # Errors
    /// If it does not start; says what it said.
    pub async fn start(programs: &Path, args: &[&str]) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("sluice-").tempdir()?;
        let log_path = dir.path().join("sandbox.log");
        let log = std::fs::File::create(&log_path)?;
        let program = programs.join("sluice-sim");
        let process = Command::new(&program)
            .args(["sandbox", "--dir"])
            .arg(dir.path())
            .args(args)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let path = dir.path().join("sandbox.json");
        let mut starting = Starting { process: Some(process) };
        let until = Instant::now() + READY_WITHIN;
        let file = loop {
            if let Ok(file) = SandboxFile::read(&path) {
                break file;
            }
            let said = || std::fs::read_to_string(&log_path).unwrap_or_default();
            if let Some(status) = starting.ended()? {
                bail!("the sandbox ended ({status}): {}", said());
            }
            if Instant::now() > until {
                bail!("the sandbox was not ready in {} s: {}", READY_WITHIN.as_secs(), said());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let process = starting.process.take().context("it was started above")?;
        Ok(Self { dir, process, programs: programs.to_owned(), file })
    }

    /// What `sandbox.json` said when it was last read.
    pub fn file(&self) -> &SandboxFile {
        &self.file
    }

    /// Reads `sandbox.json` again: a restarted daemon has another process id.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn reload(&mut self) -> anyhow::Result<&SandboxFile> {
        self.file = SandboxFile::read(&self.dir.path().join("sandbox.json"))?;
        Ok(&self.file)
    }

    /// The sandbox's folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A client for the app with this index, logged in.
    ///
    /// # Errors
    /// If there is no such app or it cannot log in.
    pub async fn merchant(&self, index: usize) -> anyhow::Result<Merchant> {
        let merchant = self.file.merchant(index)?;
        merchant.login().await?;
        Ok(merchant)
    }

    /// The control API.
    pub fn control(&self) -> Control {
        self.file.control()
    }

    /// Runs the console `sluice` as the sandbox's admin.
    ///
    /// # Errors
    /// If it cannot be run. A failing command is no error here.
    pub async fn sluice(&self, args: &[&str]) -> anyhow::Result<Output> {
        let mut command = tokio::process::Command::new(self.programs.join("sluice"));
        command.args(args).envs(&self.file.env).stdin(Stdio::null()).kill_on_drop(true);
        command.output().await.context("cannot run sluice")
    }

    /// Runs `sluice … --json` and reads what it prints.
    ///
    /// # Errors
    /// If it fails or prints no JSON.
    pub async fn sluice_json(&self, args: &[&str]) -> anyhow::Result<Value> {
        let args: Vec<_> = args.iter().copied().chain(["--json"]).collect();
        let output = self.sluice(&args).await?;
        if !output.status.success() {
            bail!(
                "sluice {}: {}: {}",
                args.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Runs an offline command of `sluiced` on the sandbox's configuration.
    ///
    /// # Errors
    /// If it cannot be run. A failing command is no error here.
    pub async fn sluiced(&self, args: &[&str]) -> anyhow::Result<Output> {
        let mut command = tokio::process::Command::new(self.programs.join("sluiced"));
        command.arg("--config").arg(&self.file.config).args(args).stdin(Stdio::null()).kill_on_drop(true);
        command.output().await.context("cannot run sluiced")
    }

    /// Waits until a recharge is in one of `states`.
    ///
    /// # Errors
    /// If it is not within that time.
    pub async fn wait_for_state(
        &self,
        merchant: &Merchant,
        order_id: &str,
        states: &[i64],
        within: Duration,
    ) -> anyhow::Result<Order> {
        let until = Instant::now() + within;
        loop {
            let order = merchant.recharge(order_id).await;
            match order {
                Ok(order) if states.contains(&order.state) => return Ok(order),
                other if Instant::now() > until => bail!("not in {states:?} after {within:?}: {other:?}"),
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

/// A sandbox that is not ready yet; it is stopped if the test gives up.
struct Starting {
    process: Option<Child>,
}

impl Starting {
    fn ended(&mut self) -> std::io::Result<Option<std::process::ExitStatus>> {
        self.process.as_mut().map_or(Ok(None), Child::try_wait)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            stop(process);
        }
    }
}

fn stop(process: &mut Child) {
    if let Some(pid) = i32::try_from(process.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
    let until = Instant::now() + STOP_WITHIN;
    while Instant::now() < until {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = process.kill();
    let _ = process.wait();
}
