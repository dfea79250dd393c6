//! A channel answered a creation, or did not.

use serde_json::json;

use super::Recharge;
use super::close::close;
use super::machine::{State, Trigger};
use super::settle::settle_draft;
use crate::change::{Change, Origin, TaskKind};
use crate::observation::{Observation, Trouble};
use crate::order::draft::Draft;
use crate::order::{AttemptState, ClosedReason, Fact, Payment, Refusal, Source, State as _};
use crate::policy::Context;

/// What came of sending a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission {
    /// The channel waits for the payer.
    Accepted {
        /// What the payer is shown.
        payment: Payment,
        /// The provider's own number, where it gave one already.
        channel_order_no: Option<String>,
    },
    /// The channel definitely will not take it.
    Refused {
        /// The raw code.
        code: String,
        /// The raw message.
        message: String,
    },
    /// The answer speaks of the order's state instead, or is of no use (presence unknown).
    Observed(Observation),
}

/// Takes what came of sending attempt `no`.
///
/// # Errors
/// A step that the machine does not have; the caller's order was stale.
pub fn submitted(
    order: &Recharge,
    no: u16,
    submission: &Submission,
    evidence_id: Option<String>,
    ctx: &Context<'_>,
) -> Result<Change, Refusal> {
    let mut draft = Draft::of(order, ctx);
    let Some(index) = draft.order.attempt_index(no) else { return Ok(draft.finish()) };
    match submission {
        Submission::Accepted { payment, channel_order_no } => {
            let attempt = &mut draft.order.attempts[index];
            attempt.state = AttemptState::Accepted;
            attempt.answered_at = Some(ctx.now);
            attempt.unknown_since = None;
            if let Some(number) = channel_order_no {
                attempt.channel_order_no = Some(number.clone());
            }
            draft.write_attempt(index);
            draft.event(
                Origin::Channel,
                "channel.accepted",
                "the channel took the order".to_owned(),
                evidence_id,
                json!({}),
            );
            if draft.order.state == State::Created {
                draft.go(Trigger::Accepted)?;
            }
            if draft.order.state.is_open() {
                if draft.order.details.payment.is_none() {
                    draft.order.details.payment = Some(payment.clone());
                    draft.visible();
                }
                draft.drop_tasks(&[TaskKind::Submit]);
                if draft.order.suspense_keys.is_empty() {
                    let due = ctx.now + ctx.policy.requery.first();
                    draft.plan(TaskKind::Requery, due, 0, None);
                }
            }
        }
        Submission::Refused { code, message } => {
            let attempt = &mut draft.order.attempts[index];
            attempt.state = AttemptState::Refused;
            attempt.answered_at = Some(ctx.now);
            attempt.unknown_since = None;
            attempt.code.clone_from(code);
            attempt.message.clone_from(message);
            draft.write_attempt(index);
            let summary = format!("the channel refused the order: {code} {message}");
            draft.event(Origin::Channel, "channel.refused", summary, evidence_id, json!({"code": code}));
            if draft.order.state == State::Created {
                close(&mut draft, Trigger::Refused, ClosedReason::RefusedByChannel)?;
            }
        }
        Submission::Observed(seen) => {
            let tries = draft.order.attempts[index].sends;
            if seen.trouble != Some(Trouble::NotSent) {
                draft.order.attempts[index].sends = tries.saturating_add(1);
            }
            let fact = Fact { attempt_no: no, seen, source: Source::Create, evidence_id };
            settle_draft(&mut draft, index, &fact)?;
            // Money that waits for a person ends all asking.
            if draft.order.state == State::Created && draft.order.suspense_keys.is_empty() {
                let due = ctx.now + ctx.policy.requery.wait_after(tries.saturating_sub(1), ctx.chance());
                let why = Some(format!("{} {}", seen.code, seen.message));
                draft.plan(TaskKind::Submit, due, tries, why);
            }
        }
    }
    Ok(draft.finish())
}
