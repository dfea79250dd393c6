//! A decision in the making: the order as it will be, and everything that goes with it.

use serde_json::{Value, json};

use super::Refusal;
use super::callback::Callback;
use super::closed::ClosedReason;
use super::kind::{Kind, Order};
use super::machine::{self, State as _, Trigger as _};
use super::object::{CallbackBrief, CallbackState};
use crate::change::{Change, Event, Guard, Origin, TaskChange, TaskId, TaskKind, Write};
use crate::ledger::{Account, Journal};
use crate::policy::Context;
use crate::time::Timestamp;

pub(super) struct Draft<'a, K: Kind> {
    pub(super) order: Order<K>,
    pub(super) change: Change,
    pub(super) ctx: &'a Context<'a>,
    /// The exchange that proves the fact.
    pub(super) evidence_id: Option<String>,
    version_before: i64,
    is_new: bool,
}

impl<'a, K: Kind> Draft<'a, K> {
    /// Begins from an order as it was read.
    pub(super) fn of(order: &Order<K>, ctx: &'a Context<'a>) -> Self {
        let mut change = Change::default();
        change.guards.push(Guard::OrderVersion { order: order.id, row_version: order.row_version });
        Self {
            order: order.clone(),
            change,
            ctx,
            evidence_id: None,
            version_before: order.state_version,
            is_new: false,
        }
    }

    /// Begins a new order, whose number must be free.
    pub(super) fn new(order: Order<K>, ctx: &'a Context<'a>) -> Self {
        let mut change = Change::default();
        change.guards.push(Guard::MerchantOrderNoFree {
            client_id: order.client_id.clone(),
            kind: K::KIND.name(),
            merchant_order_no: order.merchant_order_no.clone(),
        });
        // A new order has version 1, whatever its first decision does.
        Self { order, change, ctx, evidence_id: None, version_before: 0, is_new: true }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ctx.now
    }

    /// Takes a step of the machine.
    pub(super) fn go(&mut self, trigger: K::Trigger) -> Result<(), Refusal> {
        let from = self.order.state;
        let to = machine::next(K::TRANSITIONS, from, trigger)?;
        self.order.state = to;
        self.visible();
        let summary = format!("{} → {}: {}", from.name(), to.name(), trigger.name());
        let detail =
            json!({"from": from.number(), "to": to.number(), "state_version": self.order.state_version});
        self.event(Origin::Order, to.event(), summary, None, detail);
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

    /// Closes the order, and tells the merchant.
    pub(super) fn close(
        &mut self,
        trigger: K::Trigger,
        reason: ClosedReason,
        callback: &'static str,
    ) -> Result<(), Refusal> {
        self.order.closed_reason = Some(reason);
        self.go(trigger)?;
        self.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
        self.callback(callback);
        Ok(())
    }

    /// Money must be there: a guard on the account, before anything is posted.
    pub(super) fn needs(&mut self, account: Account, minor: i64) {
        let currency = self.order.amount.currency;
        self.change.guards.push(Guard::BalanceAtLeast { account, currency, minor });
    }

    /// Posts a journal, with a line in the timeline that says what it does.
    pub(super) fn post(&mut self, journal: Journal, summary: String) {
        let postings: Vec<_> = journal
            .postings
            .iter()
            .map(|p| json!({"account": p.account.to_string(), "debit_minor": p.minor}))
            .collect();
        let detail =
            json!({"journal": journal.kind.name(), "currency": journal.currency, "postings": postings});
        self.event(Origin::Ledger, "ledger.posted", summary, None, detail);
        self.change.writes.push(Write::Journal(journal));
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

    /// Plans work on the order.
    pub(super) fn plan(
        &mut self,
        kind: TaskKind,
        due_at: Timestamp,
        attempt: u32,
        last_error: Option<String>,
    ) {
        self.schedule(TaskId::order(kind, self.order.id), due_at, attempt, last_error);
    }

    fn schedule(&mut self, task: TaskId, due_at: Timestamp, attempt: u32, last_error: Option<String>) {
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
        let mut writes = Vec::with_capacity(self.change.writes.len() + 2);
        if self.is_new {
            for attempt in &self.order.attempts {
                writes.push(Write::InsertAttempt { order: self.order.id, attempt: attempt.clone() });
            }
            writes.insert(0, Write::InsertOrder(Box::new(K::any(self.order))));
        } else {
            writes.push(Write::UpdateOrder(Box::new(K::any(self.order))));
        }
        writes.append(&mut self.change.writes);
        self.change.writes = writes;
        self.change
    }

    /// The order as it will be read back, and the change.
    pub(super) fn created(self) -> (Order<K>, Change) {
        (self.order.clone(), self.finish())
    }
}
