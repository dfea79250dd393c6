//! Channels: accounts at providers, and the one executor that talks to them.
//!
//! The protocol says what bytes to send and what an answer means; this module sends, times out, breaks the circuit,
//! keeps the evidence, and watches each channel's health.

pub(crate) mod disbursement;
pub(crate) mod exchange;
pub(crate) mod health;
pub(crate) mod operation;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use sluice_channels::alipay::{Alipay, AlipayAccount};
use sluice_channels::protocol::Protocol;
use sluice_core::breaker::{Breaker, Gate};
use sluice_core::observation::{Observation, Trouble};
use sluice_core::policy::ChannelPolicy;
use tokio::sync::Semaphore;

use self::health::Health;
use crate::clock;
use crate::config::{ChannelConfig, Config};

/// One account at a provider.
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) config: ChannelConfig,
    pub(crate) policy: ChannelPolicy,
    pub(crate) protocol: Box<dyn Protocol>,
    pub(crate) health: Health,
    /// Where the provider sends notifications.
    notify_url: String,
    breaker: Mutex<Breaker>,
    http: reqwest::Client,
    slots: Semaphore,
}

impl Channel {
    /// What may pass now.
    pub(crate) fn gate(&self) -> Gate {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).gate()
    }

    fn admit(&self, urgency: Urgency) -> bool {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        match urgency {
            Urgency::Automatic => breaker.admit(clock::now()),
            Urgency::Person => {
                breaker.force();
                true
            }
        }
    }

    /// Tells breaker and health what an exchange meant. Only a provider that is not there, or that answers no
    /// protocol at all, is a failure: a refusal is an answer.
    fn note(&self, latency: std::time::Duration, seen: &Observation) {
        let failure = matches!(
            seen.trouble,
            Some(Trouble::Unreachable | Trouble::HttpStatus | Trouble::Garbage | Trouble::BadSignature)
        );
        {
            let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
            if failure { breaker.failed(clock::now()) } else { breaker.succeeded() }
        }
        let error = seen.trouble.map(|_| format!("{} {}", seen.code, seen.message));
        self.health.note(latency, error);
    }
}

/// Who wants an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A schedule: waits for its turn, and stays away while the breaker is open.
    Automatic,
    /// A person or a merchant waits: goes at once, and is the probe if the breaker is open.
    Person,
}

/// Why a channel can't be set up, for the person who configures it.
#[derive(Debug, thiserror::Error)]
#[error("channels.{channel}: {error}")]
pub(crate) struct ChannelError {
    channel: String,
    error: String,
}

/// All channels by name.
pub(crate) struct Channels {
    configured: BTreeMap<String, Arc<Channel>>,
    /// For orders of a channel that is not configured any more: nothing can be sent, but callbacks still end.
    retired: ChannelPolicy,
}

impl Channels {
    pub(crate) fn new(config: &Config) -> Result<Self, ChannelError> {
        let mut configured = BTreeMap::new();
        for (name, settings) in &config.channels {
            let channel = open(name, settings, &config.server.public_url)
                .map_err(|error| ChannelError { channel: name.clone(), error })?;
            configured.insert(name.clone(), Arc::new(channel));
        }
        Ok(Self { configured, retired: ChannelPolicy::default() })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Channel>> {
        self.configured.get(name)
    }

    /// A channel's settings, also of one that is not configured any more.
    pub(crate) fn policy(&self, name: &str) -> &ChannelPolicy {
        self.get(name).map_or(&self.retired, |channel| &channel.policy)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Channel>> {
        self.configured.values()
    }
}

fn open(name: &str, config: &ChannelConfig, public_url: &str) -> Result<Channel, String> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let protocol: Box<dyn Protocol> = match config.provider.as_str() {
        "alipay" => {
            let account = AlipayAccount {
                gateway_url: config.gateway_url.clone(),
                app_id: config.app_id.clone(),
                seller_id: config.seller_id.clone(),
                private_key_pem: SecretString::from(read(&config.private_key_file)?),
                provider_public_key_pem: read(&config.provider_public_key_file)?,
            };
            Box::new(Alipay::new(account).map_err(|e| e.to_string())?)
        }
        other => return Err(format!("provider `{other}` is not known; known: alipay")),
    };
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(config.query_timeout)
        .pool_max_idle_per_host(config.concurrency)
        .user_agent(concat!("sluice/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| e.to_string())?;
    Ok(Channel {
        name: name.to_owned(),
        policy: config.policy(protocol.capabilities()),
        health: Health::default(),
        notify_url: format!("{public_url}/notify/{name}"),
        breaker: Mutex::new(Breaker::new(config.breaker())),
        http,
        slots: Semaphore::new(config.concurrency.max(1)),
        config: config.clone(),
        protocol,
    })
}
