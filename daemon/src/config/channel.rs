//! A channel account's settings.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use sluice_channels::protocol::Capabilities;
use sluice_core::breaker::BreakerSettings;
use sluice_core::policy::{ChannelPolicy, LatePolicy};
use sluice_core::schedule::RequerySchedule;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Late {
    #[default]
    Credit,
    Suspend,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelConfig {
    pub(crate) provider: String,
    pub(crate) gateway_url: String,
    pub(crate) app_id: String,
    pub(crate) seller_id: String,
    pub(crate) private_key_file: PathBuf,
    pub(crate) provider_public_key_file: PathBuf,
    #[serde(default = "super::secs::<5>", with = "humantime_serde")]
    pub(crate) create_timeout: Duration,
    #[serde(default = "super::secs::<10>", with = "humantime_serde")]
    pub(crate) query_timeout: Duration,
    #[serde(default = "requery_schedule", deserialize_with = "super::durations")]
    pub(crate) requery_schedule: Vec<Duration>,
    #[serde(default = "super::secs::<120>", with = "humantime_serde")]
    pub(crate) limbo_after: Duration,
    #[serde(default = "super::secs::<60>", with = "humantime_serde")]
    pub(crate) expiry_margin: Duration,
    #[serde(default)]
    pub(crate) late: Late,
    #[serde(default)]
    pub(crate) fee_ppm: i64,
    #[serde(default)]
    pub(crate) payout_fee_ppm: i64,
    #[serde(default = "payout_watch", deserialize_with = "super::durations")]
    pub(crate) payout_watch: Vec<Duration>,
    /// Where not set, what the provider is known to need.
    #[serde(default, with = "humantime_serde")]
    pub(crate) refund_spacing: Option<Duration>,
    #[serde(default, with = "humantime_serde")]
    pub(crate) refusal_margin: Option<Duration>,
    #[serde(default = "concurrency")]
    pub(crate) concurrency: usize,
    #[serde(default = "breaker_failures")]
    pub(crate) breaker_failures: u32,
    #[serde(default = "super::secs::<30>", with = "humantime_serde")]
    pub(crate) breaker_cooldown: Duration,
}

impl ChannelConfig {
    /// What decisions need to know of it.
    pub(crate) fn policy(&self, can: &Capabilities) -> ChannelPolicy {
        ChannelPolicy {
            late: match self.late {
                Late::Credit => LatePolicy::Credit,
                Late::Suspend => LatePolicy::Suspend,
            },
            fee_ppm: self.fee_ppm,
            payout_fee_ppm: self.payout_fee_ppm,
            requery: RequerySchedule(self.requery_schedule.clone()),
            expiry_margin: self.expiry_margin,
            limbo_after: self.limbo_after,
            create_timeout: self.create_timeout,
            not_found_while_payable: can.not_found_while_payable,
            refund_spacing: self.refund_spacing.unwrap_or(can.refund_spacing),
            refusal_margin: self.refusal_margin.unwrap_or(can.refund_shown_within),
            payout_watch: self.payout_watch.clone(),
        }
    }

    pub(crate) fn breaker(&self) -> BreakerSettings {
        BreakerSettings { failures: self.breaker_failures.max(1), cooldown: self.breaker_cooldown }
    }
}

fn requery_schedule() -> Vec<Duration> {
    [60, 120, 180, 300, 600, 900, 1800].map(Duration::from_secs).to_vec()
}

/// When a paid payout is looked at again: banks return most of what they return within three days.
fn payout_watch() -> Vec<Duration> {
    [600, 3600, 6 * 3600, 86_400, 86_400, 86_400].map(Duration::from_secs).to_vec()
}

fn concurrency() -> usize {
    64
}

fn breaker_failures() -> u32 {
    20
}
