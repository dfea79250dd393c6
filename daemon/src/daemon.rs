//! What every part of the daemon works with.

use std::sync::Arc;

use sluice_core::time::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::callback::CallbackClient;
use crate::channel::{ChannelError, Channels};
use crate::clock;
use crate::config::Config;
use crate::risk::{Limits, RulesInForce};
use crate::stats::{Refusals, Stats};
use crate::store::Store;
use crate::wallet::credentials::Credentials;
use crate::wallet::vault::Vault;
use crate::wallet::{WalletError, WalletKeys};

/// One process's parts.
pub(crate) struct Daemon {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) credentials: Credentials,
    pub(crate) wallet_keys: WalletKeys,
    pub(crate) channels: Channels,
    pub(crate) callbacks: CallbackClient,
    /// Apps' risk rules, parsed.
    pub(crate) rules: RulesInForce,
    pub(crate) limits: Limits,
    pub(crate) stats: Stats,
    pub(crate) refusals: Refusals,
    /// This process, in leases and in the console.
    pub(crate) name: String,
    pub(crate) started_at: Timestamp,
    /// Told when the daemon is asked to stop.
    pub(crate) stopping: CancellationToken,
    /// Work that must come to its end before the process does.
    pub(crate) under_way: TaskTracker,
}

/// Why the daemon can't start, for the person who starts it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("store: {0}")]
    Store(#[from] crate::store::StoreError),
    #[error("secrets: {0}")]
    Wallet(#[from] WalletError),
    #[error("secrets.master_key_file: {0}")]
    Vault(#[from] crate::wallet::vault::VaultError),
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("callback: {0}")]
    Callback(String),
}

impl Daemon {
    /// Whether it could start, as far as that shows without the database: the files that are named can be read, and
    /// hold what they should.
    pub(crate) fn check(config: &Config) -> Result<(), StartError> {
        Vault::from_file(&config.secrets.master_key_file)?;
        Channels::new(config)?;
        CallbackClient::new(&config.callback).map_err(StartError::Callback)?;
        Ok(())
    }

    /// Opens the database and reads every key; nothing is served yet.
    pub(crate) async fn start(config: Config) -> Result<Arc<Self>, StartError> {
        let vault = Arc::new(Vault::from_file(&config.secrets.master_key_file)?);
        let channels = Channels::new(&config)?;
        let callbacks = CallbackClient::new(&config.callback).map_err(StartError::Callback)?;
        let store = Store::open(&config.store.url).await?;
        let wallet_keys = WalletKeys::load(&store, &vault).await?;
        Ok(Arc::new(Self {
            credentials: Credentials::new(vault.clone()),
            wallet_keys,
            channels,
            callbacks,
            rules: RulesInForce::default(),
            limits: Limits::new(config.limits),
            stats: Stats::default(),
            refusals: Refusals::default(),
            name: format!("sluiced-{}-{:08x}", std::process::id(), clock::random() as u32),
            started_at: clock::now(),
            stopping: CancellationToken::new(),
            under_way: TaskTracker::new(),
            config,
            store,
            vault,
        }))
    }
}
