//! The command line: serve, and the offline acts of whoever installs Sluice.

mod app;
mod fee;
mod ledger;
mod operator;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config};
use crate::daemon::Daemon;

/// The Sluice payment wallet's daemon.
#[derive(Parser)]
#[command(
    name = "sluiced",
    version,
    after_help = "Examples:\n  sluiced --config /etc/sluice/sluiced.toml\n  \
    sluiced --config sluiced.toml config check\n  \
    sluiced --config sluiced.toml operator add lin --role admin\n  \
    sluiced --config sluiced.toml app add --merchant 'Tea House' --name web --public-key-file merchant.pem\n  \
    sluiced --config sluiced.toml ledger check\n\n\
    Exit codes: 0 done, 1 the ledger is off or the act failed, 2 usage or configuration."
)]
struct Args {
    /// The configuration file; docs/sluiced.example.toml shows every key.
    #[arg(long, env = "SLUICED_CONFIG", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM (what happens without a command).
    Serve,
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// People at the console.
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
    /// Merchants' integrations.
    #[command(subcommand)]
    App(app::AppCommand),
    /// The books.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether the configuration is right, and what is wrong with it.
    Check,
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let args = Args::parse();
    let config = match config::load(&args.config, std::env::vars().filter(|(k, _)| k != "SLUICED_CONFIG")) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("sluiced: {}: {error}", args.config.display());
            return ExitCode::from(2);
        }
    };
    if let Some(Command::Config(ConfigCommand::Check)) = &args.command {
        return config_check(&args.config, &config);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("sluiced: the runtime can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(carry_out(config, args.command.unwrap_or(Command::Serve)));
    // A name that does not resolve holds its thread; nobody waits for that.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sluiced: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Looks at everything that a start would: the values, and the files that they name. Opens no database.
fn config_check(path: &std::path::Path, config: &Config) -> ExitCode {
    match Daemon::check(config) {
        Ok(()) => {
            println!("{}: right; {} channel(s)", path.display(), config.channels.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("sluiced: {}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}

async fn carry_out(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve | Command::Config(_) => serve::serve(config).await,
        Command::Operator(command) => operator::run(config, command).await,
        Command::App(command) => app::run(config, command).await,
        Command::Ledger(command) => ledger::run(config, command).await,
    }
}
