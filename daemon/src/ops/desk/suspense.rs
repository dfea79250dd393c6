//! Money in suspense: what waits and what was decided, with what each decision would change; and deciding.

use std::collections::HashMap;
use std::sync::Arc;

use sluice_core::change::{Change, Guard, Proposal, SuspenseReason, SuspenseState};
use sluice_core::each_order;
use sluice_core::id::OrderId;
use sluice_core::money::Amount;
use sluice_core::order::AnyOrder;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::{money, proposal, refused};
use crate::daemon::Daemon;
use crate::ops::act::Deed;
use crate::ops::actions::action;
use crate::ops::auth::Role;
use crate::ops::cursor::{page, page_key, page_size};
use crate::ops::orders::parse_id;
use crate::ops::transaction::facts;
use crate::ops::view::millis;
use crate::order::desk::{Worded, four_eyes, preview, suspense};
use crate::store::desk::Matter;
use crate::store::read::audit::AuditRow;
use crate::store::read::suspense::{SuspenseFilter, SuspensePlace, SuspenseRow};
use crate::store::unit::AuditDraft;

/// A page: what waits, the oldest first, then what is decided, the newest first.
pub(super) async fn list(
    d: &Daemon,
    role: Role,
    ask: pb::ListSuspenseRequest,
) -> Result<pb::ListSuspenseReply, Status> {
    let size = page_size(ask.limit);
    let filter = SuspenseFilter {
        all: ask.all,
        client_id: ask.client_id,
        order: if ask.order_id.is_empty() { None } else { Some(parse_id(&ask.order_id)?) },
        after: page_key(&ask.cursor)?.map(|key| place(&key)).transpose()?,
        limit: size + 1,
    };
    let rows = d.store.list_suspense(&filter).await?;
    let (rows, next_cursor) = page(rows, size, |row| {
        let SuspensePlace { rank, time, order, key } = row.place();
        format!("{rank} {time} {order} {key}")
    });
    let ids: Vec<OrderId> = rows.iter().map(|row| row.order).collect();
    let orders: HashMap<_, _> = d.store.orders(&ids).await?.into_iter().map(|o| (o.id(), o)).collect();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(order) = orders.get(&row.order) {
            items.push(message(d, role, row, order).await?);
        }
    }
    Ok(pb::ListSuspenseReply { items, next_cursor })
}

fn place(cursor: &str) -> Result<SuspensePlace, Status> {
    let mut parts = cursor.splitn(4, ' ');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (rank, time, order, key) = (next(), next(), next(), next());
    let wrong = |_| Status::invalid_argument("cursor: of another list");
    Ok(SuspensePlace { rank: rank.parse().map_err(wrong)?, time: time.parse().map_err(wrong)?, order, key })
}

async fn message(d: &Daemon, role: Role, row: SuspenseRow, order: &AnyOrder) -> Result<pb::Suspense, Status> {
    let open = row.state == SuspenseState::Open;
    let matter = Matter::Suspense { order: row.order, key: row.key.clone() };
    let waiting = if open { d.store.proposal(&matter).await? } else { None };
    let mut actions = Vec::new();
    if open {
        for decision in [Proposal::Apply, Proposal::Refund, Proposal::Keep] {
            actions.push(action(decision.name(), role, possible(d, &row, order, decision).await?));
        }
    }
    let state = if waiting.is_some() { "proposed" } else { row.state.name() };
    Ok(pb::Suspense {
        order_id: row.order.to_string(),
        key: row.key,
        client_id: order.client_id().to_owned(),
        merchant_order_no: each_order!(order, o => o.merchant_order_no.clone()),
        user_ref: order.user_ref().to_owned(),
        channel: row.channel,
        amount: Some(money(row.amount)),
        reason: row.reason.name().to_owned(),
        text: sentence(row.reason).to_owned(),
        proposal: row.proposal.name().to_owned(),
        evidence_id: row.evidence_id.unwrap_or_default(),
        state: state.to_owned(),
        at_ms: row.at.millis(),
        four_eyes: four_eyes::needed(&d.config.desk, row.amount),
        waiting: waiting.map(proposal),
        actions,
        // A refund that failed left the row open again: then nobody has decided.
        decided_by: if open { Vec::new() } else { row.decided_by },
        decided_at_ms: millis(row.decided_at.filter(|_| !open)),
        decided_reason: row.decided_reason.filter(|_| !open).unwrap_or_default(),
    })
}

const fn sentence(reason: SuspenseReason) -> &'static str {
    match reason {
        SuspenseReason::AmountMismatch => "The payment is not of the order's amount.",
        SuspenseReason::PaidTwice => "The order was paid before; this is a second payment of it.",
        SuspenseReason::LateAfterMerchantClose => {
            "The merchant had closed the order before the payment came."
        }
        SuspenseReason::LateSuspended => {
            "The payment came after the order was closed, and late money of this channel waits for a decision."
        }
        SuspenseReason::PaidAfterRefusal => "The channel had refused the order, and was paid all the same.",
        SuspenseReason::PaidOutAfterRelease => {
            "The channel paid out after the user's hold was released: this money is missing."
        }
    }
}

/// `Ok`: what the decision would change, by the function that decides. `Err`: why it can't be made now.
async fn possible(
    d: &Daemon,
    row: &SuspenseRow,
    order: &AnyOrder,
    decision: Proposal,
) -> Result<Result<String, String>, Status> {
    if decision == Proposal::Refund
        && let Some(why) = suspense::no_way_back(d, row)
    {
        return Ok(Err(why));
    }
    let made = match suspense::make(d, order, row, decision) {
        Ok(made) => made,
        Err(why) => return Ok(Err(why.to_string())),
    };
    if let Some(why) = short(d, &made.change).await? {
        return Ok(Err(why));
    }
    let effect = preview::effect(order, &made.change);
    Ok(Ok(match decision {
        Proposal::Keep => format!("stays in suspense, knowingly: {effect}"),
        Proposal::Apply | Proposal::Refund => effect,
    }))
}

/// Which account does not hold what the change takes.
async fn short(d: &Daemon, change: &Change) -> Result<Option<String>, Status> {
    for guard in &change.guards {
        if let Guard::BalanceAtLeast { account, currency, minor } = guard {
            let holds = d.store.balance(&account.to_string(), currency.code()).await?;
            if holds < *minor {
                let (holds, needed) = (Amount::new(holds, *currency), Amount::new(*minor, *currency));
                return Ok(Some(format!("{account} holds {holds}, {needed} are needed")));
            }
        }
    }
    Ok(None)
}

/// An operator's decision.
pub(super) struct Decide {
    order: OrderId,
    key: String,
    decision: Proposal,
    role: Role,
}

impl Decide {
    pub(super) fn new(ask: pb::DecideSuspenseRequest, role: Role) -> Result<Self, Status> {
        let decision = Proposal::from_name(&ask.decision)
            .ok_or_else(|| Status::invalid_argument("decision: apply, refund or keep"))?;
        Ok(Self { order: parse_id(&ask.order_id)?, key: ask.key.trim().to_owned(), decision, role })
    }

    async fn reply(
        &self,
        d: &Daemon,
        decided: bool,
        audit_seq: i64,
    ) -> Result<pb::DecideSuspenseReply, Status> {
        let gone = || Status::not_found("the order has no money in suspense under this key");
        let row = d.store.suspense(self.order, &self.key).await?.ok_or_else(gone)?;
        let order = d.store.order(self.order).await?.ok_or_else(gone)?;
        let suspense = Some(message(d, self.role, row, &order).await?);
        Ok(pb::DecideSuspenseReply { decided, suspense, audit_seq })
    }
}

impl Deed for Decide {
    const ACTION: &'static str = "suspense.decide";
    type Reply = pb::DecideSuspenseReply;

    fn target(&self) -> String {
        format!("{} {}", self.order, self.key)
    }

    async fn carry_out(&self, d: &Arc<Daemon>, audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        match suspense::decide(d, self.order, &self.key, self.decision, audit).await? {
            Worded::Done { audit_seq } => self.reply(d, true, audit_seq).await.map(Some),
            Worded::Waits { audit_seq } => self.reply(d, false, audit_seq).await.map(Some),
            Worded::Repeated => Ok(None),
            other => Err(refused(&other, &self.order.to_string())),
        }
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        let after = facts(&row.after);
        super::same(&after, self.decision.name())?;
        self.reply(d, after["decided"] == true, row.seq).await
    }
}
