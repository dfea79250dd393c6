//! Money that can't be credited waits for a person.

use super::Details;
use crate::change::{Suspense, SuspenseReason, Write};
use crate::ledger::PostingKind;
use crate::ledger::postings::recharge_suspense;
use crate::money::Amount;
use crate::order::draft::Draft;

/// Books a payment that can't be credited; once per payment, whatever is said of it later.
pub(super) fn suspend(
    draft: &mut Draft<'_, Details>,
    channel: &str,
    amount: Amount,
    key: String,
    reason: SuspenseReason,
) {
    if draft.order.suspense_keys.contains(&key) {
        return;
    }
    draft.flag(reason.flag());
    draft.order.suspense_keys.push(key.clone());
    draft.order.undecided += 1;
    let (at, order) = (draft.now(), draft.order.id);
    let lines = recharge_suspense(channel, amount.minor);
    let journal = lines.journal(order, PostingKind::RechargeSuspense, key.clone(), amount.currency, at);
    draft.post(journal, format!("{amount} put into suspense: {}", reason.name().replace('_', " ")));
    draft.change.writes.push(Write::Suspense(Suspense {
        order,
        key,
        channel: channel.to_owned(),
        amount,
        reason,
        proposal: reason.proposal(),
        at,
        evidence_id: draft.evidence_id.clone(),
    }));
}
