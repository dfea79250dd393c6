//! A request for a new order, judged by its app's risk rules.
//!
//! The rules are those that the gate read. What they need to know of the database is checked in the transaction that
//! writes the order, and there also that they are the same still: if not, the order is judged anew.

use std::net::IpAddr;
use std::sync::Arc;

use sluice_core::change::{Change, Guard, Write};
use sluice_core::money::Amount;
use sluice_core::order::{Admission, Payee};
use sluice_core::risk::{Asked, Condition, Day, Entry, InForce, Refusal, Rule};
use sluice_core::time::Timestamp;

use super::Created;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::OrderError;
use crate::risk::payee_key;
use crate::store::StoreError;
use crate::store::unit::Unit;

/// How often an order is judged anew because the rules changed meanwhile.
const TRIES: usize = 5;

/// A verified request for a new order, with what it is judged by.
pub(crate) struct Asking {
    pub(super) admission: Admission,
    rules: Arc<InForce>,
    source: IpAddr,
    outdated: usize,
}

/// What rules look at in an order.
pub(super) struct Looked<'a> {
    pub(super) user_ref: &'a str,
    /// The user whom a trade pays.
    pub(super) recipient: Option<&'a str>,
    pub(super) amount: Amount,
    pub(super) notify_url: Option<&'a str>,
    pub(super) payee: Option<&'a Payee>,
}

impl Asking {
    pub(crate) fn new(admission: Admission, rules: Arc<InForce>, source: IpAddr) -> Self {
        Self { admission, rules, source, outdated: 0 }
    }

    /// What the request brings into the transaction, the rules' conditions among it; or the rule that refuses it
    /// whatever the database says. `now` is the order's time of creation.
    pub(super) fn judge(&self, d: &Daemon, what: &Looked<'_>, now: Timestamp) -> Result<Admission, Rule> {
        let check = &self.admission.check;
        let rules = self.rules.rules.of(check.order_type);
        // A URL that can't be read has no host that is allowed.
        let url = what.notify_url.filter(|_| rules.notify_hosts.is_some());
        let url = url.map(|url| url::Url::parse(url).ok());
        let notify_host = url.as_ref().map(|u| u.as_ref().and_then(|u| u.host_str()).unwrap_or_default());
        let payee = what.payee.filter(|_| rules.payee_allow_list.is_some());
        let payee_key = payee.map(|payee| payee_key(&d.vault, &check.client_id, payee));
        let asked = Asked {
            client_id: &check.client_id,
            order_type: check.order_type,
            user_ref: what.user_ref,
            recipient: what.recipient,
            amount: what.amount,
            notify_host,
            source: self.source,
            payee_key: payee_key.as_deref(),
        };
        let passed = self.rules.check(&asked, now, Day::of(now, d.config.risk.day_offset))?;
        let mut admission = self.admission.clone();
        admission.conditions.extend(passed.conditions.into_iter().map(Guard::Risk));
        admission.writes.extend(passed.entries.into_iter().map(Write::Risk));
        Ok(admission)
    }

    /// Passes a result on, or has the order judged anew (`None`) by the rules that it came too early for.
    pub(super) async fn unless_outdated(
        &mut self,
        d: &Daemon,
        created: Created,
    ) -> Result<Option<Created>, OrderError> {
        match &created {
            Created::Refused(Guard::Risk(condition)) if condition.refusal() == Refusal::Outdated => {}
            _ => return Ok(Some(created)),
        }
        self.outdated += 1;
        if self.outdated == TRIES {
            return Err(OrderError::Contended);
        }
        let client_id = &self.admission.check.client_id;
        let stored = d.store.risk_rules(client_id).await?;
        let stored = stored.as_ref().map(|row| (row.version, row.document.as_str()));
        let rules = d.rules.of(client_id, stored);
        self.rules = rules.map_err(|_| StoreError::Row("document"))?;
        Ok(None)
    }
}

/// Opens a user whose first order is refused because the user is too new: else the wait would never begin.
pub(super) async fn open_refused(
    d: &Daemon,
    admission: &Admission,
    refused: &Guard,
) -> Result<(), OrderError> {
    let Guard::Risk(Condition::UserOpenedBy { client_id, user_ref, .. }) = refused else { return Ok(()) };
    let entry =
        Entry::OpenUser { client_id: client_id.clone(), user_ref: user_ref.clone(), at: clock::now() };
    let change = Change { guards: admission.guards(), writes: vec![Write::Risk(entry)], ..Change::default() };
    d.store.commit(Unit::from(change)).await?;
    Ok(())
}
