//! Keys and passwords: the vault that seals them, the wallet's own keys, and the apps' credentials.

pub(crate) mod credentials;
mod keys;
pub(crate) mod rotate;
pub(crate) mod vault;

pub(crate) use keys::WalletKeys;

use crate::store::StoreError;

/// Why a wallet function failed. Never the effect of an input.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WalletError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    #[error("a key: {0}")]
    Key(String),
}

/// Runs a signature off the async threads: it takes longer than a thread that serves connections may be held.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    // Fails only if the work panicked or the runtime is stopping.
    tokio::task::spawn_blocking(work).await.ok()
}
