//! What a channel says of a refund becomes states, postings, tasks and callbacks, here and at the original.

use serde_json::json;

use super::machine::{State, Trigger};
use super::{Details, Source as MoneyOf, original};
use crate::change::{Change, Origin, SuspenseState, TaskKind, Write};
use crate::ledger::PostingKind;
use crate::ledger::postings::{refund_paid, refund_release, suspense_refund};
use crate::money::Amount;
use crate::observation::{Presence, Trouble};
use crate::order::State as _;
use crate::order::disbursement::{self, Disbursed, Verdict, judge};
use crate::order::draft::Draft;
use crate::order::fact::{self, Fact, Source};
use crate::order::{AttemptState, Recharge, Refund, Refusal};
use crate::policy::Context;

/// Notes that it is about to be sent, before it is.
///
/// # Errors
/// [`Refusal::WrongState`]: it is not to be sent any more.
pub fn sending(order: &Refund, ctx: &Context<'_>) -> Result<Change, Refusal> {
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
    order: &Refund,
    paid: &Recharge,
    no: u16,
    answer: &Disbursed,
    evidence_id: Option<String>,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    let Some(index) = draft.order.attempt_index(no) else { return Ok(draft.finish()) };
    match answer {
        Disbursed::Observed(seen) => {
            if seen.trouble == Some(Trouble::NotSent) {
                draft.order.details.sending.undo();
            } else {
                draft.order.attempts[index].sends = draft.order.attempts[index].sends.saturating_add(1);
            }
            let fact = Fact { attempt_no: no, seen, source: Source::Create, evidence_id };
            return settle_draft(draft, paid, index, &fact);
        }
        Disbursed::Refused { code, message } if draft.order.state.is_open() => {
            let at = disbursement::refused(&mut draft, index, code, message, evidence_id);
            draft.order.details.sending.refused_at = Some(at);
            draft.order.details.sending.absent_since = None;
        }
        Disbursed::Refused { .. } => {}
    }
    Ok(draft.finish())
}

/// Takes a fact. Facts may come late, twice and in any order; a terminal fact is never overwritten.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn settle(
    order: &Refund,
    paid: &Recharge,
    fact: &Fact<'_>,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    let draft = Draft::of(order, ctx);
    match draft.order.attempt_index(fact.attempt_no) {
        Some(index) => settle_draft(draft, paid, index, fact),
        None => Ok(draft.finish()),
    }
}

/// The flag of a refund that the channel made after its hold had ended, and of its original.
pub(in crate::order) const GIVEN_BACK_AFTER_ALL: &str = "refunded_after_release";

/// The first of the two says that it failed: nothing is sent from now on, though the second may never say so.
///
/// # Errors
/// As of [`resolve`].
pub fn retire(order: &Refund, ctx: &Context<'_>) -> Result<Change, Refusal> {
    disbursement::unknown(order, &order.details.sending).ok_or(Refusal::NothingToResolve)?;
    let mut draft = Draft::of(order, ctx);
    draft.order.details.sending.refused_at.get_or_insert(ctx.now);
    disbursement::retire(&mut draft);
    Ok(draft.finish())
}

/// Two operators end an unknown refund, on the provider's own bill line.
///
/// # Errors
/// [`Refusal::NothingToResolve`]: the channel said how it ended.
pub fn resolve(
    order: &Refund,
    paid: &Recharge,
    refunded: bool,
    bill_line: &str,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    disbursement::unknown(order, &order.details.sending).ok_or(Refusal::NothingToResolve)?;
    let mut draft = Draft::of(order, ctx);
    let word = if refunded { "refunded" } else { "failed" };
    let summary = format!("two operators resolved the refund as {word}");
    draft.event(
        Origin::Operator,
        "refund.resolved",
        summary,
        None,
        json!({"outcome": word, "bill_line": bill_line}),
    );
    if refunded {
        return given_back(draft, paid, ctx.now);
    }
    if let Some(attempt) = draft.order.attempts.last_mut() {
        // The number is retired: nobody sends it again.
        attempt.state = AttemptState::Refused;
    }
    draft.order.details.sending.refused_at = Some(ctx.now);
    let index = draft.order.attempts.len().saturating_sub(1);
    failed(draft, paid, index)
}

fn settle_draft(
    mut draft: Draft<'_, Details>,
    paid: &Recharge,
    index: usize,
    fact: &Fact<'_>,
) -> Result<Change, Refusal> {
    fact::note(&mut draft, index, fact);
    let seen = fact.seen;
    let mut sending = draft.order.details.sending;
    // A refund's number is answered by what became of it: a refusal of a later copy does speak of the first.
    let mut verdict = judge(&mut sending, &draft.order.attempts[index], seen, false, draft.ctx);
    draft.order.details.sending = sending;
    if !draft.order.state.is_open() {
        return Ok(said_of_ended(draft, paid, index, fact));
    }
    if seen.amount.is_some_and(|amount| amount != draft.order.amount) {
        // The channel speaks of another sum: nothing is booked on that, and a person must look.
        draft.flag("amount_mismatch");
        verdict = Verdict::Unknown;
    }
    match verdict {
        // What a channel calls returned is what a refund is for.
        Verdict::Returned => {
            draft.order.attempts[index].state = AttemptState::Accepted;
            draft.write_attempt(index);
            let at = seen.paid_at.unwrap_or(draft.ctx.now);
            return given_back(draft, paid, at);
        }
        Verdict::Failed if seen.presence != Presence::Closed => return failed(draft, paid, index),
        Verdict::Working => {
            let trigger = match (draft.order.state, fact.source) {
                (State::Requested, Source::Create) => Some(Trigger::Accepted),
                (State::Requested | State::Submitted, _) => Some(Trigger::Works),
                _ => None,
            };
            if let Some(trigger) = trigger {
                draft.go(trigger)?;
            }
        }
        // Paid and closed are words for payments: of a refund they say nothing.
        Verdict::Done | Verdict::Failed | Verdict::SendAgain | Verdict::Unknown => {}
    }
    if matches!(verdict, Verdict::Done | Verdict::Failed) {
        verdict = Verdict::Unknown;
    }
    disbursement::go_on(&mut draft, index, fact, verdict);
    Ok(draft.finish())
}

/// What is said of it after its end: looked at for some time, and where it tells another story a person must look.
fn said_of_ended(mut draft: Draft<'_, Details>, paid: &Recharge, index: usize, fact: &Fact<'_>) -> Change {
    let seen = fact.seen;
    let mut at_original = None;
    match (draft.order.state, seen.presence) {
        // Given back although its hold had ended: no money moves by itself. The original takes no further refunds, or
        // the payer might have the money twice.
        (State::Failed, Presence::Refunded) => {
            draft.flag(GIVEN_BACK_AFTER_ALL);
            if !paid.flags.contains(GIVEN_BACK_AFTER_ALL) {
                let mut original = Draft::of(paid, draft.ctx);
                original.flag(GIVEN_BACK_AFTER_ALL);
                at_original = Some(original.finish());
            }
        }
        (State::Refunded | State::Completed, Presence::Failed) => draft.flag("contradicted"),
        _ => {}
    }
    let watched = draft.order.state == State::Failed && !draft.order.flags.contains(GIVEN_BACK_AFTER_ALL);
    disbursement::look_again(&mut draft, index, fact, watched);
    draft.write_attempt(index);
    let mut change = draft.finish();
    if let Some(original) = at_original {
        change.join(original);
    }
    change
}

fn given_back(
    mut draft: Draft<'_, Details>,
    paid: &Recharge,
    at: crate::time::Timestamp,
) -> Result<Change, Refusal> {
    let ctx = draft.ctx;
    draft.order.paid_at = Some(at);
    draft.go(Trigger::Refunded)?;
    draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery]);
    let order = &draft.order;
    let (minor, currency) = (order.amount.minor, order.amount.currency);
    let channel = order.attempt().map_or("", |a| a.channel.as_str());
    let summary = format!("{} given back to the payer by {channel}", order.amount);
    let mut at_original = None;
    let (kind, lines) = match (&order.details.source, order.accounts()) {
        (MoneyOf::Suspense(key), _) => {
            let (original, key) = (order.details.original, key.clone());
            let state = SuspenseState::Refunded;
            draft.change.writes.push(Write::SuspenseDecided { order: original, key, state, at: ctx.now });
            (PostingKind::SuspenseRefund, suspense_refund(channel, minor))
        }
        (_, accounts) => {
            let (from, held) = accounts.ok_or(Refusal::WrongState("without accounts"))?;
            let mut sums = paid.refunds;
            sums.succeed(minor);
            at_original = Some(original::with(paid, sums, order, "done", ctx));
            (
                PostingKind::RefundPaid,
                refund_paid(from, held, &order.client_id, channel, minor, order.returned()),
            )
        }
    };
    let journal = lines.journal(draft.order.id, kind, String::new(), currency, ctx.now);
    draft.post(journal, summary);
    draft.callback("refund.refunded");
    let mut change = draft.finish();
    if let Some(original) = at_original {
        change.join(original);
    }
    Ok(change)
}

fn failed(mut draft: Draft<'_, Details>, paid: &Recharge, index: usize) -> Result<Change, Refusal> {
    let ctx = draft.ctx;
    draft.go(Trigger::Failed)?;
    draft.drop_tasks(&[TaskKind::Submit, TaskKind::Requery]);
    disbursement::watch(&mut draft, index);
    draft.write_attempt(index);
    let order = &draft.order;
    let currency = order.amount.currency;
    let held = order.details.held;
    if let MoneyOf::Suspense(key) = &order.details.source {
        let (original, key) = (order.details.original, key.clone());
        draft.change.writes.push(Write::SuspenseDecided {
            order: original,
            key,
            state: SuspenseState::Open,
            at: ctx.now,
        });
        return Ok(draft.finish());
    }
    if let Some((from, account)) = order.accounts()
        && held > 0
    {
        let journal = refund_release(from.clone(), account, held).journal(
            order.id,
            PostingKind::RefundRelease,
            String::new(),
            currency,
            ctx.now,
        );
        draft.post(journal, format!("{} of {from} are free again", Amount::new(held, currency)));
    }
    let mut sums = paid.refunds;
    sums.fail(draft.order.amount.minor, draft.order.details.fee_returned);
    let at_original = original::with(paid, sums, &draft.order, "failed", ctx);
    draft.callback("refund.failed");
    let mut change = draft.finish();
    change.join(at_original);
    Ok(change)
}
