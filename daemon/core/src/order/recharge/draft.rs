//! A decision in the making: the order as it will be, and everything that goes with it.

use serde_json::{Value, json};

use super::machine::{self, ClosedReason, Trigger};
use super::{Recharge, Refusal};
use crate::change::{
    Change, Event, Guard, Origin, Suspense, SuspenseReason, TaskChange, TaskId, TaskKind, Write,
};
use crate::ledger::Journal;
use crate::money::Amount;
use crate::order::callback::Callback;
use crate::order::object::{CallbackBrief, CallbackState};
use crate::policy::Context;
use crate::time::Timestamp;

pub(super) struct Draft<'a> {
    pub(super) order: Recharge,
    pub(super) change: Change,
    pub(super) ctx: &'a Context<'a>,
    /// The exchange that proves the fact.
    pub(super) evidence_id: Option<String>,
    version_before: i64,
}

impl<'a> Draft<'a> {
    /// Begins from an order as it was read.
    pub(super) fn of(order: &Recharge, ctx: &'a Context<'a>) -> Self {
        let mut change = Change::default();
        change.guards.push(Guard::OrderVersion { order: order.id, row_version: order.row_version });
        Self { order: order.clone(), change, ctx, evidence_id: None, version_before: order.state_version }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ctx.now
    }

    /// Takes a step of the machine.
    pub(super) fn go(&mut self, trigger: Trigger) -> Result<(), Refusal> {
        let from = self.order.state;
        let to = machine::next(from, trigger).ok_or(Refusal::NoTransition { from, trigger })?;
        self.order.state = to;
        self.visible();
        let summary = format!("{} → {}: {}", from.name(), to.name(), trigger.name());
        let detail =
            json!({"from": from.number(), "to": to.number(), "state_version": self.order.state_version});
        self.event(Origin::Order, kind_of_state(to.number()), summary, None, detail);
        Ok(())
    }

    /// The merchant will see a difference: one new version per decision.
    pub(super) fn visible(&mut self) {
        self.order.state_version = self.version_before + 1;
    }

    pub(super) fn flag(&mut self, flag: &str) {
        if self.order.flags.insert(flag.to_owned()) {
            self.visible();
        }
    }

    pub(super) fn close(&mut self, trigger: Trigger, reason: ClosedReason) -> Result<(), Refusal> {
        self.order.closed_reason = Some(reason);
        self.go(trigger)?;
        self.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
        self.callback("recharge.closed");
        Ok(())
    }

    pub(super) fn journal(&mut self, journal: Journal) {
        let postings: Vec<_> = journal
            .postings
            .iter()
            .map(|p| json!({"account": p.account.to_string(), "debit_minor": p.minor}))
            .collect();
        let summary = match journal.kind {
            crate::ledger::PostingKind::RechargeCredit => format!(
                "credited {} to user {}, fee {}",
                Amount::new(self.order.amount.minor - self.order.fee, self.order.amount.currency),
                self.order.user_ref,
                Amount::new(self.order.fee, self.order.amount.currency),
            ),
            crate::ledger::PostingKind::RechargeSuspense => "put into suspense".to_owned(),
        };
        let detail =
            json!({"journal": journal.kind.name(), "currency": journal.currency, "postings": postings});
        self.event(Origin::Ledger, "ledger.posted", summary, None, detail);
        self.change.writes.push(Write::Journal(journal));
    }

    /// Books a payment that can't be credited; once per payment, whatever is said of it later.
    pub(super) fn suspend(&mut self, channel: &str, amount: Amount, key: String, reason: SuspenseReason) {
        if self.order.suspense_keys.contains(&key) {
            return;
        }
        self.flag(reason.flag());
        self.order.suspense_keys.push(key.clone());
        let at = self.now();
        self.journal(Journal::recharge_suspense(self.order.id, channel, amount, key.clone(), at));
        self.change.writes.push(Write::Suspense(Suspense {
            order: self.order.id,
            key,
            channel: channel.to_owned(),
            amount,
            reason,
            proposal: reason.proposal(),
            at,
            evidence_id: self.evidence_id.clone(),
        }));
    }

    /// Tells the merchant; what it was not told yet is replaced.
    pub(super) fn callback(&mut self, kind: &'static str) {
        let Some(url) = self.order.notify_url.clone() else { return };
        let at = self.now();
        for old in &mut self.order.callbacks {
            if matches!(old.state, CallbackState::Pending | CallbackState::Stuck) {
                old.state = CallbackState::Superseded;
                let callback_id = old.callback_id.clone();
                self.change.tasks.push(TaskChange::Drop(TaskId::callback(&callback_id)));
                self.change.writes.push(Write::SupersedeCallback { callback_id, at });
            }
        }
        let callback_id = Callback::new_id(at, self.ctx.random);
        self.order.callbacks.push(CallbackBrief {
            callback_id: callback_id.clone(),
            r#type: kind.to_owned(),
            state: CallbackState::Pending,
            attempts: 0,
        });
        let callback = Callback::new(kind, &url, callback_id.clone(), &self.order.object(), at);
        self.event(
            Origin::Callback,
            "callback.queued",
            format!("{kind} queued"),
            None,
            json!({"callback_id": callback_id, "type": kind, "url": url}),
        );
        self.schedule(TaskId::callback(&callback_id), at, 0, None);
        self.change.writes.push(Write::InsertCallback(Box::new(callback)));
    }

    pub(super) fn schedule(
        &mut self,
        task: TaskId,
        due_at: Timestamp,
        attempt: u32,
        last_error: Option<String>,
    ) {
        self.change.tasks.push(TaskChange::Schedule { task, due_at, attempt, last_error });
    }

    pub(super) fn drop_tasks(&mut self, kinds: &[TaskKind]) {
        for kind in kinds {
            self.change.tasks.push(TaskChange::Drop(TaskId::order(*kind, self.order.id)));
        }
    }

    pub(super) fn event(
        &mut self,
        origin: Origin,
        kind: &'static str,
        summary: String,
        evidence_id: Option<String>,
        detail: Value,
    ) {
        self.change.events.push(Event {
            at: self.ctx.now,
            origin,
            kind,
            summary,
            order: Some(self.order.id),
            client_id: Some(self.order.client_id.clone()),
            evidence_id,
            detail,
        });
    }

    /// Writes the attempt that a decision touched.
    pub(super) fn write_attempt(&mut self, index: usize) {
        if let Some(attempt) = self.order.attempts.get(index) {
            let attempt = attempt.clone();
            self.change.writes.push(Write::UpdateAttempt { order: self.order.id, attempt });
        }
    }

    pub(super) fn finish(mut self) -> Change {
        // The order goes first: its row is what the others point to.
        self.change.writes.insert(0, Write::UpdateRecharge(Box::new(self.order)));
        self.change
    }
}

/// The event's name for having reached a state.
fn kind_of_state(number: u8) -> &'static str {
    match number {
        0 => "order.created",
        1 => "order.submitted",
        2 => "order.waiting",
        3 => "order.paid",
        4 => "order.completed",
        _ => "order.closed",
    }
}
