//! `make demo`: a sandbox with traffic and faults, and the console on top; without a terminal, the same as a show
//! of twenty seconds that checks itself.

mod show;
mod weather;

use anyhow::Context as _;
use std::fs::File;
use std::io::IsTerminal as _;
use std::process::{ExitCode, Stdio};
use std::sync::Mutex;
use tokio::process::Command;
use tracing_subscriber::EnvFilter;

use crate::cli::stop_signal;
use crate::sandbox::{self, Sandbox, supervise};
use crate::traffic::{Mix, Plans};

/// What the demo is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Orders a second.
    pub per_second: f64,
    /// Draws traffic and faults.
    pub seed: u64,
}

/// Payers of the demo get less time than real ones, so that one sees orders expire.
const EXPIRES_IN: &str = "10s";

/// Runs the demo in a temporary folder; the exit code says whether all of it held.
///
/// # Errors
/// If the sandbox or the console cannot be started.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new().prefix("sluice-demo-").tempdir()?;
    // The console owns the terminal: what the sandbox has to say goes to a file.
    let log = File::create(folder.path().join("sandbox.log"))?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(log)).init();

    let with_console = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut stopped = std::pin::pin!(stop_signal()?);
    let expires_in = Some(EXPIRES_IN.to_owned());
    let sandbox_options = sandbox::Options {
        traffic: Some(Plans {
            per_second: options.per_second,
            seed: options.seed,
            expires_in,
            mix: Mix::Everything,
        }),
        // The show rotates the last app's password; it has no traffic, so that every callback must verify.
        traffic_apps: (!with_console).then_some(2),
        apps: 3,
        seed: options.seed,
        overrides: vec!["recharge.min_expires_in=1s".to_owned()],
        ..sandbox::Options::new(folder.path())
    };
    println!(
        "starting a daemon, a payment provider, a sample merchant and traffic in {}",
        folder.path().display()
    );
    let sandbox = tokio::select! {
        sandbox = Sandbox::start(sandbox_options) => sandbox?,
        () = &mut stopped => return Ok(ExitCode::FAILURE),
    };
    let outcome = tokio::select! {
        outcome = async {
            if with_console { console(&sandbox).await } else { show::run(&sandbox).await }
        } => outcome,
        () = &mut stopped => Ok(ExitCode::FAILURE),
    };
    sandbox.stop().await;
    outcome
}

/// The console in the foreground, over traffic with changing weather; ends when the operator leaves it.
async fn console(sandbox: &Sandbox) -> anyhow::Result<ExitCode> {
    let weather = tokio::spawn(weather::change(sandbox.file()));
    let program = supervise::find_program("sluice")?;
    let mut console = Command::new(program)
        .envs(&sandbox.file().env)
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the console")?;
    let status = console.wait().await?;
    weather.abort();
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
