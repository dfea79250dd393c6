//! The loop around every decision on an existing order.

use sluice_core::change::{Change, Guard, TaskId, Write};
use sluice_core::id::OrderId;
use sluice_core::order::Recharge;
use sluice_core::order::recharge::Refusal;
use sluice_core::policy::Context;

use super::OrderError;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{AuditDraft, Outcome, Record, Unit};

/// How often a decision is made anew when the order had moved.
const TRIES: usize = 5;

/// What the edge adds to a decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extra {
    pub(crate) records: Vec<Record>,
    pub(crate) audit: Option<AuditDraft>,
    /// The lease under which we decide.
    pub(crate) lease: Option<(TaskId, i64)>,
}

/// What came of a decision.
#[derive(Debug)]
pub(crate) enum Decided {
    /// Stored; the order as it is now.
    Done {
        order: Box<Recharge>,
        audit_seq: Option<i64>,
    },
    NoSuchOrder,
    /// Another guard than the order's version did not hold: credentials, nonce, lease.
    Refused(Guard),
    /// The same operator's request was carried out before.
    Repeated,
}

/// Loads an order, decides, stores; decides anew if the order had moved.
pub(crate) async fn decide(
    d: &Daemon,
    id: OrderId,
    extra: Extra,
    decision: impl Fn(&Recharge, &Context<'_>) -> Result<Change, Refusal>,
) -> Result<Decided, OrderError> {
    for _ in 0..TRIES {
        let Some(order) = d.store.recharge(id).await? else { return Ok(Decided::NoSuchOrder) };
        let channel = order.attempt().map_or("", |a| a.channel.as_str());
        let policy = d.channels.policy(channel);
        let ctx = Context { now: clock::now(), random: clock::random(), policy };
        let mut change = decision(&order, &ctx)?;
        if let Some((task, fence)) = &extra.lease {
            change.guards.push(Guard::TaskFence { task: task.clone(), fence: *fence });
        }
        let after = order_after(&change).unwrap_or(order);
        let unit = Unit { change, records: extra.records.clone(), audit: extra.audit.clone() };
        match d.store.commit(unit).await? {
            Outcome::Done { audit_seq } => return Ok(Decided::Done { order: Box::new(after), audit_seq }),
            Outcome::Refused(Guard::OrderVersion { .. }) => {}
            Outcome::Refused(guard) => return Ok(Decided::Refused(guard)),
            Outcome::Repeated => return Ok(Decided::Repeated),
        }
    }
    Err(OrderError::Contended)
}

/// The order as a change leaves it.
fn order_after(change: &Change) -> Option<Recharge> {
    change.writes.iter().find_map(|w| match w {
        Write::UpdateRecharge(order) => {
            let mut after = (**order).clone();
            after.row_version += 1;
            Some(after)
        }
        _ => None,
    })
}
