//! What people decide about money: what is in suspense, and payouts whose outcome no channel tells.
//!
//! Reading order: [`four_eyes`] (whether one operator suffices), this file (a word is carried out, or waits),
//! [`suspense`], [`payout`], [`preview`] (what a decision would change). A decision is carried out with its postings,
//! its audit row and the end of its proposal in one transaction. The order's row version guards what waits, too:
//! whoever proposes moves it on.

pub(crate) mod four_eyes;
pub(crate) mod payout;
pub(crate) mod preview;
pub(crate) mod suspense;

use serde_json::{Value, json};
use sluice_channels::protocol::EncodeError;
use sluice_core::change::{Change, Event, Guard, Origin, SuspenseState, Write};
use sluice_core::ledger::Account;
use sluice_core::money::Amount;
use sluice_core::order::{AnyOrder, Refusal};

use self::four_eyes::Step;
use super::OrderError;
use super::decide::order_after;
use crate::daemon::Daemon;
use crate::store::desk::{DeskRecord, Matter, Proposed};
use crate::store::unit::{AuditDraft, Outcome, Record, Unit};

/// What came of an operator's word.
#[derive(Debug)]
pub(crate) enum Worded {
    /// It is carried out.
    Done {
        audit_seq: i64,
    },
    /// It waits for another operator; nothing has moved.
    Waits {
        audit_seq: i64,
    },
    NoSuchOrder,
    /// The order has no money in suspense under this key.
    NoSuchMoney,
    /// It was decided before.
    Over(SuspenseState),
    /// The core says no.
    Refused(Refusal),
    /// An account does not hold what the decision takes.
    Short(Account, Amount),
    /// There is no way back to the payer.
    NoWayBack(String),
    /// The channel can't do it.
    Cannot(EncodeError),
    /// The same operator's request was carried out before.
    Repeated,
}

/// What an operator says.
struct Word {
    matter: Matter,
    decision: &'static str,
    bill_line: String,
    /// Whether two operators have to say it.
    two: bool,
    /// Who says it, when and why.
    audit: AuditDraft,
}

impl Word {
    /// Carries the decision out, or notes that it waits, with what the first word already begins. `Ok(None)`: things
    /// moved on; look again.
    async fn speak(
        &self,
        d: &Daemon,
        order: &AnyOrder,
        carried: Change,
        begun: Option<Change>,
    ) -> Result<Option<Worded>, OrderError> {
        let waiting = d.store.proposal(&self.matter).await?.map(|w| w.proposed);
        let step = four_eyes::step(self.two, waiting.as_ref(), &self.audit.operator, self.decision);
        let mut audit = self.audit.clone();
        audit.before = json!({"state": self.state_now(order), "waiting": waiting.as_ref().map(in_audit)});
        let waits = step == Step::Wait;
        let (change, records) = match step {
            Step::CarryOut { first } => {
                let by: Vec<_> =
                    first.map(|f| f.by.clone()).into_iter().chain([audit.operator.clone()]).collect();
                let state = self.state_then(&carried).unwrap_or_else(|| self.state_now(order));
                audit.after = json!({"state": state, "decision": self.decision, "decided": true, "by": by,
                                     "bill_line": self.bill_line});
                let records = self.settled(&by);
                (named(carried, &by), records)
            }
            Step::Wait => {
                audit.after = json!({"state": "proposed", "decision": self.decision, "decided": false,
                                     "by": [&audit.operator], "bill_line": self.bill_line});
                let records = vec![Record::Desk(DeskRecord::Propose(self.proposed()))];
                (self.proposing(order, begun), records)
            }
        };
        let unit = Unit { change, records, audit: Some(audit) };
        Ok(match d.store.commit(unit).await? {
            Outcome::Done { audit_seq } => {
                let audit_seq = audit_seq.unwrap_or_default();
                Some(if waits { Worded::Waits { audit_seq } } else { Worded::Done { audit_seq } })
            }
            Outcome::Refused(Guard::BalanceAtLeast { account, currency, minor }) => {
                Some(Worded::Short(account, Amount::new(minor, currency)))
            }
            Outcome::Refused(_) => None,
            Outcome::Repeated => Some(Worded::Repeated),
        })
    }

    /// How it stands, for the audit log: money in suspense is open, a payout in its order's state.
    fn state_now(&self, order: &AnyOrder) -> Value {
        match self.matter {
            Matter::Suspense { .. } => json!(SuspenseState::Open.name()),
            Matter::Payout { .. } => json!(order.state_number()),
        }
    }

    /// How it will stand.
    fn state_then(&self, change: &Change) -> Option<Value> {
        match &self.matter {
            Matter::Suspense { .. } => change.writes.iter().find_map(|w| match w {
                Write::SuspenseDecided { state, .. } => Some(json!(state.name())),
                _ => None,
            }),
            Matter::Payout { order } => order_after(change, *order).map(|o| json!(o.state_number())),
        }
    }

    fn proposed(&self) -> Proposed {
        Proposed {
            matter: self.matter.clone(),
            decision: self.decision.to_owned(),
            bill_line: self.bill_line.clone(),
            reason: self.audit.reason.clone(),
            by: self.audit.operator.clone(),
            at: self.audit.at,
        }
    }

    /// No money moves; the order's row version does.
    fn proposing(&self, order: &AnyOrder, begun: Option<Change>) -> Change {
        let (id, by, decision) = (order.id(), &self.audit.operator, self.decision);
        let mut guards = vec![Guard::OrderVersion { order: id, row_version: order.row_version() }];
        let kind = match &self.matter {
            Matter::Suspense { order, key } => {
                let (order, key) = (*order, key.clone());
                guards.push(Guard::SuspenseIs { order, key, state: SuspenseState::Open });
                "suspense.proposed"
            }
            Matter::Payout { .. } => "payout.proposed",
        };
        let told = Event {
            at: self.audit.at,
            origin: Origin::Operator,
            kind,
            summary: format!("{by} says {decision}; another operator has to say the same"),
            order: Some(id),
            client_id: Some(order.client_id().to_owned()),
            evidence_id: None,
            detail: json!({"key": self.matter.key(), "decision": decision, "by": by}),
        };
        let mut change = begun.unwrap_or_else(|| Change {
            writes: vec![Write::UpdateOrder(Box::new(order.clone()))],
            ..Change::default()
        });
        change.guards.extend(guards);
        change.events.push(told);
        change
    }

    /// What is written beside a decision that is carried out.
    fn settled(&self, by: &[String]) -> Vec<Record> {
        let mut records = vec![Record::Desk(DeskRecord::Settle(self.matter.clone()))];
        if let Matter::Suspense { order, key } = &self.matter {
            let (order, key, reason) = (*order, key.clone(), self.audit.reason.clone());
            records.push(Record::Desk(DeskRecord::Deciders { order, key, by: by.to_vec(), reason }));
        }
        records
    }
}

fn in_audit(waiting: &Proposed) -> Value {
    json!({"decision": waiting.decision, "by": waiting.by, "at": waiting.at, "bill_line": waiting.bill_line})
}

/// The decision with the names of those who made it, where the timeline tells of it.
fn named(mut change: Change, by: &[String]) -> Change {
    let decided = |kind| matches!(kind, "suspense.decided" | "payout.resolved" | "refund.resolved");
    for event in change.events.iter_mut().filter(|event| decided(event.kind)) {
        event.summary = format!("{}, by {}", event.summary, by.join(" and "));
        if let Value::Object(detail) = &mut event.detail {
            detail.insert("by".to_owned(), json!(by));
        }
    }
    change
}
