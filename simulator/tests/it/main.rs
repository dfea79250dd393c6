//! The simulator from outside: its wires, its control calls, its sample merchant, its client.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test may fail

mod alipay;
mod books;
mod client;
mod common;
mod control;
mod merchant;
mod outgoing;
mod payouts;
mod recipes;
mod refunds;
