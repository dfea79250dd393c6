//! What a channel says of a payout becomes states, postings, tasks and callbacks.

use super::machine::{State, Trigger};
use super::{Details, Withdraw};
use crate::change::{Change, Suspense, SuspenseReason, SuspenseState, TaskKind, Write};
use crate::fee::FeeRule;
use crate::ledger::PostingKind;
use crate::ledger::postings::{
    Fee, release, uncovered_returned, withdraw_paid, withdraw_returned, withdraw_uncovered,
};
use crate::money::Amount;
use crate::observation::{Observation, Trouble};
use crate::order::disbursement::{self, Disbursed, Verdict, judge};
use crate::order::draft::Draft;
use crate::order::fact::{self, Fact, Source};
use crate::order::{AttemptState, ClosedReason, Refusal, State as _};
use crate::policy::Context;

/// Notes that it is about to be sent, before it is. What was never sent can still be cancelled until then.
///
/// # Errors
/// [`Refusal::WrongState`]: it is not to be sent any more.
pub fn sending(order: &Withdraw, ctx: &Context<'_>) -> Result<Change, Refusal> {
    if !order.state.is_open() || order.details.sending.refused_at.is_some() {
        return Err(Refusal::WrongState(order.state.name()));
    }
    let mut draft = Draft::of(order, ctx);
    draft.order.details.sending.begin();
    Ok(draft.finish())
}

/// Takes what came of sending attempt `no`.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn sent(
    order: &Withdraw,
    no: u16,
    answer: &Disbursed,
    evidence_id: Option<String>,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    let Some(index) = draft.order.attempt_index(no) else { return Ok(draft.finish()) };
    if let Disbursed::Observed(seen) = answer {
        if seen.trouble == Some(Trouble::NotSent) {
            draft.order.details.sending.undo();
        } else {
            draft.order.attempts[index].sends = draft.order.attempts[index].sends.saturating_add(1);
        }
        let fact = Fact { attempt_no: no, seen, source: Source::Create, evidence_id };
        settle_draft(&mut draft, index, &fact)?;
    } else if let Disbursed::Refused { code, message } = answer
        && draft.order.state.is_open()
    {
        let at = disbursement::refused(&mut draft, index, code, message, evidence_id);
        draft.order.details.sending.refused_at = Some(at);
        draft.order.details.sending.absent_since = None;
    }
    Ok(draft.finish())
}

/// Takes a fact. Facts may come late, twice and in any order; a terminal fact is never overwritten.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn settle(order: &Withdraw, fact: &Fact<'_>, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    if let Some(index) = draft.order.attempt_index(fact.attempt_no) {
        settle_draft(&mut draft, index, fact)?;
    }
    Ok(draft.finish())
}

fn settle_draft(draft: &mut Draft<'_, Details>, index: usize, fact: &Fact<'_>) -> Result<(), Refusal> {
    fact::note(draft, index, fact);
    let seen = fact.seen;
    let mut sending = draft.order.details.sending;
    let taken = matches!(draft.order.state, State::Submitted | State::Working);
    let verdict = judge(&mut sending, &draft.order.attempts[index], seen, taken, draft.ctx);
    draft.order.details.sending = sending;
    let wrong = seen.amount.is_some_and(|amount| amount != draft.order.amount);
    let was_open = draft.order.state.is_open();
    match verdict {
        // The channel speaks of another sum: nothing is booked on that, and a person must look.
        Verdict::Done | Verdict::Returned | Verdict::Failed if wrong => draft.flag("amount_mismatch"),
        Verdict::Done => {
            if paid(draft, index, seen)? {
                draft.callback("withdraw.paid");
            }
        }
        Verdict::Returned if draft.order.state == State::Closed => {
            // It had gone out, though nobody said so.
            uncovered(draft, draft.order.attempts[index].channel.clone(), seen);
            came_back(draft);
        }
        Verdict::Returned => {
            // Where both are news the merchant is told the newer only: a decision has one callback.
            paid(draft, index, seen)?;
            returned(draft)?;
        }
        Verdict::Failed if was_open => return rejected(draft, index),
        // It was paid out by the channel's own word, and now it was not: no money moves on that.
        Verdict::Failed if draft.order.state != State::Closed => draft.flag("contradicted"),
        Verdict::Working if was_open => {
            let trigger = match (draft.order.state, fact.source) {
                (State::Created, Source::Create) => Some(Trigger::Accepted),
                (State::Created | State::Submitted, _) => Some(Trigger::Works),
                _ => None,
            };
            if let Some(trigger) = trigger {
                draft.go(trigger)?;
            }
        }
        Verdict::Failed | Verdict::Working | Verdict::SendAgain | Verdict::Unknown => {}
    }
    if draft.order.state.is_open() {
        let verdict = if wrong { Verdict::Unknown } else { verdict };
        disbursement::go_on(draft, index, fact, verdict);
        return Ok(());
    }
    draft.order.attempts[index].state = AttemptState::Accepted;
    if !was_open {
        let watched = match draft.order.state {
            State::Paid | State::Completed => true,
            // Given up, and nothing was heard of it going out. What was cancelled was never sent.
            State::Closed => {
                draft.order.closed_reason == Some(ClosedReason::Rejected)
                    && draft.order.suspense_keys.is_empty()
            }
            _ => false,
        };
        disbursement::look_again(draft, index, fact, watched);
    }
    draft.write_attempt(index);
    Ok(())
}

/// Books the payout. Whether it is news; not yet told to the merchant.
fn paid(draft: &mut Draft<'_, Details>, index: usize, seen: &Observation) -> Result<bool, Refusal> {
    if matches!(draft.order.state, State::Paid | State::Completed | State::Returned) {
        return Ok(false);
    }
    let ctx = draft.ctx;
    let channel = draft.order.attempts[index].channel.clone();
    if draft.order.state == State::Closed {
        uncovered(draft, channel, seen);
        return Ok(false);
    }
    draft.order.paid_at = Some(seen.paid_at.unwrap_or(ctx.now));
    draft.go(Trigger::Paid)?;
    let order = &draft.order;
    let channel_fee = channel_fee(order, seen, ctx);
    let lines = withdraw_paid(order.user(), &channel, order.amount.minor, order.ledger_fee(), channel_fee);
    let journal =
        lines.journal(order.id, PostingKind::WithdrawPaid, String::new(), order.amount.currency, ctx.now);
    let summary = format!("{} of user {} paid out by {channel}", order.amount, order.user_ref);
    draft.post(journal, summary);
    draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery]);
    disbursement::watch(draft, index);
    Ok(true)
}

/// What the channel charges us, as it says or by its tariff.
fn channel_fee(order: &Withdraw, seen: &Observation, ctx: &Context<'_>) -> i64 {
    match seen.fee {
        Some(fee) if fee.currency == order.amount.currency => fee.minor,
        _ => FeeRule { ppm: ctx.policy.payout_fee_ppm, ..FeeRule::default() }.on(order.amount.minor),
    }
}

/// Paid out although the hold had been released: money is missing, and a person must decide who bears it.
fn uncovered(draft: &mut Draft<'_, Details>, channel: String, seen: &Observation) {
    let (at, order, amount) = (draft.now(), draft.order.id, draft.order.amount);
    let key = draft.order.attempts.last().map(|a| a.channel_ref.clone()).unwrap_or_default();
    if draft.order.suspense_keys.contains(&key) {
        return;
    }
    let reason = SuspenseReason::PaidOutAfterRelease;
    draft.flag(reason.flag());
    draft.order.suspense_keys.push(key.clone());
    draft.order.undecided += 1;
    let fee = channel_fee(&draft.order, seen, draft.ctx);
    let lines = withdraw_uncovered(&channel, amount.minor, fee);
    let journal = lines.journal(order, PostingKind::WithdrawUncovered, String::new(), amount.currency, at);
    draft.post(journal, format!("{amount} was paid out after its hold had ended ({})", seen.code));
    draft.change.writes.push(Write::Suspense(Suspense {
        order,
        key,
        channel,
        amount,
        reason,
        proposal: reason.proposal(),
        at,
        evidence_id: draft.evidence_id.clone(),
    }));
}

/// The flag of a payout without hold that the bank returned.
const RETURNED: &str = "returned";
/// The flag of a payout without hold that the user was charged for.
pub(super) const CHARGED: &str = "charged";

/// The bank returned what was paid out without its hold: to the user, if charged for it, else nothing is missing now.
fn came_back(draft: &mut Draft<'_, Details>) {
    if draft.order.flags.contains(RETURNED) {
        return;
    }
    draft.flag(RETURNED);
    draft.order.undecided = 0;
    let (at, order) = (draft.now(), &draft.order);
    let Some(key) = order.suspense_keys.first().cloned() else { return };
    let channel = order.attempt().map_or("", |a| a.channel.as_str());
    let (id, amount) = (order.id, order.amount);
    let (lines, summary) = if order.flags.contains(CHARGED) {
        let lines = withdraw_returned(order.user(), channel, amount.minor, Fee::default());
        (
            lines,
            format!("{amount} returned by the bank, credited to user {}, who was charged", order.user_ref),
        )
    } else {
        let state = SuspenseState::Refunded;
        draft.change.writes.push(Write::SuspenseDecided { order: id, key, state, at });
        let lines = uncovered_returned(channel, amount.minor);
        (lines, format!("{amount} returned by the bank: nothing is missing any more"))
    };
    let journal = lines.journal(id, PostingKind::WithdrawReturned, String::new(), amount.currency, at);
    draft.post(journal, summary);
}

pub(super) fn rejected(draft: &mut Draft<'_, Details>, index: usize) -> Result<(), Refusal> {
    disbursement::watch(draft, index);
    draft.write_attempt(index);
    end_hold(draft);
    draft.close(Trigger::Rejected, ClosedReason::Rejected, "withdraw.closed")
}

/// The held funds are free again.
pub(super) fn end_hold(draft: &mut Draft<'_, Details>) {
    let order = &draft.order;
    let (held, currency) = (order.held(), order.amount.currency);
    let journal = release(order.user(), held).journal(
        order.id,
        PostingKind::WithdrawRelease,
        String::new(),
        currency,
        draft.ctx.now,
    );
    let summary = format!("{} of user {} are free again", Amount::new(held, currency), order.user_ref);
    draft.post(journal, summary);
}

fn returned(draft: &mut Draft<'_, Details>) -> Result<(), Refusal> {
    if !matches!(draft.order.state, State::Paid | State::Completed) {
        return Ok(());
    }
    let now = draft.now();
    draft.go(Trigger::Returned)?;
    let order = &draft.order;
    let fee = if order.fee_terms.returned { order.ledger_fee() } else { Fee::default() };
    let channel = order.attempt().map_or("", |a| a.channel.as_str());
    let lines = withdraw_returned(order.user(), channel, order.amount.minor, fee);
    let journal =
        lines.journal(order.id, PostingKind::WithdrawReturned, String::new(), order.amount.currency, now);
    let summary = format!("{} returned by the bank, credited to user {}", order.amount, order.user_ref);
    draft.post(journal, summary);
    draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery, TaskKind::Watch]);
    draft.callback("withdraw.returned");
    Ok(())
}
