//! What is stored, as the API's messages.

use serde::Serialize;
use sluice_core::each_order;
use sluice_core::order::{AnyOrder, Attempt};
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use crate::order::view::OrderView;
use crate::store::read::events::EventRow;
use crate::store::read::ledger::JournalRow;

/// A time that may be missing; the API says 0.
pub(super) fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::millis)
}

/// A duration or count that is never negative and never too large in truth.
pub(super) fn small(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// The word that serde writes for a plain enum value.
pub(super) fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `part` of `whole` in parts per million; all of it where there is nothing.
pub(super) fn ppm(part: u64, whole: u64) -> u32 {
    if whole == 0 {
        return 1_000_000;
    }
    u32::try_from(u128::from(part) * 1_000_000 / u128::from(whole)).unwrap_or(u32::MAX)
}

pub(super) fn order(view: OrderView) -> pb::OrderView {
    let OrderView { order, diagnosis, next_step, limbo } = view;
    let attempts = each_order!(&order, o => o.attempts.iter().map(attempt).collect());
    let mut message = pb::Order::from(order.object());
    if let AnyOrder::Withdraw(order) = &order {
        message.payee = order.details.payee.masked();
    }
    pb::OrderView {
        attempts,
        order: Some(message),
        diagnosis: Some(pb::Diagnosis {
            code: diagnosis.code.to_owned(),
            title: diagnosis.title.to_owned(),
            text: diagnosis.text,
            since_ms: diagnosis.since.millis(),
        }),
        next_step: Some(pb::NextStep {
            kind: next_step.kind.to_owned(),
            text: next_step.text,
            at_ms: millis(next_step.at),
        }),
        limbo,
    }
}

fn attempt(a: &Attempt) -> pb::Attempt {
    pb::Attempt {
        no: u32::from(a.no),
        channel: a.channel.clone(),
        channel_ref: a.channel_ref.clone(),
        channel_order_no: a.channel_order_no.clone().unwrap_or_default(),
        state: a.state.name().to_owned(),
        sent_at_ms: a.sent_at.millis(),
        answered_at_ms: millis(a.answered_at),
        presence: a.presence.map(word).unwrap_or_default(),
        unknown_since_ms: millis(a.unknown_since),
        code: a.code.clone(),
        message: a.message.clone(),
    }
}

pub(super) fn timeline_entry(event: EventRow) -> pb::TimelineEntry {
    pb::TimelineEntry {
        seq: event.seq,
        at_ms: event.at.millis(),
        origin: event.origin,
        kind: event.kind,
        summary: event.summary,
        evidence_id: event.evidence_id.unwrap_or_default(),
        detail_json: event.detail,
    }
}

pub(super) fn journal(journal: JournalRow) -> pb::JournalEntry {
    pb::JournalEntry {
        journal_id: journal.journal_id.to_string(),
        kind: journal.kind,
        at_ms: journal.at.millis(),
        postings: journal
            .lines
            .into_iter()
            .map(|line| pb::Posting {
                account: line.account,
                debit_minor: line.minor,
                currency: journal.currency.clone(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_per_million() {
        for (part, whole, want) in
            [(0, 0, 1_000_000), (0, 3, 0), (2, 3, 666_666), (u64::MAX, u64::MAX, 1_000_000)]
        {
            assert_eq!(ppm(part, whole), want, "{part}/{whole}");
        }
    }
}
