//! Facts from channels into orders.

use sluice_core::change::{Change, Guard};
use sluice_core::id::OrderId;
use sluice_core::observation::Observation;
use sluice_core::order::disbursement::Disbursed;
use sluice_core::order::recharge::{self, Submission};
use sluice_core::order::{AnyOrder, Fact, Refusal, Source, refund, withdraw};
use sluice_core::policy::Context;

use super::{Decided, Extra, OrderError, Subject, decide};
use crate::channel::operation::Learned;
use crate::daemon::Daemon;
use crate::store::unit::Record;

/// Stores what came of sending a creation. `None`: our lease is over, somebody else has it.
pub(crate) async fn submitted(
    d: &Daemon,
    id: OrderId,
    no: u16,
    learned: Learned<Submission>,
    mut extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    let evidence_id = learned.evidence_id();
    extra.records.extend(learned.evidence.map(Record::Evidence));
    let what = learned.what;
    let decided = decide(d, id, extra, |subject, ctx| {
        recharge::submitted(subject.order.recharge()?, no, &what, evidence_id.clone(), ctx)
    });
    Ok(done(decided.await?))
}

/// Stores what came of sending a payout or a refund. `None`: our lease is over, somebody else has it.
pub(crate) async fn sent(
    d: &Daemon,
    id: OrderId,
    no: u16,
    learned: Learned<Disbursed>,
    mut extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    let evidence_id = learned.evidence_id();
    extra.records.extend(learned.evidence.map(Record::Evidence));
    let what = learned.what;
    let tells = !matches!(&what, Disbursed::Observed(seen) if !seen.presence.is_usable());
    let decided = decide_fact(d, id, extra, tells, |subject, ctx| match &subject.order {
        AnyOrder::Withdraw(order) => withdraw::sent(order, no, &what, evidence_id.clone(), ctx),
        AnyOrder::Refund(order) => {
            refund::sent(order, subject.refunded()?, no, &what, evidence_id.clone(), ctx)
        }
        _ => Err(Refusal::AnotherKind),
    });
    Ok(done(decided.await?))
}

/// Stores a fact. One that tells something is not lost with the lease under which it was learned: facts come twice and
/// in any order, and each is taken; only what was planned is the lease holder's.
async fn decide_fact(
    d: &Daemon,
    id: OrderId,
    extra: Extra,
    tells: bool,
    decision: impl Fn(&Subject, &Context<'_>) -> Result<Change, Refusal>,
) -> Result<Decided, OrderError> {
    match decide(d, id, extra.clone(), &decision).await? {
        Decided::Refused(Guard::TaskFence { .. }) if tells => {
            decide(d, id, Extra { lease: None, ..extra }, &decision).await
        }
        decided => Ok(decided),
    }
}

/// Stores what a channel said of an attempt. `None`: our lease is over, somebody else has it.
pub(crate) async fn observed(
    d: &Daemon,
    id: OrderId,
    no: u16,
    learned: Learned<Observation>,
    source: Source,
    extra: Extra,
) -> Result<Option<AnyOrder>, OrderError> {
    decide_observed(d, id, no, learned, source, extra).await.map(done)
}

/// As [`observed`], with all that came of it.
pub(super) async fn decide_observed(
    d: &Daemon,
    id: OrderId,
    no: u16,
    learned: Learned<Observation>,
    source: Source,
    mut extra: Extra,
) -> Result<Decided, OrderError> {
    let evidence_id = learned.evidence_id();
    extra.records.extend(learned.evidence.map(Record::Evidence));
    let seen = learned.what;
    decide_fact(d, id, extra, seen.presence.is_usable(), |subject, ctx| {
        let fact = Fact { attempt_no: no, seen: &seen, source, evidence_id: evidence_id.clone() };
        settle(subject, &fact, ctx)
    })
    .await
}

/// The one door by which money facts enter.
fn settle(subject: &Subject, fact: &Fact<'_>, ctx: &Context<'_>) -> Result<Change, Refusal> {
    match &subject.order {
        AnyOrder::Recharge(order) => recharge::settle(order, fact, ctx),
        AnyOrder::Withdraw(order) => withdraw::settle(order, fact, ctx),
        AnyOrder::Refund(order) => refund::settle(order, subject.refunded()?, fact, ctx),
        AnyOrder::Trade(_) => Err(Refusal::AnotherKind),
    }
}

fn done(decided: Decided) -> Option<AnyOrder> {
    match decided {
        Decided::Done { order, .. } => Some(*order),
        Decided::NoSuchOrder | Decided::Refused(_) | Decided::Repeated => None,
    }
}
