//! Reads, one file per question that somebody asks.

pub(crate) mod apps;
pub(crate) mod audit;
pub(crate) mod callbacks;
pub(crate) mod credentials;
pub(crate) mod diagnosis;
pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod ledger;
pub(crate) mod ledger_check;
pub(crate) mod operators;
pub(crate) mod order_row;
pub(crate) mod order_sets;
pub(crate) mod orders;
pub(crate) mod proposals;
pub(crate) mod risk;
pub(crate) mod standing;
pub(crate) mod statements;
pub(crate) mod suspense;
pub(crate) mod tasks;
pub(crate) mod wallet_keys;
