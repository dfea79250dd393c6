//! The configuration: one TOML file, every key also an environment variable. `docs/sluiced.example.toml` shows all.

mod channel;
mod desk;
mod env;
mod limits;
mod load;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sluice_core::risk::{DayOffset, Network};

pub(crate) use channel::ChannelConfig;
pub(crate) use desk::DeskConfig;
pub(crate) use limits::LimitsConfig;
pub(crate) use load::load;

/// Everything that is configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    #[serde(default)]
    pub(crate) ops: Ops,
    pub(crate) store: StoreConfig,
    pub(crate) secrets: Secrets,
    #[serde(default)]
    pub(crate) log: Log,
    #[serde(default)]
    pub(crate) callback: CallbackConfig,
    #[serde(default)]
    pub(crate) recharge: RechargeConfig,
    #[serde(default)]
    pub(crate) trade: TradeConfig,
    #[serde(default)]
    pub(crate) risk: RiskConfig,
    #[serde(default)]
    pub(crate) limits: LimitsConfig,
    #[serde(default)]
    pub(crate) desk: DeskConfig,
    #[serde(default)]
    pub(crate) task: TaskConfig,
    #[serde(default)]
    pub(crate) channels: std::collections::BTreeMap<String, ChannelConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    #[serde(default)]
    pub(crate) public_prefix: String,
    #[serde(default = "secs::<20>", with = "humantime_serde")]
    pub(crate) shutdown_timeout: Duration,
    #[serde(default = "secs::<10>", with = "humantime_serde")]
    pub(crate) request_timeout: Duration,
    #[serde(default = "default_connections")]
    pub(crate) max_connections: usize,
    #[serde(default = "secs::<7200>", with = "humantime_serde")]
    pub(crate) token_lifetime: Duration,
    #[serde(default)]
    pub(crate) trusted_proxies: Vec<Network>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ops {
    pub(crate) socket: PathBuf,
    pub(crate) listen: String,
    pub(crate) tls_cert_file: PathBuf,
    pub(crate) tls_key_file: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreConfig {
    pub(crate) url: String,
    #[serde(default = "secs::<15_552_000>", with = "humantime_serde")]
    pub(crate) evidence_kept: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    pub(crate) master_key_file: PathBuf,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CallbackConfig {
    #[serde(deserialize_with = "durations")]
    pub(crate) schedule: Vec<Duration>,
    #[serde(with = "humantime_serde")]
    pub(crate) timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub(crate) stuck_after: Duration,
    pub(crate) allow_http: bool,
    pub(crate) allow_private_addresses: bool,
    pub(crate) per_endpoint: usize,
}

impl Default for CallbackConfig {
    fn default() -> Self {
        let schedule = [0, 5, 15, 30, 60, 180, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 36_000]
            .map(Duration::from_secs);
        Self {
            schedule: schedule.to_vec(),
            timeout: Duration::from_secs(10),
            stuck_after: Duration::from_secs(120),
            allow_http: false,
            allow_private_addresses: false,
            per_endpoint: 8,
        }
    }
}

/// Writes the section of a kind whose orders wait as long as the merchant chooses, within bounds.
macro_rules! expiry_section {
    ($(#[$doc:meta])* $name:ident, usual $usual:literal s, at most $most:literal s) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            #[serde(with = "humantime_serde")]
            pub(crate) min_expires_in: Duration,
            #[serde(with = "humantime_serde")]
            pub(crate) max_expires_in: Duration,
            #[serde(with = "humantime_serde")]
            pub(crate) default_expires_in: Duration,
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    min_expires_in: Duration::from_secs(60),
                    max_expires_in: Duration::from_secs($most),
                    default_expires_in: Duration::from_secs($usual),
                }
            }
        }

        impl $name {
            /// The three as one.
            pub(crate) fn expiry(&self) -> Expiry {
                Expiry { min: self.min_expires_in, max: self.max_expires_in, usual: self.default_expires_in }
            }
        }
    };
}

expiry_section! {
    /// How long payers can pay.
    RechargeConfig, usual 7_200 s, at most 604_800 s
}
expiry_section! {
    /// How long a hold waits to be captured.
    TradeConfig, usual 604_800 s, at most 2_592_000 s
}

/// How long orders of a kind wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expiry {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
    /// Where the merchant does not say.
    pub(crate) usual: Duration,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RiskConfig {
    /// Where the days of daily limits begin.
    pub(crate) day_offset: DayOffset,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TaskConfig {
    #[serde(with = "humantime_serde")]
    pub(crate) lease: Duration,
    pub(crate) concurrency: usize,
}

impl Default for TaskConfig {
    fn default() -> Self {
        Self { lease: Duration::from_secs(60), concurrency: 256 }
    }
}

fn secs<const N: u64>() -> Duration {
    Duration::from_secs(N)
}

fn default_connections() -> usize {
    4096
}

/// A list of humantime texts.
fn durations<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<Duration>, D::Error> {
    let texts = Vec::<String>::deserialize(d)?;
    texts.iter().map(|t| humantime::parse_duration(t).map_err(serde::de::Error::custom)).collect()
}
