//! `sluice-sim`: see `sluice-sim --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sluice_sim::cli::main()
}
