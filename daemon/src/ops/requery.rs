//! Asking a channel now. It can only bring facts, so it needs no reason.

use std::sync::Arc;
use std::time::Duration;

use sluice_core::id::OrderId;
use sluice_core::observation::Presence;
use sluice_core::order::AnyOrder;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::act::Deed;
use super::orders::{no_such_order, parse_id};
use super::view;
use crate::clock;
use crate::daemon::Daemon;
use crate::order;
use crate::order::view::views;
use crate::store::read::audit::AuditRow;
use crate::store::unit::AuditDraft;

/// The longest that an operator waits for the channel.
const MAX_WAIT: Duration = Duration::from_secs(10);

pub(super) struct Requery {
    order_id: OrderId,
    wait: Duration,
}

impl Requery {
    pub(super) fn new(order_id: &str, wait_ms: u32) -> Result<Self, Status> {
        let wait = match wait_ms {
            0 => MAX_WAIT,
            ms => Duration::from_millis(ms.into()).min(MAX_WAIT),
        };
        Ok(Self { order_id: parse_id(order_id)?, wait })
    }
}

impl Deed for Requery {
    const ACTION: &'static str = "order.requery";
    type Reply = pb::RequeryReply;

    fn target(&self) -> String {
        self.order_id.to_string()
    }

    async fn carry_out(&self, d: &Arc<Daemon>, audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let Some(done) = order::requery::requery(d, self.order_id, self.wait, audit).await? else {
            return match d.store.order(self.order_id).await? {
                Some(order) if order.attempt().is_none() => {
                    Err(Status::failed_precondition("the order needs no channel: there is nobody to ask"))
                }
                Some(_) => Ok(None),
                None => Err(no_such_order(&self.target())),
            };
        };
        let seen = done.seen;
        Ok(Some(pb::RequeryReply {
            answered: seen.presence.is_usable(),
            presence: view::word(seen.presence),
            code: seen.code,
            message: seen.message,
            order: seen_now(d, done.order).await?,
            audit_seq: done.audit_seq,
        }))
    }

    /// No second query: the order as it stands, and what was heard then.
    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        let order = d.store.order(self.order_id).await?.ok_or_else(|| no_such_order(&self.target()))?;
        let after: serde_json::Value = serde_json::from_str(&row.after).unwrap_or_default();
        let text = |name: &str| after[name].as_str().unwrap_or_default().to_owned();
        let presence = serde_json::from_value(after["presence"].clone()).unwrap_or(Presence::Unknown);
        Ok(pb::RequeryReply {
            answered: presence.is_usable(),
            presence: view::word(presence),
            code: text("code"),
            message: text("message"),
            order: seen_now(d, order).await?,
            audit_seq: row.seq,
        })
    }
}

async fn seen_now(d: &Daemon, order: AnyOrder) -> Result<Option<pb::OrderView>, Status> {
    Ok(views(d, vec![order], clock::now()).await?.pop().map(view::order))
}
