//! The loop around every decision on an existing order.

use sluice_core::change::{Change, Guard, TaskId, Write};
use sluice_core::id::OrderId;
use sluice_core::order::{AnyOrder, Recharge, Refusal};
use sluice_core::policy::Context;

use super::OrderError;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{AuditDraft, Outcome, Record, Unit};

/// How often a decision is made anew at once when the order had moved; from then on after a moment.
const AT_ONCE: usize = 5;

/// How often in all: callers meet at an order's row, as many as merchants like (refunds of one order, captures and voids
/// of one hold), and each is to have an answer.
pub(super) const TRIES: usize = 100;

/// What the edge adds to a decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extra {
    pub(crate) records: Vec<Record>,
    pub(crate) audit: Option<AuditDraft>,
    /// The lease under which we decide.
    pub(crate) lease: Option<(TaskId, i64)>,
}

/// What a decision is made on: an order, and where it is a refund, what it refunds.
pub(crate) struct Subject {
    pub(crate) order: AnyOrder,
    original: Option<AnyOrder>,
}

impl Subject {
    /// The recharge that a refund through a channel refunds.
    pub(crate) fn refunded(&self) -> Result<&Recharge, Refusal> {
        self.original.as_ref().ok_or(Refusal::AnotherKind)?.recharge()
    }

    pub(crate) async fn load(d: &Daemon, id: OrderId) -> Result<Option<Self>, OrderError> {
        let Some(order) = d.store.order(id).await? else { return Ok(None) };
        let original = match &order {
            AnyOrder::Refund(refund) => d.store.order(refund.details.original).await?,
            _ => None,
        };
        Ok(Some(Self { order, original }))
    }
}

/// What came of a decision.
#[derive(Debug)]
pub(crate) enum Decided {
    /// Stored; the order as it is now.
    Done {
        order: Box<AnyOrder>,
        audit_seq: Option<i64>,
    },
    NoSuchOrder,
    /// Another guard than an order's version did not hold: credentials, nonce, lease, balance.
    Refused(Guard),
    /// The same operator's request was carried out before.
    Repeated,
}

/// Loads an order, decides, stores; decides anew if the order had moved.
pub(crate) async fn decide(
    d: &Daemon,
    id: OrderId,
    extra: Extra,
    decision: impl Fn(&Subject, &Context<'_>) -> Result<Change, Refusal>,
) -> Result<Decided, OrderError> {
    for round in 0..TRIES {
        let Some(subject) = Subject::load(d, id).await? else { return Ok(Decided::NoSuchOrder) };
        let channel = subject.order.attempt().map_or("", |a| a.channel.as_str());
        let policy = d.channels.policy(channel);
        let ctx = Context { now: clock::now(), random: clock::random(), policy };
        let mut change = decision(&subject, &ctx)?;
        if let Some((task, fence)) = &extra.lease {
            change.guards.push(Guard::TaskFence { task: task.clone(), fence: *fence });
        }
        let after = order_after(&change, id).unwrap_or(subject.order);
        let unit = Unit { change, records: extra.records.clone(), audit: extra.audit.clone() };
        match d.store.commit(unit).await? {
            Outcome::Done { audit_seq } => return Ok(Decided::Done { order: Box::new(after), audit_seq }),
            Outcome::Refused(Guard::OrderVersion { .. }) => step_back(round).await,
            Outcome::Refused(guard) => return Ok(Decided::Refused(guard)),
            Outcome::Repeated => return Ok(Decided::Repeated),
        }
    }
    Err(OrderError::Contended)
}

/// Lets the others of a crowd go first: a moment, by chance, growing with the rounds.
pub(super) async fn step_back(round: usize) {
    if round >= AT_ONCE {
        let millis = clock::random() % (round as u128 + 1);
        tokio::time::sleep(std::time::Duration::from_millis(millis as u64)).await;
    }
}

/// The order as a change leaves it.
pub(super) fn order_after(change: &Change, id: OrderId) -> Option<AnyOrder> {
    change.writes.iter().find_map(|w| match w {
        Write::UpdateOrder(order) if order.id() == id => Some((**order).clone().written()),
        _ => None,
    })
}
