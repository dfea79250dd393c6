//! `sluiced`: the Sluice daemon. Signed merchant API, channel adapters, ledger, callback queue, ops API.
//!
//! Imports point one way: `main → cli → api, ops, work → order → wallet, channel, store → sluice-channels →
//! sluice-core`. `store` and `channel` do not know each other; `api` and `ops` do not know each other.

mod api;
mod callback;
mod channel;
mod cli;
mod clock;
mod config;
mod daemon;
mod ops;
mod order;
mod risk;
mod stats;
mod store;
mod telemetry;
mod wallet;
mod work;

fn main() -> std::process::ExitCode {
    cli::run()
}
