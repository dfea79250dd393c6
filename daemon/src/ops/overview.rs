//! The figures of the first screen, and what is wrong.

use std::time::Duration;

use sluice_core::breaker::Gate;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::figures::{Figures, LedgerLook};
use super::view::{millis, ppm};
use crate::channel::Channel;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::read::standing::{Standing, Waiting};

/// From then on limbo is critical: somebody's money has been in the dark for that long.
const LIMBO_CRITICAL: Duration = Duration::from_secs(1800);

pub(super) async fn overview(d: &Daemon, figures: &Figures) -> Result<pb::OverviewReply, Status> {
    let standing = figures.standing(d).await?;
    let (api, ledger, now) = (d.stats.figures(), figures.ledger(), clock::now());
    let (minute, hour, paid_spark, created_spark) = figures
        .with_rates(|r| (r.minute(now), r.hour(now), r.spark(now, |c| c.paid), r.spark(now, |c| c.created)));
    let limbo = standing.limbo();
    Ok(pb::OverviewReply {
        now_ms: now.millis(),
        created_1m: minute.created,
        paid_1m: minute.paid,
        closed_1m: minute.closed,
        success_ppm_1h: ppm(hour.paid, hour.ended()),
        ended_1h: hour.ended(),
        api_p50_ms: whole_millis(api.p50),
        api_p99_ms: whole_millis(api.p99),
        refused_1m: api.refused,
        open_orders: standing.open_orders,
        limbo: limbo.count,
        limbo_oldest_ms: millis(limbo.oldest),
        callbacks_stuck: standing.stuck.count,
        callbacks_stuck_oldest_ms: millis(standing.stuck.oldest),
        callbacks_pending: standing.undelivered.count.saturating_sub(standing.stuck.count),
        tasks_due: standing.tasks_due,
        suspense_open: standing.suspense.count,
        trial_balance_zero: ledger.off().next().is_none(),
        paid_spark,
        created_spark,
        alerts: alerts(d, &standing, &ledger, now),
    })
}

/// Rounded up: an answer that took any time is not shown as none.
fn whole_millis(d: Duration) -> u32 {
    u32::try_from(d.as_micros().div_ceil(1000)).unwrap_or(u32::MAX)
}

/// What is wrong, the worst first.
fn alerts(d: &Daemon, standing: &Standing, ledger: &LedgerLook, now: Timestamp) -> Vec<pb::Alert> {
    let mut alerts = Vec::new();
    if let Some(violation) = &ledger.violation {
        let text = format!("the books do not hold: {violation}; run: sluiced ledger check");
        alerts.push(alert("critical", "ledger", text, ledger.proved_at));
    }
    for (currency, off) in ledger.off() {
        let text =
            format!("the trial balance of {currency} is off by {off} minor units; run: sluiced ledger check");
        alerts.push(alert("critical", "ledger", text, ledger.off_since));
    }
    alerts.extend(d.channels.iter().filter_map(|c| channel_down(c)));
    for (channel, limbo) in standing.limbo.iter().filter(|(_, limbo)| limbo.count > 0) {
        let old = limbo.oldest.is_some_and(|since| now.since(since) >= LIMBO_CRITICAL);
        let text = format!("{} of {channel} in limbo: no usable answer", orders(limbo.count));
        alerts.push(alert(if old { "critical" } else { "warning" }, "limbo", text, limbo.oldest));
    }
    let Waiting { count, oldest } = standing.stuck;
    if count > 0 {
        let s = if count == 1 { "" } else { "s" };
        alerts.push(alert("warning", "callbacks_stuck", format!("{count} callback{s} stuck"), oldest));
    }
    let Waiting { count, oldest } = standing.suspense;
    if count > 0 {
        let s = if count == 1 { "" } else { "s" };
        let text = format!("{count} payment{s} in suspense: a person decides");
        alerts.push(alert("warning", "suspense", text, oldest));
    }
    alerts.sort_by_key(|a| a.severity != "critical");
    alerts
}

fn channel_down(channel: &Channel) -> Option<pb::Alert> {
    let until = match channel.gate() {
        Gate::Closed => return None,
        Gate::Open(until) => format!("not asked until {until}"),
        Gate::HalfOpen => "a probe is on its way".to_owned(),
    };
    let (since, error) = channel.health.figures().last_error.unzip();
    let text = format!("{} is down: {}; {until}", channel.name, error.unwrap_or_default());
    Some(alert("critical", "channel_down", text, since))
}

fn orders(n: u64) -> String {
    if n == 1 { "1 order".to_owned() } else { format!("{n} orders") }
}

fn alert(severity: &str, kind: &str, text: String, since: Option<Timestamp>) -> pb::Alert {
    pb::Alert { severity: severity.to_owned(), kind: kind.to_owned(), text, since_ms: millis(since) }
}
