//! What is done with orders, wherever the wish comes from (API, notification, task, operator): load, let the core
//! decide, store, and again if the order had moved meanwhile.

pub(crate) mod close;
pub(crate) mod create;
mod decide;
pub(crate) mod desk;
pub(crate) mod disburse;
mod locate;
pub(crate) mod replay;
pub(crate) mod requery;
pub(crate) mod settle;
pub(crate) mod view;

pub(crate) use decide::{Decided, Extra, Subject, decide};
pub(crate) use locate::{AtChannel, locate};

use crate::store::StoreError;
use crate::wallet::WalletError;

/// Why something could not be done with an order. Never the effect of an input.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Wallet(#[from] WalletError),
    #[error("the order's channel `{0}` is not configured any more")]
    ChannelGone(String),
    #[error("the order moved on at every try")]
    Contended,
    #[error("the core refused a step: {0}")]
    Refused(#[from] sluice_core::order::Refusal),
}
