//! Callbacks to merchants: lists, one with its attempts, and sending one again.

use std::sync::Arc;

use sluice_core::order::CallbackState;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::act::Deed;
use super::cursor::{page, page_key, page_size};
use super::view::{millis, small};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::replay::{Replayed, replay};
use crate::store::read::audit::AuditRow;
use crate::store::read::callbacks::{CallbackAttemptRow, CallbackFilter, CallbackRow};
use crate::store::unit::AuditDraft;

/// An undelivered callback that was tried and is older than this counts as stuck.
pub(super) fn stuck_before(d: &Daemon, now: Timestamp) -> Timestamp {
    now - d.config.callback.stuck_after
}

/// A page of callbacks, oldest first.
pub(super) async fn list(
    d: &Daemon,
    ask: pb::ListCallbacksRequest,
) -> Result<pb::ListCallbacksReply, Status> {
    let size = page_size(ask.limit);
    let stuck_before = stuck_before(d, clock::now());
    let filter = CallbackFilter {
        stuck_before: ask.stuck.then_some(stuck_before),
        undelivered: ask.undelivered,
        client_id: ask.client_id,
        endpoint: ask.endpoint,
        order_id: ask.order_id,
        after: page_key(&ask.cursor)?.unwrap_or_default(),
        limit: size + 1,
    };
    let rows = d.store.list_callbacks(&filter).await?;
    let (rows, next_cursor) = page(rows, size, |row| row.callback_id.clone());
    let items = rows.into_iter().map(|row| message(row, stuck_before)).collect();
    Ok(pb::ListCallbacksReply { items, next_cursor })
}

/// One callback with its attempts and its body.
pub(super) async fn get(d: &Daemon, callback_id: &str) -> Result<pb::CallbackDetail, Status> {
    let row = stored(d, callback_id).await?;
    let attempts = d.store.callback_attempts(&row.callback_id).await?;
    let body = pretty(&row.body);
    Ok(pb::CallbackDetail {
        callback: Some(message(row, stuck_before(d, clock::now()))),
        attempts: attempts.into_iter().map(attempt).collect(),
        body,
    })
}

async fn stored(d: &Daemon, callback_id: &str) -> Result<CallbackRow, Status> {
    let found = d.store.callback(callback_id.trim()).await?;
    found.ok_or_else(|| Status::not_found("there is no callback with this id"))
}

fn pretty(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned())
}

pub(super) fn message(row: CallbackRow, stuck_before: Timestamp) -> pb::Callback {
    let late = row.state == CallbackState::Pending && row.attempts > 0 && row.created_at <= stuck_before;
    let delivered = row.state == CallbackState::Delivered;
    pb::Callback {
        stuck: late || row.state == CallbackState::Stuck,
        callback_id: row.callback_id,
        order_id: row.order_id.to_string(),
        client_id: row.client_id,
        merchant_order_no: row.merchant_order_no,
        r#type: row.kind,
        state: row.state.name().to_owned(),
        attempts: row.attempts,
        url: row.url,
        endpoint: row.endpoint,
        created_at_ms: row.created_at.millis(),
        next_attempt_at_ms: millis(row.next_attempt_at),
        delivered_at_ms: millis(row.ended_at.filter(|_| delivered)),
        last_status: row.last_status.unwrap_or_default(),
        last_error: row.last_error,
        last_detail: row.last_detail,
        last_attempt_at_ms: millis(row.last_attempt_at),
        amount: Some(pb::Money { minor: row.amount_minor, currency: row.currency }),
    }
}

fn attempt(row: CallbackAttemptRow) -> pb::CallbackAttempt {
    pb::CallbackAttempt {
        no: row.no,
        at_ms: row.at.millis(),
        latency_ms: small(row.latency_ms),
        status: row.status.unwrap_or_default(),
        error: row.error,
        detail: row.detail,
        body: String::from_utf8_lossy(&row.body).into_owned(),
        key_id: row.key_id,
        password_version: row.password_version,
        by: row.by,
    }
}

/// Sending a callback again, its schedule from the start.
pub(super) struct Replay {
    pub(super) callback_id: String,
    pub(super) by: String,
}

impl Deed for Replay {
    const ACTION: &'static str = "callback.replay";
    type Reply = pb::ReplayCallbackReply;

    fn target(&self) -> String {
        self.callback_id.trim().to_owned()
    }

    async fn carry_out(&self, d: &Arc<Daemon>, audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let row = stored(d, &self.callback_id).await?;
        match replay(d, &row, &self.by, vec![], vec![], Some(audit)).await? {
            Replayed::Done { audit_seq } => self.reply(d, audit_seq.unwrap_or_default()).await.map(Some),
            Replayed::Superseded => Err(Status::failed_precondition(
                "a newer fact took this callback's place before it was acknowledged; \
                 sending it would mislead the merchant: replay the order's newest one",
            )),
            Replayed::Refused(_) | Replayed::Repeated => Ok(None),
        }
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl Replay {
    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::ReplayCallbackReply, Status> {
        let row = stored(d, &self.callback_id).await?;
        let callback = Some(message(row, stuck_before(d, clock::now())));
        Ok(pb::ReplayCallbackReply { callback, audit_seq })
    }
}
