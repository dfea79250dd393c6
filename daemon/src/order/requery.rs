//! Asking a channel now, because a person wants to know.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_core::id::OrderId;
use sluice_core::observation::{Observation, Trouble};
use sluice_core::order::{AnyOrder, Source};

use super::settle::{decide_observed, observed};
use super::{AtChannel, Decided, Extra, OrderError, locate};
use crate::channel::Urgency;
use crate::channel::operation::Learned;
use crate::daemon::Daemon;
use crate::store::unit::AuditDraft;

/// What a person's query brought.
#[derive(Debug)]
pub(crate) struct Requeried {
    pub(crate) seen: Observation,
    pub(crate) order: AnyOrder,
    pub(crate) audit_seq: i64,
}

/// Asks at once: goes out though the breaker is open, and never waits behind a query of the schedule.
/// `Ok(None)`: no such order, or the same request was carried out before. The `audit` row is written with what the
/// query brought.
pub(crate) async fn requery(
    d: &Arc<Daemon>,
    id: OrderId,
    wait: Duration,
    mut audit: AuditDraft,
) -> Result<Option<Requeried>, OrderError> {
    let Some(at) = locate(d, id).await? else { return Ok(None) };
    audit.before = json!({"state": at.order.state_number(), "state_version": at.order.state_version()});
    let no = at.attempt.no;
    let learned = ask(d, at, wait).await;
    let seen = learned.what.clone();
    audit.after = json!({"presence": seen.presence, "code": seen.code});
    let extra = Extra { audit: Some(audit), ..Extra::default() };
    Ok(match decide_observed(d, id, no, learned, Source::Query, extra).await? {
        Decided::Done { order, audit_seq } => {
            Some(Requeried { seen, order: *order, audit_seq: audit_seq.unwrap_or_default() })
        }
        Decided::NoSuchOrder | Decided::Refused(_) | Decided::Repeated => None,
    })
}

/// Asks, and waits so long. The query itself is never broken off: it may be the breaker's probe, and an answer that
/// comes later is a fact all the same.
async fn ask(d: &Arc<Daemon>, at: AtChannel, wait: Duration) -> Learned<Observation> {
    let AtChannel { order, attempt, channel } = at;
    let (id, no, daemon) = (order.id(), attempt.no, d.clone());
    let mut asking = d
        .under_way
        .spawn(async move { channel.query(&daemon.vault, &order, &attempt, Urgency::Person).await });
    let unanswered = |code: &str, message: &str| Learned {
        what: Observation::unknown(Trouble::Unreachable, code, message),
        evidence: None,
    };
    match tokio::time::timeout(wait, &mut asking).await {
        Ok(Ok(learned)) => return learned,
        Ok(Err(_)) => return unanswered("broken_off", "the query broke off; the daemon's log says why"),
        Err(_) => {}
    }
    let daemon = d.clone();
    d.under_way.spawn(async move {
        let Ok(late) = asking.await else { return };
        if let Err(error) = observed(&daemon, id, no, late, Source::Query, Extra::default()).await {
            tracing::warn!(order = %id, %error, "a late answer was not stored; the schedule asks again");
        }
    });
    unanswered("timeout", "no answer in the time that the operator waits")
}
