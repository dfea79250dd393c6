//! Apps, or single order types of them, that are stopped. Effective when the call returns, as a rotation is: the guard
//! on a request's credentials looks at it too.

use std::sync::Arc;

use serde_json::{Value, json};
use sluice_core::signing::OrderType;
use sluice_proto::v1 as pb;
use tonic::Status;

use crate::clock;
use crate::daemon::Daemon;
use crate::ops::act::Deed;
use crate::ops::transaction::{no_such_app, told, write};
use crate::store::read::audit::AuditRow;
use crate::store::read::risk::SuspensionRow;
use crate::store::risk::RiskRecord;
use crate::store::unit::{AuditDraft, Record};

/// What is stopped, of an app or ('') of all.
pub(super) async fn of(d: &Daemon, client_id: &str) -> Result<Vec<pb::Suspension>, Status> {
    Ok(d.store.suspensions(client_id).await?.into_iter().map(message).collect())
}

fn message(row: SuspensionRow) -> pb::Suspension {
    pb::Suspension {
        client_id: row.client_id,
        r#type: row.order_type.map_or("", OrderType::name).to_owned(),
        at_ms: row.at.millis(),
        by: row.by,
        reason: row.reason,
    }
}

/// A stop that there is.
async fn standing(
    d: &Daemon,
    client_id: &str,
    order_type: Option<OrderType>,
) -> Result<Option<SuspensionRow>, Status> {
    if !d.store.is_app(client_id).await? {
        return Err(no_such_app());
    }
    Ok(d.store.suspensions(client_id).await?.into_iter().find(|row| row.order_type == order_type))
}

/// What is stopped, for people.
fn what(client_id: &str, order_type: Option<OrderType>) -> String {
    match order_type {
        Some(order_type) => format!("{order_type} of {client_id}"),
        None => client_id.to_owned(),
    }
}

/// As in the audit log.
fn target(client_id: &str, order_type: Option<OrderType>) -> String {
    format!("{client_id} {}", order_type.map_or("all", OrderType::name))
}

fn fact(row: &SuspensionRow) -> Value {
    json!({"suspended": true, "at": row.at, "by": row.by, "reason": row.reason})
}

/// A stop from now on.
pub(super) struct Suspend {
    pub(super) client_id: String,
    /// `None`: the whole app.
    pub(super) order_type: Option<OrderType>,
}

impl Deed for Suspend {
    const ACTION: &'static str = "app.suspend";
    type Reply = pb::SuspendAppReply;

    fn target(&self) -> String {
        target(&self.client_id, self.order_type)
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        if let Some(row) = standing(d, &self.client_id, self.order_type).await? {
            let since = format!("suspended since {}, by {}: {}", row.at, row.by, row.reason);
            return Err(Status::failed_precondition(since));
        }
        let (client_id, order_type, at) = (self.client_id.clone(), self.order_type, clock::now());
        let (by, reason) = (audit.operator.clone(), audit.reason.clone());
        audit.before = json!({"suspended": false});
        audit.after = json!({"suspended": true});
        let summary = format!("{} is suspended, by {by}", what(&client_id, order_type));
        let detail = json!({"order_type": order_type.map(OrderType::name), "by": by});
        let told = told("app.suspended", summary, &client_id, detail, at);
        let record = RiskRecord::Suspend { client_id, order_type, at, by, reason };
        let Some(audit_seq) = write(d, vec![], vec![Record::Risk(record)], told, audit).await? else {
            return Ok(None);
        };
        self.reply(d, audit_seq).await.map(Some)
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl Suspend {
    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::SuspendAppReply, Status> {
        let row = standing(d, &self.client_id, self.order_type).await?;
        Ok(pb::SuspendAppReply { suspension: row.map(message), audit_seq })
    }
}

/// The end of a stop.
pub(super) struct Resume {
    pub(super) client_id: String,
    /// `None`: the whole app.
    pub(super) order_type: Option<OrderType>,
}

impl Deed for Resume {
    const ACTION: &'static str = "app.resume";
    type Reply = pb::ResumeAppReply;

    fn target(&self) -> String {
        target(&self.client_id, self.order_type)
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let (client_id, order_type, at) = (self.client_id.clone(), self.order_type, clock::now());
        let Some(row) = standing(d, &client_id, order_type).await? else {
            let text = format!("{} is not suspended", what(&client_id, order_type));
            return Err(Status::failed_precondition(text));
        };
        let by = audit.operator.clone();
        audit.before = fact(&row);
        audit.after = json!({"suspended": false});
        let summary = format!("{} goes on, by {by}", what(&client_id, order_type));
        let detail = json!({"order_type": order_type.map(OrderType::name), "by": by});
        let told = told("app.resumed", summary, &client_id, detail, at);
        let record = RiskRecord::Resume { client_id, order_type };
        let Some(audit_seq) = write(d, vec![], vec![Record::Risk(record)], told, audit).await? else {
            return Ok(None);
        };
        self.reply(d, audit_seq).await.map(Some)
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl Resume {
    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::ResumeAppReply, Status> {
        Ok(pb::ResumeAppReply { left: of(d, &self.client_id).await?, audit_seq })
    }
}
