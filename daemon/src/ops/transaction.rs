//! What an act writes in one transaction: its records, what is told of it, and its audit row.

use serde_json::Value;
use sluice_core::change::{Change, Event, Guard, Origin};
use sluice_core::time::Timestamp;
use tonic::Status;

use crate::daemon::Daemon;
use crate::store::unit::{AuditDraft, Outcome, Record, Unit};

/// Writes all of it; the audit row's number, or `None` if it was done before or a guard did not hold.
pub(super) async fn write(
    d: &Daemon,
    guards: Vec<Guard>,
    records: Vec<Record>,
    told: Event,
    audit: AuditDraft,
) -> Result<Option<i64>, Status> {
    let change = Change { guards, events: vec![told], ..Change::default() };
    let unit = Unit { change, records, audit: Some(audit) };
    Ok(match d.store.commit(unit).await? {
        Outcome::Done { audit_seq } => audit_seq,
        Outcome::Repeated | Outcome::Refused(_) => None,
    })
}

/// What the feed says of an act on an app.
pub(super) fn told(
    kind: &'static str,
    summary: String,
    client_id: &str,
    detail: Value,
    at: Timestamp,
) -> Event {
    let client_id = Some(client_id.to_owned());
    Event { at, origin: Origin::Operator, kind, summary, order: None, client_id, evidence_id: None, detail }
}

/// `before` or `after` of an audit row.
pub(super) fn facts(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

pub(super) fn no_such_app() -> Status {
    Status::not_found("there is no app with this client_id")
}
