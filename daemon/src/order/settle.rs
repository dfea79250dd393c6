//! Facts from channels into orders.

use sluice_core::id::OrderId;
use sluice_core::observation::Observation;
use sluice_core::order::Recharge;
use sluice_core::order::recharge::{self, Fact, Source, Submission};

use super::{Decided, Extra, OrderError, decide};
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
) -> Result<Option<Recharge>, OrderError> {
    let evidence_id = learned.evidence_id();
    extra.records.extend(learned.evidence.map(Record::Evidence));
    let what = learned.what;
    let decided =
        decide(d, id, extra, |order, ctx| recharge::submitted(order, no, &what, evidence_id.clone(), ctx));
    Ok(done(decided.await?))
}

/// Stores what a channel said of an attempt. `None`: our lease is over, somebody else has it.
pub(crate) async fn observed(
    d: &Daemon,
    id: OrderId,
    no: u16,
    learned: Learned<Observation>,
    source: Source,
    extra: Extra,
) -> Result<Option<Recharge>, OrderError> {
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
    decide(d, id, extra, |order, ctx| {
        let fact = Fact { attempt_no: no, seen: &seen, source, evidence_id: evidence_id.clone() };
        recharge::settle(order, &fact, ctx)
    })
    .await
}

fn done(decided: Decided) -> Option<Recharge> {
    match decided {
        Decided::Done { order, .. } => Some(*order),
        Decided::NoSuchOrder | Decided::Refused(_) | Decided::Repeated => None,
    }
}
