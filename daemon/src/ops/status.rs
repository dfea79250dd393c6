//! Failures as gRPC statuses: what a caller did wrong is said; what we did wrong is in the log, under an id.

use std::fmt::Display;

use tonic::Status;

use crate::clock;
use crate::order::OrderError;
use crate::store::StoreError;
use crate::wallet::WalletError;

/// A failure of ours.
pub(super) fn internal(error: &dyn Display) -> Status {
    let id = clock::new_id("err");
    tracing::error!(id, %error, "an ops call failed");
    Status::internal(format!("the daemon failed; its log says why, under {id}"))
}

impl From<StoreError> for Status {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stopped => Self::unavailable("the daemon is stopping; connect again"),
            other => internal(&other),
        }
    }
}

impl From<WalletError> for Status {
    fn from(error: WalletError) -> Self {
        match error {
            WalletError::Store(error) => error.into(),
            other => internal(&other),
        }
    }
}

impl From<OrderError> for Status {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Store(error) => error.into(),
            OrderError::Wallet(error) => error.into(),
            OrderError::ChannelGone(_) => Self::failed_precondition(error.to_string()),
            OrderError::Contended => Self::aborted("the order changed at every try; try again"),
            OrderError::Refused(_) => internal(&error),
        }
    }
}
