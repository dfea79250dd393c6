//! Money in suspense: applied, given back, or kept where it is.

use sluice_core::change::{Change, Proposal, SuspenseReason, SuspenseState};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::recharge::{self, InSuspense};
use sluice_core::order::{AnyOrder, Refund, Refusal, refund, withdraw};
use sluice_core::policy::Context;

use super::{Word, Worded, four_eyes};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::OrderError;
use crate::order::create::unwritable;
use crate::order::decide::{TRIES, step_back};
use crate::store::desk::Matter;
use crate::store::read::suspense::SuspenseRow;
use crate::store::unit::AuditDraft;

/// What a decision comes to.
pub(crate) struct Made {
    pub(crate) change: Change,
    /// The refund that gives the money back.
    refund: Option<Refund>,
}

/// Takes an operator's decision.
pub(crate) async fn decide(
    d: &Daemon,
    id: OrderId,
    key: &str,
    decision: Proposal,
    audit: AuditDraft,
) -> Result<Worded, OrderError> {
    for round in 0..TRIES {
        let Some(order) = d.store.order(id).await? else { return Ok(Worded::NoSuchOrder) };
        let Some(row) = d.store.suspense(id, key).await? else { return Ok(Worded::NoSuchMoney) };
        if row.state != SuspenseState::Open {
            return Ok(Worded::Over(row.state));
        }
        if decision == Proposal::Refund
            && let Some(why) = no_way_back(d, &row)
        {
            return Ok(Worded::NoWayBack(why));
        }
        let made = match make(d, &order, &row, decision) {
            Ok(made) => made,
            Err(why) => return Ok(Worded::Refused(why)),
        };
        // Written by the protocol before anything is stored: what it can't write is refused.
        if let Some(refund) = &made.refund
            && let Some(error) = unwritable(d, refund).await?
        {
            return Ok(Worded::Cannot(error));
        }
        let word = Word {
            matter: Matter::Suspense { order: id, key: key.to_owned() },
            decision: decision.name(),
            bill_line: String::new(),
            two: four_eyes::needed(&d.config.desk, row.amount),
            audit: audit.clone(),
        };
        if let Some(worded) = word.speak(d, &order, made.change, None).await? {
            return Ok(worded);
        }
        step_back(round).await;
    }
    Err(OrderError::Contended)
}

/// What the core makes of a decision; also asked for what it would change.
pub(crate) fn make(
    d: &Daemon,
    order: &AnyOrder,
    row: &SuspenseRow,
    decision: Proposal,
) -> Result<Made, Refusal> {
    let policy = d.channels.policy(&row.channel);
    let ctx = Context { now: clock::now(), random: clock::random(), policy };
    let whole = |change| Made { change, refund: None };
    match order {
        AnyOrder::Recharge(paid) => {
            let money = InSuspense {
                key: row.key.clone(),
                channel: row.channel.clone(),
                amount: row.amount,
                reason: row.reason,
            };
            match decision {
                Proposal::Apply => recharge::apply(paid, &money, &ctx).map(whole),
                Proposal::Keep => recharge::keep(paid, &money, &ctx).map(whole),
                Proposal::Refund => {
                    let id = OrderId::new(OrderKind::Refund, ctx.now, clock::random());
                    let (refund, change) = refund::of_suspense(paid, &money, id, &ctx)?;
                    Ok(Made { change, refund: Some(refund) })
                }
            }
        }
        AnyOrder::Withdraw(payout) => match decision {
            Proposal::Apply => withdraw::charge_uncovered(payout, &row.key, &ctx).map(whole),
            Proposal::Keep => withdraw::keep_uncovered(payout, &row.key, &ctx).map(whole),
            // Money is missing: there is nothing to give back.
            Proposal::Refund => Err(Refusal::NotInSuspense),
        },
        AnyOrder::Trade(_) | AnyOrder::Refund(_) => Err(Refusal::AnotherKind),
    }
}

/// Why the channel can't give it back, where that can be said without writing the request.
pub(crate) fn no_way_back(d: &Daemon, row: &SuspenseRow) -> Option<String> {
    if row.reason == SuspenseReason::PaidOutAfterRelease {
        return Some("money is missing here, there is nothing to give back".to_owned());
    }
    match d.channels.get(&row.channel) {
        None => Some(format!("the channel {} is not configured any more", row.channel)),
        Some(channel) if !channel.protocol.capabilities().refund => {
            Some(format!("{} can't give back a payment", row.channel))
        }
        Some(_) => None,
    }
}
