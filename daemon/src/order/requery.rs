//! Asking a channel now, because a person wants to know.

use std::time::Duration;

use serde_json::json;
use sluice_core::id::OrderId;
use sluice_core::observation::Observation;
use sluice_core::order::Recharge;
use sluice_core::order::recharge::Source;

use super::settle::observed;
use super::{Extra, OrderError};
use crate::channel::Urgency;
use crate::daemon::Daemon;
use crate::store::unit::AuditDraft;

/// What a person's query brought.
#[derive(Debug)]
pub(crate) struct Requeried {
    pub(crate) seen: Observation,
    pub(crate) order: Recharge,
}

/// Asks at once: goes out though the breaker is open, and never waits behind a query of the schedule.
/// `Ok(None)`: no such order, or the same request was carried out before. The `audit` row is written with what the
/// query brought.
pub(crate) async fn requery(
    d: &Daemon,
    id: OrderId,
    wait: Duration,
    mut audit: AuditDraft,
) -> Result<Option<Requeried>, OrderError> {
    let Some(order) = d.store.recharge(id).await? else { return Ok(None) };
    let Some(attempt) = order.attempt().cloned() else { return Ok(None) };
    let channel = d
        .channels
        .get(&attempt.channel)
        .cloned()
        .ok_or_else(|| OrderError::ChannelGone(attempt.channel.clone()))?;
    let query = channel.query(&d.vault, &order, &attempt, Urgency::Person);
    let learned = match tokio::time::timeout(wait, query).await {
        Ok(learned) => learned,
        Err(_) => crate::channel::operation::Learned {
            what: Observation::unknown(
                sluice_core::observation::Trouble::Unreachable,
                "timeout",
                "no answer in the time that the operator waits",
            ),
            evidence: None,
        },
    };
    let seen = learned.what.clone();
    audit.before = json!({"state": order.state.number(), "state_version": order.state_version});
    audit.after = json!({"presence": seen.presence, "code": seen.code});
    let extra = Extra { audit: Some(audit), ..Extra::default() };
    let after = observed(d, id, attempt.no, learned, Source::Query, extra).await?;
    Ok(after.map(|order| Requeried { seen, order }))
}
