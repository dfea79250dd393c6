//! Channels with their health.

use sluice_core::breaker::Gate;
use sluice_core::order::Method;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::figures::Figures;
use super::view::{millis, ppm};
use crate::channel::Channel;
use crate::daemon::Daemon;
use crate::store::read::standing::Waiting;

/// Below this share of good answers a channel is degraded.
const DEGRADED_BELOW_PPM: u32 = 900_000;

/// Every configured channel.
pub(super) async fn list(d: &Daemon, figures: &Figures) -> Result<pb::ListChannelsReply, Status> {
    let standing = figures.standing(d).await?;
    let items = d.channels.iter().map(|c| message(c, &standing.limbo_of(&c.name))).collect();
    Ok(pb::ListChannelsReply { items })
}

fn message(channel: &Channel, limbo: &Waiting) -> pb::Channel {
    let (figures, capabilities) = (channel.health.figures(), channel.protocol.capabilities());
    let success_ppm = ppm(figures.calls.saturating_sub(figures.failures), figures.calls);
    let (breaker, until) = match channel.gate() {
        Gate::Closed => ("closed", None),
        Gate::Open(until) => ("open", Some(until)),
        Gate::HalfOpen => ("half_open", None),
    };
    let health = if breaker != "closed" {
        "down"
    } else if success_ppm < DEGRADED_BELOW_PPM || limbo.count > 0 {
        "degraded"
    } else {
        "ok"
    };
    let (last_error_at, last_error) = figures.last_error.unzip();
    pb::Channel {
        channel: channel.name.clone(),
        provider: capabilities.provider.to_owned(),
        health: health.to_owned(),
        breaker: breaker.to_owned(),
        breaker_until_ms: millis(until),
        calls: figures.calls,
        success_ppm,
        p50_ms: figures.p50_ms,
        p99_ms: figures.p99_ms,
        latency_spark: figures.spark,
        last_error: last_error.unwrap_or_default(),
        last_error_at_ms: millis(last_error_at),
        limbo: limbo.count,
        limbo_oldest_ms: millis(limbo.oldest),
        methods: capabilities.methods.iter().copied().map(Method::name).map(str::to_owned).collect(),
        can_close: capabilities.close,
        can_query: capabilities.query,
        limbo_after_ms: u64::try_from(channel.policy.limbo_after.as_millis()).unwrap_or(u64::MAX),
        last_notification_at_ms: millis(figures.last_notification_at),
    }
}
