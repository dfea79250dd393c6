//! The ops API of the real daemon, over real gRPC: who may do what, what is shown, what acts do, what the feed tells.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod client;
mod credentials;
mod feed;
mod ledger;
mod listen;
mod orders;
mod payouts;
mod risk;
mod roles;
mod suspense;
