//! The commands: the same acts as the screens, for scripts and for those who know what they want. One file per noun.

pub mod app;
pub mod apps;
pub mod audit;
pub mod callbacks;
pub mod channels;
mod confirm;
pub mod credentials;
pub mod desk;
pub mod events;
pub mod evidence;
pub mod find;
pub mod json;
pub mod ledger;
pub mod orders;
pub mod output;
pub mod overview;
pub mod payee;
pub mod payouts;
pub mod risk;
pub mod user;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use sluice_core::time::Timestamp;
use ulid::Ulid;

use crate::client::Client;
use crate::config::{Options, Settings};
use crate::exit::{Exit, Failure};
use crate::text::time::Clock;
use output::Output;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "sluice",
    version,
    about = "The Sluice operations console",
    long_about = "The Sluice operations console.\n\nWithout a command it opens the screens, which need a terminal. The \
                  same things exist as commands, for people and (with --json) for programs.",
    after_help = "Examples:\n  sluice                                  open the console\n  \
                  sluice orders list --limbo              orders whose money fact at the channel is unknown\n  \
                  sluice order show A-20261124-0007       one order, by any of its numbers\n  \
                  sluice order requery A-20261124-0007    ask the channel now\n\n\
                  Exit codes: 0 done · 1 unexpected error · 2 usage · 3 not found or several found · \
                  4 no observation · 5 refused by the daemon · 6 no connection or token not accepted",
    disable_help_subcommand = true,
    max_term_width = 110
)]
pub struct Cli {
    /// Which daemon, and how to answer.
    #[command(flatten)]
    pub options: Options,
    /// What to do; the screens if nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What a command line can ask for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Orders: list
    #[command(subcommand)]
    Orders(orders::Orders),
    /// One order: show, requery
    #[command(subcommand)]
    Order(orders::Order),
    /// Callbacks: list
    #[command(subcommand)]
    Callbacks(callbacks::Callbacks),
    /// One callback: show, replay
    #[command(subcommand)]
    Callback(callbacks::Callback),
    /// Channels with their health: list
    #[command(subcommand)]
    Channels(channels::Channels),
    /// Apps with their passwords' age and version: list
    #[command(subcommand)]
    Apps(apps::Apps),
    /// One app: suspend, resume, suspensions
    #[command(subcommand)]
    App(app::App),
    /// Apps' risk rules: show, set, clear
    #[command(subcommand)]
    Risk(risk::Risk),
    /// Apps' users: list, show, state
    #[command(subcommand)]
    User(user::User),
    /// Payees that an app's withdrawals may go to: list, add, remove
    #[command(subcommand)]
    Payee(payee::Payee),
    /// Access passwords: rotate
    #[command(subcommand)]
    Password(credentials::Password),
    /// Merchants' public keys: list, revoke
    #[command(subcommand)]
    MerchantKey(credentials::MerchantKey),
    /// Apps' access tokens: revoke
    #[command(subcommand)]
    Tokens(credentials::Tokens),
    /// The books: accounts, statement, journal, trial
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Money in suspense: list, decide, proposals
    #[command(subcommand)]
    Desk(desk::Desk),
    /// Payouts of unknown outcome: resolve
    #[command(subcommand)]
    Payout(payouts::Payout),
    /// The audit log: list, verify
    #[command(subcommand)]
    Audit(audit::Audit),
    /// One exchange with a channel: show
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// The figures of the first screen
    #[command(after_help = "Example:\n  sluice overview --json")]
    Overview,
    /// Follow the live feed, one event a line, resuming after every loss of the link
    #[command(
        after_help = "Examples:\n  sluice events\n  sluice events --json | jq -c 'select(.kind == \"order.paid\")'"
    )]
    Events(events::Events),
    /// Completions for a shell, on standard output
    #[command(
        after_help = "Example:\n  sluice completions bash > ~/.local/share/bash-completion/completions/sluice"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What every command needs.
#[derive(Debug)]
pub struct Context {
    /// The daemon.
    pub client: Client,
    /// Where the answer goes.
    pub output: Output,
    /// How times are written in tables.
    pub clock: Clock,
    /// Refuse mutations.
    pub read_only: bool,
}

impl Context {
    /// The time, for ages in tables.
    pub fn now(&self) -> Timestamp {
        now()
    }

    /// A fresh request id: the same mutation sent twice acts once.
    pub fn request_id(&self) -> String {
        request_id()
    }

    /// # Errors
    /// The profile or `--read-only` forbids mutations.
    pub fn may_change(&self) -> Result<(), Failure> {
        if self.read_only {
            return Err(Failure::new(Exit::Refused, "this console is read-only")
                .next("use a profile without read_only, or leave out --read-only"));
        }
        Ok(())
    }
}

/// This machine's time.
pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// A fresh request id.
pub fn request_id() -> String {
    let millis = u64::try_from(now().millis()).unwrap_or(0);
    Ulid::from_parts(millis, fastrand::u128(..)).to_string()
}

/// Runs one command against the daemon.
///
/// # Errors
/// What happened and what to do next, with the exit code.
pub async fn run(command: Command, settings: &Settings) -> Result<Exit, Failure> {
    if let Command::Completions { shell } = command {
        clap_complete::generate(shell, &mut Cli::command(), "sluice", &mut std::io::stdout());
        return Ok(Exit::Ok);
    }
    let context = Context {
        client: Client::new(&settings.target)?,
        output: Output { json: settings.json, charset: settings.charset },
        clock: Clock::system(),
        read_only: settings.read_only,
    };
    match command {
        Command::Orders(command) => command.run(&context).await,
        Command::Order(command) => command.run(&context).await,
        Command::Callbacks(command) => command.run(&context).await,
        Command::Callback(command) => command.run(&context).await,
        Command::Channels(command) => command.run(&context).await,
        Command::Apps(command) => command.run(&context).await,
        Command::App(command) => command.run(&context).await,
        Command::Risk(command) => command.run(&context).await,
        Command::User(command) => command.run(&context).await,
        Command::Payee(command) => command.run(&context).await,
        Command::Password(command) => command.run(&context).await,
        Command::MerchantKey(command) => command.run(&context).await,
        Command::Tokens(command) => command.run(&context).await,
        Command::Ledger(command) => command.run(&context).await,
        Command::Desk(command) => command.run(&context).await,
        Command::Payout(command) => command.run(&context).await,
        Command::Audit(command) => command.run(&context).await,
        Command::Evidence(command) => command.run(&context).await,
        Command::Overview => overview::run(&context).await,
        Command::Events(command) => command.run(&context).await,
        Command::Completions { .. } => Ok(Exit::Ok),
    }
}
