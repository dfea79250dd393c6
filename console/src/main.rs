//! `sluice`: the screens when nothing is asked for, else one command.

use std::process::ExitCode;

use clap::Parser;
use sluice::cli::{self, Cli, output};
use sluice::config::Settings;
use sluice::exit::{Exit, Failure};
use sluice::text::sanitize::Charset;
use sluice::tui::{self, run::Ended};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; clap knows which stream each goes to.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(failure) => tell(&failure),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let settings = Settings::resolve(&cli.options, |name| std::env::var(name).ok())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::new(Exit::Unexpected, format!("no runtime: {e}")))?;
    let code = match cli.command {
        Some(command) => runtime.block_on(cli::run(command, &settings)).map(ExitCode::from),
        None if !output::is_interactive() => Err(no_terminal()),
        None => runtime.block_on(tui::open(&settings)).map(|ended| match ended {
            Ended::Quit => ExitCode::from(Exit::Ok),
            // As a shell counts it.
            Ended::Signal(number) => ExitCode::from(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        }),
    };
    // Whatever the network still does must not keep anybody waiting.
    runtime.shutdown_background();
    code
}

fn no_terminal() -> Failure {
    Failure::new(Exit::Usage, "the screens need a terminal on standard input and output").next(
        "use a command: `sluice overview`, `sluice orders list --limbo`, `sluice events`; add --json for programs; \
         `sluice --help` shows all",
    )
}

fn tell(failure: &Failure) -> ExitCode {
    // A reader that went away is no failure, and nobody reads about it.
    if failure.exit != Exit::Ok {
        output::remark(&format!("sluice: {failure}"), Charset::Utf8);
    }
    failure.exit.into()
}
