//! The command line of `sluice-sim`.

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::demo;
use crate::sandbox::{self, Options, Sandbox};
use crate::traffic::{Mix, Plans};

const EXAMPLES: &str = "\
Examples:
  sluice-sim sandbox --dir /tmp/sluice                   a sandbox to develop against
  sluice-sim sandbox --dir /tmp/sluice --traffic 20      with twenty orders a second
  sluice-sim demo                                        traffic, faults, and the console on top
  curl -s $SIM/control/orders | jq .                     what the provider's books say (sim in sandbox.json)

docs/sandbox.md describes the sandbox, its control calls, and the amounts that make things happen.";

/// Payment providers on their real wire protocol, a sample merchant, traffic, and the sandbox that runs them
/// with a Sluice daemon.
#[derive(Debug, Parser)]
#[command(name = "sluice-sim", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a daemon with everything around it; stop with Ctrl-C or SIGTERM
    ///
    /// Prints the path of DIR/sandbox.json when all is ready. A folder that a former sandbox used is used on:
    /// its database and secrets, on the same ports, where all of them are still there.
    #[command(after_help = EXAMPLES)]
    Sandbox(SandboxArgs),
    /// Show what Sluice does: a sandbox with traffic and faults, and the console on top
    ///
    /// Without a terminal it runs twenty seconds, prints what flowed and checks that all of it held; it exits
    /// with 0 only then.
    Demo(DemoArgs),
    /// Become PROGRAM, and end when process PARENT ends (used by the sandbox)
    #[command(hide = true)]
    Guard {
        parent: i32,
        program: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
struct SandboxArgs {
    /// The folder of the sandbox; it is made if it is missing, and may hold other files
    #[arg(long)]
    dir: PathBuf,
    /// Orders a second, of all kinds, made and paid by themselves
    #[arg(long, value_name = "N")]
    traffic: Option<f64>,
    /// Draws the traffic and the chances of faults
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many apps to register (at least 2)
    #[arg(long, value_name = "N", default_value_t = 2)]
    apps: usize,
    /// Change the daemon's configuration (for tests), e.g. recharge.min_expires_in=1s
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// Orders a second
    #[arg(long, value_name = "N", default_value_t = 20.0)]
    traffic: f64,
    /// Draws the traffic and the chances of faults
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Runs the program on its command line.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Guard { parent, program, args } => {
            sandbox::run_guarded(parent, &program, &args).map(|never| match never {})
        }
        Command::Sandbox(args) => in_runtime(run_sandbox(args)),
        Command::Demo(args) => {
            in_runtime(demo::run(demo::Options { per_second: args.traffic, seed: args.seed }))
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sluice-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn in_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn run_sandbox(args: SandboxArgs) -> anyhow::Result<ExitCode> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let mut stopped = std::pin::pin!(stop_signal()?);
    let options = Options {
        traffic: args.traffic.map(|per_second| Plans {
            per_second,
            seed: args.seed,
            expires_in: None,
            mix: Mix::Everything,
        }),
        seed: args.seed,
        apps: args.apps,
        overrides: args.overrides,
        ..Options::new(args.dir)
    };
    let sandbox = tokio::select! {
        started = Sandbox::start(options) => started?,
        () = &mut stopped => return Ok(ExitCode::SUCCESS),
    };
    println!("{}", sandbox.path().display());
    stopped.await;
    if let Some(traffic) = sandbox.traffic() {
        let stats = serde_json::to_string(&traffic.stats()).context("the traffic's counts")?;
        eprintln!("traffic: {stats}");
    }
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Resolves at SIGTERM, SIGINT or SIGHUP; they are caught from the call on.
pub(crate) fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}
