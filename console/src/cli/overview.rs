//! `sluice overview`.

use sluice_proto::v1 as pb;

use super::channels::percent;
use super::{Context, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::time;

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let hello = answer(context.client.ops().hello(pb::HelloRequest {}), DEADLINE).await?;
    let o = answer(context.client.ops().overview(pb::OverviewRequest {}), DEADLINE).await?;
    if context.output.json {
        context.output.value(&json::overview(&hello, &o))?;
        return Ok(Exit::Ok);
    }
    let now = context.now();
    let oldest = |at: i64| if at == 0 { String::new() } else { format!(", oldest {}", time::age(at, now)) };
    context.output.facts(&[
        ("daemon", format!("{} {}, up {}", hello.daemon, hello.version, time::age(hello.started_at_ms, now))),
        ("operator", format!("{} ({})", hello.operator, hello.role)),
        (
            "orders, last minute",
            format!("{} created, {} paid, {} closed", o.created_1m, o.paid_1m, o.closed_1m),
        ),
        (
            "success, last hour",
            format!("{} of {} ended", percent(o.success_ppm_1h, o.ended_1h > 0), o.ended_1h),
        ),
        ("API latency", format!("p50 {} ms, p99 {} ms", o.api_p50_ms, o.api_p99_ms)),
        ("refused, last minute", o.refused_1m.to_string()),
        ("open orders", o.open_orders.to_string()),
        ("in limbo", format!("{}{}", o.limbo, oldest(o.limbo_oldest_ms))),
        ("callbacks stuck", format!("{}{}", o.callbacks_stuck, oldest(o.callbacks_stuck_oldest_ms))),
        ("callbacks pending", o.callbacks_pending.to_string()),
        ("tasks due", o.tasks_due.to_string()),
        ("in suspense", o.suspense_open.to_string()),
        ("trial balance", if o.trial_balance_zero { "zero" } else { "NOT ZERO" }.to_owned()),
    ])?;
    for alert in &o.alerts {
        context.output.line(&format!(
            "{}: {} ({})",
            alert.severity,
            alert.text,
            time::ago(alert.since_ms, now)
        ))?;
    }
    Ok(Exit::Ok)
}
