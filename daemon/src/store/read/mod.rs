//! Reads, one file per question that somebody asks.

pub(crate) mod apps;
pub(crate) mod audit;
pub(crate) mod callbacks;
pub(crate) mod credentials;
pub(crate) mod events;
pub(crate) mod ledger;
pub(crate) mod operators;
pub(crate) mod order_row;
pub(crate) mod orders;
pub(crate) mod tasks;
pub(crate) mod wallet_keys;
