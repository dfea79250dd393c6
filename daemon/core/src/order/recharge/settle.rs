//! The one door by which money facts enter: what a channel says becomes states, postings, tasks and callbacks.

use super::close::close;
use super::machine::{State, Trigger};
use super::suspend::suspend;
use super::{Details, Recharge};
use crate::change::{Change, SuspenseReason, TaskKind};
use crate::fee::FeeRule;
use crate::ledger::PostingKind;
use crate::ledger::postings::recharge_credit;
use crate::money::Amount;
use crate::observation::{Observation, Presence, Trouble};
use crate::order::draft::Draft;
use crate::order::fact::{self, Fact, Source};
use crate::order::{ClosedReason, Refusal, State as _};
use crate::policy::{Context, LatePolicy};

/// Takes a fact. Facts may come late, twice and in any order; a terminal fact is never overwritten.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn settle(order: &Recharge, fact: &Fact<'_>, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    if let Some(index) = draft.order.attempt_index(fact.attempt_no) {
        settle_draft(&mut draft, index, fact)?;
        if fact.source == Source::Requery {
            plan_next_requery(&mut draft, index, fact.seen);
        }
    }
    Ok(draft.finish())
}

pub(super) fn settle_draft(
    draft: &mut Draft<'_, Details>,
    index: usize,
    fact: &Fact<'_>,
) -> Result<(), Refusal> {
    let seen = fact.seen;
    fact::note(draft, index, fact);
    if fact.source == Source::Notification {
        draft.order.details.notified = true;
    }
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
                let due = draft.now() + draft.ctx.policy.requery.first();
                draft.plan(TaskKind::Requery, due, 0, None);
            }
        }
        Presence::Closed if draft.order.state.is_open() && draft.order.suspense_keys.is_empty() => {
            let (trigger, reason) = if draft.order.details.close_requested_at.is_some() {
                (Trigger::ClosedByMerchant, ClosedReason::ClosedByMerchant)
            } else if draft.order.is_over(draft.now()) {
                (Trigger::Expired, ClosedReason::Expired)
            } else {
                (Trigger::ClosedByChannel, ClosedReason::ClosedByChannel)
            };
            close(draft, trigger, reason)?;
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

fn paid(draft: &mut Draft<'_, Details>, index: usize, seen: &Observation) -> Result<(), Refusal> {
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
        let credited = draft.order.details.paid_ref.as_ref();
        // One of the two statements lacks the number: they speak of one payment.
        let same = credited == Some(&key) || credited == Some(&numberless) || seen.channel_order_no.is_none();
        if !same {
            suspend(draft, &channel, amount, key, SuspenseReason::PaidTwice);
        }
        return Ok(());
    }
    if amount != draft.order.amount {
        suspend(draft, &channel, amount, key, SuspenseReason::AmountMismatch);
        draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
        return Ok(());
    }
    let trigger = match (draft.order.state, draft.order.closed_reason) {
        (State::Closed, Some(ClosedReason::ClosedByMerchant)) => {
            suspend(draft, &channel, amount, key, SuspenseReason::LateAfterMerchantClose);
            return Ok(());
        }
        (State::Closed, Some(ClosedReason::RefusedByChannel)) => {
            suspend(draft, &channel, amount, key, SuspenseReason::PaidAfterRefusal);
            return Ok(());
        }
        (State::Closed, _) if draft.ctx.policy.late == LatePolicy::Suspend => {
            suspend(draft, &channel, amount, key, SuspenseReason::LateSuspended);
            return Ok(());
        }
        (State::Closed, _) => Trigger::LatePaid,
        _ => Trigger::Paid,
    };
    credit(draft, &channel, key, seen, trigger)
}

fn credit(
    draft: &mut Draft<'_, Details>,
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
    draft.order.details.paid_ref = Some(key);
    draft.go(trigger)?;
    let amount = draft.order.amount;
    let channel_fee = match seen.fee {
        Some(fee) if fee.currency == amount.currency => fee.minor,
        _ => FeeRule { ppm: draft.ctx.policy.fee_ppm, ..FeeRule::default() }.on(amount.minor),
    };
    let (order, fee) = (&draft.order, draft.order.ledger_fee());
    let lines = recharge_credit(order.user(), channel, amount.minor, fee, channel_fee);
    let journal = lines.journal(order.id, PostingKind::RechargeCredit, String::new(), amount.currency, now);
    draft.post(journal, credited(&draft.order, amount));
    draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Close]);
    draft.callback("recharge.paid");
    Ok(())
}

/// For the timeline.
pub(super) fn credited(order: &Recharge, amount: Amount) -> String {
    let money = |minor| Amount::new(minor, amount.currency);
    let net = money(amount.minor - order.ledger_fee().of_user());
    format!("credited {net} to user {}, fee {}", order.user_ref, money(order.fee))
}

fn plan_next_requery(draft: &mut Draft<'_, Details>, index: usize, seen: &Observation) {
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
    draft.plan(TaskKind::Requery, due, made, why);
}
