//! Payouts and refunds whose outcome no channel tells: two operators end them, on the provider's own bill.

use sluice_core::change::Change;
use sluice_core::id::OrderId;
use sluice_core::order::{AnyOrder, Refusal, refund, withdraw};
use sluice_core::policy::Context;

use super::{Word, Worded};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::decide::{TRIES, step_back};
use crate::order::{OrderError, Subject};
use crate::store::desk::Matter;
use crate::store::unit::AuditDraft;

/// How money on its way out ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A payout: the payee has it.
    Paid,
    /// A refund: the payer has it back.
    Refunded,
    /// It definitely did not go out.
    Failed,
}

impl Ending {
    /// As in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
        }
    }

    /// Reads the API's word.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Paid, Self::Refunded, Self::Failed].into_iter().find(|e| e.name() == name)
    }
}

/// Takes what an operator says of a payout or a refund.
pub(crate) async fn resolve(
    d: &Daemon,
    id: OrderId,
    ending: Ending,
    bill_line: &str,
    audit: AuditDraft,
) -> Result<Worded, OrderError> {
    for round in 0..TRIES {
        let Some(subject) = Subject::load(d, id).await? else { return Ok(Worded::NoSuchOrder) };
        let change = match make(d, &subject, ending, bill_line) {
            Ok(change) => change,
            Err(why) => return Ok(Worded::Refused(why)),
        };
        let word = Word {
            matter: Matter::Payout { order: id },
            decision: ending.name(),
            bill_line: bill_line.to_owned(),
            two: true,
            audit: audit.clone(),
        };
        let retired = match ending {
            Ending::Failed => retire(d, &subject.order).ok(),
            Ending::Paid | Ending::Refunded => None,
        };
        if let Some(worded) = word.speak(d, &subject.order, change, retired).await? {
            return Ok(worded);
        }
        step_back(round).await;
    }
    Err(OrderError::Contended)
}

/// What the first word that it failed does already: nothing is sent any more.
fn retire(d: &Daemon, order: &AnyOrder) -> Result<Change, Refusal> {
    let channel = order.attempt().map_or("", |a| a.channel.as_str());
    let ctx = Context { now: clock::now(), random: clock::random(), policy: d.channels.policy(channel) };
    match order {
        AnyOrder::Withdraw(order) => withdraw::retire(order, &ctx),
        AnyOrder::Refund(order) => refund::retire(order, &ctx),
        AnyOrder::Recharge(_) | AnyOrder::Trade(_) => Err(Refusal::AnotherKind),
    }
}

/// What the core makes of it; also asked for what it would change.
pub(crate) fn make(
    d: &Daemon,
    subject: &Subject,
    ending: Ending,
    bill_line: &str,
) -> Result<Change, Refusal> {
    let channel = subject.order.attempt().map_or("", |a| a.channel.as_str());
    let ctx = Context { now: clock::now(), random: clock::random(), policy: d.channels.policy(channel) };
    match (&subject.order, ending) {
        (AnyOrder::Withdraw(order), Ending::Paid | Ending::Failed) => {
            withdraw::resolve(order, ending == Ending::Paid, bill_line, &ctx)
        }
        (AnyOrder::Refund(order), Ending::Refunded | Ending::Failed) => {
            refund::resolve(order, subject.refunded()?, ending == Ending::Refunded, bill_line, &ctx)
        }
        _ => Err(Refusal::AnotherKind),
    }
}
