//! People decide: two operators on an unknown payout, with the provider's own bill line as evidence; one on a payout
//! that went out without its hold.

use serde_json::json;

use super::settle::{CHARGED, rejected, settle};
use super::{Details, Withdraw};
use crate::change::{Change, Guard, Origin, SuspenseState, Write};
use crate::ledger::PostingKind;
use crate::ledger::postings::uncovered_charge;
use crate::observation::{Observation, Presence};
use crate::order::disbursement;
use crate::order::draft::Draft;
use crate::order::fact::{Fact, Source};
use crate::order::{AttemptState, Refusal};
use crate::policy::Context;

/// Ends an unknown payout: it was paid out, or it definitely was not. `bill_line` is what the provider's bill says.
///
/// # Errors
/// [`Refusal::NothingToResolve`]: the channel said how it ended, or it is not unknown yet.
pub fn resolve(order: &Withdraw, paid: bool, bill_line: &str, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let no = disbursement::unknown(order, &order.details.sending).ok_or(Refusal::NothingToResolve)?;
    let word = if paid { "paid" } else { "failed" };
    let detail = json!({"outcome": word, "bill_line": bill_line});
    let summary = format!("two operators resolved the payout as {word}");
    if paid {
        let seen = Observation {
            amount: Some(order.amount),
            ..Observation::of(Presence::Paid, "resolved", "on the provider's bill")
        };
        let fact = Fact { attempt_no: no, seen: &seen, source: Source::People, evidence_id: None };
        let mut change = settle(order, &fact, ctx)?;
        let mut told = Draft::of(order, ctx);
        told.event(Origin::Operator, "payout.resolved", summary, None, detail);
        change.events.extend(told.change.events);
        return Ok(change);
    }
    let mut draft = Draft::of(order, ctx);
    draft.event(Origin::Operator, "payout.resolved", summary, None, detail);
    let Some(index) = draft.order.attempt_index(no) else { return Err(Refusal::NothingToResolve) };
    // The number is retired: nobody sends it again.
    draft.order.attempts[index].state = AttemptState::Refused;
    draft.order.details.sending.refused_at = Some(ctx.now);
    rejected(&mut draft, index)?;
    Ok(draft.finish())
}

/// The first of the two says that it failed: nothing is sent from now on, though the second may never say so.
///
/// # Errors
/// As of [`resolve`].
pub fn retire(order: &Withdraw, ctx: &Context<'_>) -> Result<Change, Refusal> {
    disbursement::unknown(order, &order.details.sending).ok_or(Refusal::NothingToResolve)?;
    let mut draft = Draft::of(order, ctx);
    draft.order.details.sending.refused_at.get_or_insert(ctx.now);
    disbursement::retire(&mut draft);
    Ok(draft.finish())
}

/// Charges the user for a payout that went out without its hold. Needs the amount on the user's account.
///
/// # Errors
/// [`Refusal::NotInSuspense`].
pub fn charge_uncovered(order: &Withdraw, key: &str, ctx: &Context<'_>) -> Result<Change, Refusal> {
    let mut draft = decided(order, key, SuspenseState::Applied, ctx)?;
    draft.needs(order.user().available(), order.amount.minor);
    draft.flag(CHARGED);
    let journal = uncovered_charge(order.user(), order.amount.minor).journal(
        order.id,
        PostingKind::UncoveredCharge,
        String::new(),
        order.amount.currency,
        ctx.now,
    );
    draft.post(journal, format!("{} charged to user {}, decided by a person", order.amount, order.user_ref));
    Ok(draft.finish())
}

/// Leaves the missing money in suspense, knowingly.
///
/// # Errors
/// [`Refusal::NotInSuspense`].
pub fn keep_uncovered(order: &Withdraw, key: &str, ctx: &Context<'_>) -> Result<Change, Refusal> {
    Ok(decided(order, key, SuspenseState::Kept, ctx)?.finish())
}

fn decided<'a>(
    order: &Withdraw,
    key: &str,
    state: SuspenseState,
    ctx: &'a Context<'a>,
) -> Result<Draft<'a, Details>, Refusal> {
    if !order.suspense_keys.iter().any(|k| k == key) {
        return Err(Refusal::NotInSuspense);
    }
    let mut draft = Draft::of(order, ctx);
    draft.order.undecided = order.undecided.saturating_sub(1);
    let key = key.to_owned();
    draft.change.guards.push(Guard::SuspenseIs {
        order: order.id,
        key: key.clone(),
        state: SuspenseState::Open,
    });
    let detail = json!({"key": key, "state": state.name()});
    draft.change.writes.push(Write::SuspenseDecided { order: order.id, key, state, at: ctx.now });
    let summary = format!("payout without hold: {}", state.name());
    draft.event(Origin::Operator, "suspense.decided", summary, None, detail);
    Ok(draft)
}
