//! Sending a callback again, because a person or the merchant wants it.

use serde_json::json;
use sluice_core::change::{Change, Event, Guard, Origin, TaskChange, TaskId};
use sluice_core::order::CallbackState;

use super::OrderError;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::read::callbacks::CallbackRow;
use crate::store::unit::{AuditDraft, Outcome, Record, Unit};

/// What came of a replay.
#[derive(Debug)]
pub(crate) enum Replayed {
    /// The next attempt is due now, and the schedule begins anew.
    Done {
        audit_seq: Option<i64>,
    },
    /// A newer fact took its place; sending it would mislead.
    Superseded,
    Refused(Guard),
    Repeated,
}

/// Makes a callback due now. One that was delivered is sent once more; its order does not change by it.
pub(crate) async fn replay(
    d: &Daemon,
    callback: &CallbackRow,
    by: &str,
    guards: Vec<Guard>,
    writes: Vec<sluice_core::change::Write>,
    mut audit: Option<AuditDraft>,
) -> Result<Replayed, OrderError> {
    if callback.state == CallbackState::Superseded {
        return Ok(Replayed::Superseded);
    }
    let now = clock::now();
    let audited = audit.is_some();
    if let Some(audit) = &mut audit {
        audit.before = json!({"state": callback.state, "attempts": callback.attempts});
        audit.after = json!({"state": "pending", "due_at": now});
    }
    let change = Change {
        guards,
        writes,
        tasks: vec![TaskChange::Schedule {
            task: TaskId::callback(&callback.callback_id),
            due_at: now,
            attempt: 0,
            last_error: None,
        }],
        events: vec![Event {
            at: now,
            origin: if audited { Origin::Operator } else { Origin::Api },
            kind: "callback.replayed",
            summary: format!("{} is sent again, by {by}", callback.kind),
            order: Some(callback.order_id),
            client_id: Some(callback.client_id.clone()),
            evidence_id: None,
            detail: json!({"callback_id": callback.callback_id, "by": by}),
        }],
    };
    let record = Record::CallbackReplayed { callback_id: callback.callback_id.clone(), by: by.to_owned() };
    let unit = Unit { change, records: vec![record], audit };
    Ok(match d.store.commit(unit).await? {
        Outcome::Done { audit_seq } => Replayed::Done { audit_seq },
        Outcome::Refused(guard) => Replayed::Refused(guard),
        Outcome::Repeated => Replayed::Repeated,
    })
}
