//! `make bench`: what this machine can do, what Sluice makes of it, and the ratio between the two, in one run.
//!
//! Reading order: [`arithmetic`] (what one order costs, counted), [`raw`] (what the machine can do), [`load`]
//! (what Sluice does on it), [`report`] (the table, and which limit binds). [`measure`] holds the method: warm-up,
//! rounds, median.

mod arithmetic;
mod load;
mod machine;
mod measure;
mod progress;
mod raw;
mod report;

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use measure::Plan;
use progress::Progress;
use report::Report;

/// Measures the machine's raw limits and Sluice's throughput on SQLite in one run, and relates the two.
///
/// The daemon, the provider's gateway, the sample merchant and the load generator share this machine's cores; every
/// signature that any of them makes or checks is counted. Recharges, trades, refunds, withdrawals and callbacks stand
/// beside the tightest limit of the same run, with the ratio and what binds; bench/README.md says how to read it.
/// Progress goes to stderr, the result to stdout.
#[derive(Debug, Parser)]
#[command(name = "sluice-bench", version)]
struct Cli {
    /// How long all of it may take, about
    #[arg(long = "for", value_name = "TIME", default_value = "2m", value_parser = total)]
    total: Duration,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Where the database and the files are written [default: a temporary folder beside this program]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Change the daemon's configuration, e.g. callback.per_endpoint=64
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// Long enough for every measurement, short enough to be meant.
fn total(text: &str) -> Result<Duration, String> {
    let total = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    let fits = (Duration::from_secs(40)..=Duration::from_secs(3600)).contains(&total);
    fits.then_some(total).ok_or_else(|| "not within 40s to 1h".to_owned())
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sluice-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let folder = folder(cli.dir)?;
    let plan = Plan::within(cli.total);
    let progress = Progress::start(plan.steps());
    let machine = machine::Machine::look(folder.path());
    let raw = raw::measure(&runtime, folder.path(), &plan, &progress)?;
    let load = runtime.block_on(load::measure(folder.path(), cli.overrides, &plan, &progress))?;
    progress.end();
    let report = Report::new(machine, raw, load);
    if cli.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(if report.held() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder of our own on a real disk: `/tmp` is memory on many machines, and a commit there costs nothing.
fn folder(wanted: Option<PathBuf>) -> anyhow::Result<tempfile::TempDir> {
    let parent = match wanted {
        Some(dir) => {
            std::fs::create_dir_all(&dir)?;
            dir
        }
        None => std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default(),
    };
    Ok(tempfile::Builder::new().prefix("sluice-bench-").tempdir_in(parent)?)
}
