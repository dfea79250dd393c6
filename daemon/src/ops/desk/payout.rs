//! Payouts and refunds whose outcome no channel tells: what an operator can say of them, and saying it.

use std::sync::Arc;

use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::AnyOrder;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::{proposal, refused, seen_now};
use crate::daemon::Daemon;
use crate::ops::act::Deed;
use crate::ops::orders::{no_such_order, parse_id};
use crate::ops::transaction::facts;
use crate::order::desk::payout::{self, Ending};
use crate::order::desk::{Worded, preview};
use crate::order::{OrderError, Subject};
use crate::store::desk::Matter;
use crate::store::read::audit::AuditRow;
use crate::store::unit::AuditDraft;

/// The longest line of a bill, in characters.
const MAX_LINE: usize = 500;

/// `Ok`: what each ending would change, by the function that decides. `Err`: why nothing can be said now. None: the
/// order sends no money out through a channel.
pub(crate) async fn possible(
    d: &Daemon,
    order: &AnyOrder,
) -> Result<Option<Result<String, String>>, OrderError> {
    let endings = match order {
        AnyOrder::Withdraw(_) => [Ending::Paid, Ending::Failed],
        AnyOrder::Refund(refund) if refund.details.payment.is_some() => [Ending::Refunded, Ending::Failed],
        _ => return Ok(None),
    };
    let Some(subject) = Subject::load(d, order.id()).await? else { return Ok(None) };
    let mut effects = Vec::new();
    for ending in endings {
        match payout::make(d, &subject, ending, "") {
            Ok(change) => {
                effects.push(format!("{}: {}", ending.name(), preview::effect(&subject.order, &change)));
            }
            Err(why) => return Ok(Some(Err(why.to_string()))),
        }
    }
    Ok(Some(Ok(format!("two operators say by the provider's bill how it ended; {}", effects.join("; or ")))))
}

/// What an operator says.
pub(super) struct Resolve {
    order: OrderId,
    ending: Ending,
    bill_line: String,
}

impl Resolve {
    pub(super) fn new(ask: pb::ResolvePayoutRequest) -> Result<Self, Status> {
        let order = parse_id(&ask.order_id)?;
        let ending = Ending::from_name(&ask.outcome);
        let ending = match (order.kind(), ending) {
            (OrderKind::Withdraw, Some(ending @ (Ending::Paid | Ending::Failed)))
            | (OrderKind::Refund, Some(ending @ (Ending::Refunded | Ending::Failed))) => ending,
            (OrderKind::Withdraw, _) => return Err(Status::invalid_argument("outcome: paid or failed")),
            (OrderKind::Refund, _) => return Err(Status::invalid_argument("outcome: refunded or failed")),
            (OrderKind::Recharge | OrderKind::Trade, _) => {
                return Err(Status::failed_precondition("only withdrawals and refunds send money out"));
            }
        };
        let bill_line = ask.bill_line.trim().to_owned();
        let length = bill_line.chars().count();
        if !(1..=MAX_LINE).contains(&length) || bill_line.chars().any(char::is_control) {
            return Err(Status::invalid_argument(format!(
                "bill_line: one line of 1 to {MAX_LINE} characters, as the provider's bill has it"
            )));
        }
        Ok(Self { order, ending, bill_line })
    }

    async fn reply(
        &self,
        d: &Daemon,
        resolved: bool,
        audit_seq: i64,
    ) -> Result<pb::ResolvePayoutReply, Status> {
        let order = d.store.order(self.order).await?.ok_or_else(|| no_such_order(&self.target()))?;
        let waiting = d.store.proposal(&Matter::Payout { order: self.order }).await?;
        let (waiting, order) = (waiting.map(proposal), seen_now(d, order).await?);
        Ok(pb::ResolvePayoutReply { resolved, waiting, order, audit_seq })
    }
}

impl Deed for Resolve {
    const ACTION: &'static str = "payout.resolve";
    type Reply = pb::ResolvePayoutReply;

    fn target(&self) -> String {
        self.order.to_string()
    }

    async fn carry_out(&self, d: &Arc<Daemon>, audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        match payout::resolve(d, self.order, self.ending, &self.bill_line, audit).await? {
            Worded::Done { audit_seq } => self.reply(d, true, audit_seq).await.map(Some),
            Worded::Waits { audit_seq } => self.reply(d, false, audit_seq).await.map(Some),
            Worded::Repeated => Ok(None),
            other => Err(refused(&other, &self.target())),
        }
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        let after = facts(&row.after);
        super::same(&after, self.ending.name())?;
        self.reply(d, after["decided"] == true, row.seq).await
    }
}
