//! The one door by which money facts enter: what a channel says becomes states, postings, tasks and callbacks.

use serde_json::json;

use super::draft::Draft;
use super::machine::{ClosedReason, State, Trigger};
use super::{Recharge, Refusal};
use crate::change::{Change, Origin, SuspenseReason, TaskId, TaskKind};
use crate::fee::FeeRule;
use crate::ledger::{Credit, Journal};
use crate::observation::{Observation, Presence, Trouble};
use crate::policy::{Context, LatePolicy};

/// How we learned of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The answer to a creation.
    Create,
    /// The channel's own notification.
    Notification,
    /// A query by schedule: the next one is planned.
    Requery,
    /// A query that somebody asked for, or one before closing.
    Query,
    /// The answer to a close.
    Close,
}

/// A channel's statement about an attempt.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// Which attempt.
    pub attempt_no: u16,
    /// What it says.
    pub seen: &'a Observation,
    /// How we learned of it.
    pub source: Source,
    /// The exchange that proves it.
    pub evidence_id: Option<String>,
}

/// Takes a fact. Facts may come late, twice and in any order; a terminal fact is never overwritten.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn settle(order: &Recharge, fact: &Fact<'_>, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    let index = draft.order.attempts.iter().position(|a| a.no == fact.attempt_no);
    if let Some(index) = index {
        settle_draft(&mut draft, index, fact)?;
        if fact.source == Source::Requery {
            plan_next_requery(&mut draft, index, fact.seen);
        }
    }
    Ok(draft.finish())
}

pub(super) fn settle_draft(draft: &mut Draft<'_>, index: usize, fact: &Fact<'_>) -> Result<(), Refusal> {
    let seen = fact.seen;
    draft.evidence_id.clone_from(&fact.evidence_id);
    let was_known = draft.order.attempts[index].unknown_since.is_none();
    let usual = draft.ctx.policy.requery.first();
    let now = draft.now();
    let attempt = &mut draft.order.attempts[index];
    attempt.note(seen, now, usual);
    if was_known && attempt.unknown_since.is_some() {
        // Ask densely again: the order has just fallen into the dark.
        attempt.queries = 0;
    }
    if fact.source == Source::Notification {
        draft.order.notified = true;
    }
    observed(draft, fact);
    match seen.presence {
        Presence::Paid => paid(draft, index, seen)?,
        Presence::Unpaid => {
            let unanswered = draft.order.state == State::Created;
            if matches!(draft.order.state, State::Created | State::Submitted) {
                draft.go(Trigger::Waits)?;
                draft.drop_tasks(&[TaskKind::Submit]);
            }
            // Nobody planned to ask yet: that comes with the answer to a creation, which is not awaited any more.
            if unanswered && draft.order.suspense_keys.is_empty() {
                let due = now + usual;
                draft.schedule(TaskId::order(TaskKind::Requery, draft.order.id), due, 0, None);
            }
        }
        Presence::Closed if draft.order.state.is_open() && draft.order.suspense_keys.is_empty() => {
            let (trigger, reason) = if draft.order.close_requested_at.is_some() {
                (Trigger::ClosedByMerchant, ClosedReason::ClosedByMerchant)
            } else if now >= draft.order.expires_at {
                (Trigger::Expired, ClosedReason::Expired)
            } else {
                (Trigger::ClosedByChannel, ClosedReason::ClosedByChannel)
            };
            draft.close(trigger, reason)?;
        }
        // Not found proves nothing by itself; unknown is not failed; refunds of ours come with their own orders.
        Presence::Closed
        | Presence::NotFound
        | Presence::Unknown
        | Presence::Refunding
        | Presence::Refunded
        | Presence::Failed => {}
    }
    draft.write_attempt(index);
    Ok(())
}

fn observed(draft: &mut Draft<'_>, fact: &Fact<'_>) {
    let seen = fact.seen;
    let origin = match fact.source {
        Source::Notification => Origin::Notification,
        _ => Origin::Observation,
    };
    let source = match fact.source {
        Source::Create => "creation",
        Source::Notification => "notification",
        Source::Requery | Source::Query => "query",
        Source::Close => "close",
    };
    let presence = serde_json::to_value(seen.presence).unwrap_or_default();
    let word = presence.as_str().unwrap_or("unknown").replace('_', " ");
    let mut summary = format!("{source}: {word}");
    if let Some(amount) = seen.amount {
        summary = format!("{summary}, {amount}");
    }
    summary = format!("{summary} ({} {})", seen.code, seen.message);
    let detail = json!({"source": source, "presence": presence, "trouble": seen.trouble, "code": seen.code,
        "message": seen.message, "amount": seen.amount, "paid_at": seen.paid_at,
        "channel_order_no": seen.channel_order_no, "fee": seen.fee});
    draft.event(origin, "channel.observed", summary, fact.evidence_id.clone(), detail);
}

fn paid(draft: &mut Draft<'_>, index: usize, seen: &Observation) -> Result<(), Refusal> {
    let channel = draft.order.attempts[index].channel.clone();
    // Paid, but not how much: nothing can be booked on that. The next answer will say.
    let Some(amount) = seen.amount else { return Ok(()) };
    // What tells two payments of one order apart: the channel's payment number, else the attempt and the amount.
    let numberless = format!("{}:{}", draft.order.attempts[index].channel_ref, amount.minor);
    let key = seen.channel_order_no.clone().unwrap_or_else(|| numberless.clone());

    if draft.order.suspense_keys.iter().any(|k| *k == key || *k == numberless) {
        // Booked already. A later statement about the same payment does not move it: a person decides.
        return Ok(());
    }
    if matches!(draft.order.state, State::Paid | State::Completed) {
        let credited = draft.order.paid_ref.as_ref();
        // One of the two statements lacks the number: they speak of one payment.
        let same = credited == Some(&key) || credited == Some(&numberless) || seen.channel_order_no.is_none();
        if !same {
            draft.suspend(&channel, amount, key, SuspenseReason::PaidTwice);
        }
        return Ok(());
    }
    if amount != draft.order.amount {
        draft.suspend(&channel, amount, key, SuspenseReason::AmountMismatch);
        draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
        return Ok(());
    }
    let trigger = match (draft.order.state, draft.order.closed_reason) {
        (State::Closed, Some(ClosedReason::ClosedByMerchant)) => {
            draft.suspend(&channel, amount, key, SuspenseReason::LateAfterMerchantClose);
            return Ok(());
        }
        (State::Closed, Some(ClosedReason::RefusedByChannel)) => {
            draft.suspend(&channel, amount, key, SuspenseReason::PaidAfterRefusal);
            return Ok(());
        }
        (State::Closed, _) if draft.ctx.policy.late == LatePolicy::Suspend => {
            draft.suspend(&channel, amount, key, SuspenseReason::LateSuspended);
            return Ok(());
        }
        (State::Closed, _) => Trigger::LatePaid,
        _ => Trigger::Paid,
    };
    credit(draft, &channel, key, seen, trigger)
}

fn credit(
    draft: &mut Draft<'_>,
    channel: &str,
    key: String,
    seen: &Observation,
    trigger: Trigger,
) -> Result<(), Refusal> {
    let now = draft.now();
    if trigger == Trigger::LatePaid {
        draft.order.closed_reason = None;
        draft.flag("late");
    }
    draft.order.paid_at = Some(seen.paid_at.unwrap_or(now));
    draft.order.paid_ref = Some(key);
    draft.go(trigger)?;
    let amount = draft.order.amount;
    let channel_fee = match seen.fee {
        Some(fee) if fee.currency == amount.currency => fee.minor,
        _ => FeeRule { ppm: draft.ctx.policy.fee_ppm, ..FeeRule::default() }.on(amount.minor),
    };
    let of = Credit {
        order: draft.order.id,
        client_id: &draft.order.client_id,
        user_ref: &draft.order.user_ref,
        channel,
        amount,
        fee: draft.order.fee,
        channel_fee,
    };
    let journal = Journal::recharge_credit(&of, now);
    draft.journal(journal);
    draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
    draft.callback("recharge.paid");
    Ok(())
}

fn plan_next_requery(draft: &mut Draft<'_>, index: usize, seen: &Observation) {
    if !draft.order.state.is_open() || !draft.order.suspense_keys.is_empty() {
        return;
    }
    let ctx = draft.ctx;
    let attempt = &mut draft.order.attempts[index];
    // What was not even sent does not thin out the asking: when the channel is back, it is asked densely.
    if seen.trouble != Some(Trouble::NotSent) {
        attempt.queries = attempt.queries.saturating_add(1);
    }
    let made = attempt.queries;
    let why = attempt.unknown_since.is_some().then(|| format!("{} {}", attempt.code, attempt.message));
    draft.write_attempt(index);
    let due = ctx.now + ctx.policy.requery.wait_after(made, ctx.chance());
    draft.schedule(TaskId::order(TaskKind::Requery, draft.order.id), due, made, why);
}
