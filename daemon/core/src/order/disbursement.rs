//! Money that goes out through a channel: what withdrawals and refunds share.
//!
//! It is sent under one number for ever. Until the channel definitely says how it ended the outcome is unknown, and
//! what is held stays held: no time, and no "not found" alone, releases it. A definite refusal retires the number, and
//! is believed once the channel has gone on knowing nothing of it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::draft::Draft;
use super::fact::{Fact, Source};
use super::kind::{Kind, Order};
use super::{Attempt, AttemptState, State as _};
use crate::change::{Origin, TaskKind};
use crate::observation::{Observation, Presence, Trouble};
use crate::policy::Context;
use crate::time::Timestamp;

/// What is known of the sending besides the attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// How often it was, or is being, sent: noted before each sending. 0: nothing ever went out.
    pub tries: u32,
    /// When the channel definitely refused it: the number is retired.
    pub refused_at: Option<Timestamp>,
    /// When the channel first said, after the refusal, that it knows nothing of it.
    pub absent_since: Option<Timestamp>,
}

impl Sending {
    /// Noted before it is sent: whoever comes after a crash must know.
    pub(super) fn begin(&mut self) {
        self.tries = self.tries.saturating_add(1);
    }

    /// The sending that was noted did not go out.
    pub(super) fn undo(&mut self) {
        self.tries = self.tries.saturating_sub(1);
    }
}

/// What came of sending it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disbursed {
    /// A signed, definite refusal of this sending.
    Refused {
        /// The raw code.
        code: String,
        /// The raw message.
        message: String,
    },
    /// What the channel says of it, or that the answer is of no use.
    Observed(Observation),
}

/// What a fact means for money on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The money went out.
    Done,
    /// It definitely did not, and will not.
    Failed,
    /// It went out, and came back.
    Returned,
    /// The channel has it, and works on it.
    Working,
    /// The channel knows nothing of it: the same number is sent again.
    SendAgain,
    /// Nothing is known; ask again.
    Unknown,
}

/// Judges what the channel says. Done, returned and failed are final; everything else leaves the money held.
///
/// `taken`: the channel once said that it works on it. Then a refusal of a later copy and "not found" prove nothing:
/// only the channel's own "failed" ends it, or people.
pub(super) fn judge(
    sending: &mut Sending,
    attempt: &Attempt,
    seen: &Observation,
    taken: bool,
    ctx: &Context<'_>,
) -> Verdict {
    match seen.presence {
        Presence::Paid => Verdict::Done,
        Presence::Refunded => Verdict::Returned,
        Presence::Failed | Presence::Closed => Verdict::Failed,
        Presence::Unpaid | Presence::Refunding => Verdict::Working,
        Presence::NotFound if attempt.state == AttemptState::Refused && !taken => {
            let since = *sending.absent_since.get_or_insert(ctx.now);
            let refused = sending.refused_at.unwrap_or(ctx.now);
            // Said twice, and long enough after the refusal that no copy of the request is on its way still.
            if ctx.now > since && ctx.now.since(refused) >= ctx.policy.refusal_margin {
                Verdict::Failed
            } else {
                Verdict::Unknown
            }
        }
        // Retired for good, whatever the channel said of it since.
        Presence::NotFound if sending.refused_at.is_some() => Verdict::Unknown,
        Presence::NotFound => Verdict::SendAgain,
        Presence::Unknown if seen.trouble == Some(Trouble::InProgress) => Verdict::Working,
        Presence::Unknown => Verdict::Unknown,
    }
}

/// A definite refusal: the number will never be sent again, and the channel is asked until it confirms.
pub(super) fn refused<K: Kind>(
    draft: &mut Draft<'_, K>,
    index: usize,
    code: &str,
    message: &str,
    evidence_id: Option<String>,
) -> Timestamp {
    let ctx = draft.ctx;
    let attempt = &mut draft.order.attempts[index];
    attempt.state = AttemptState::Refused;
    attempt.answered_at = Some(ctx.now);
    attempt.unknown_since = None;
    attempt.presence = None;
    attempt.queries = 0;
    code.clone_into(&mut attempt.code);
    message.clone_into(&mut attempt.message);
    draft.write_attempt(index);
    let summary = format!("the channel refused it: {code} {message}; asked again before the hold ends");
    draft.event(Origin::Channel, "channel.refused", summary, evidence_id, json!({"code": code}));
    draft.drop_tasks(&[TaskKind::Submit]);
    draft.plan(TaskKind::Requery, ctx.now + ctx.policy.refusal_margin, 0, None);
    ctx.now
}

/// Plans what comes next while the outcome is open, and writes the attempt.
pub(super) fn go_on<K: Kind>(draft: &mut Draft<'_, K>, index: usize, fact: &Fact<'_>, verdict: Verdict) {
    let (ctx, seen) = (draft.ctx, fact.seen);
    let attempt = &mut draft.order.attempts[index];
    // Also after a refusal, which then was of another sending: "not found" can't end what the channel has worked on.
    match verdict {
        Verdict::Working => attempt.state = AttemptState::Accepted,
        // It had taken it, and knows nothing of it now: the same number is safe to send, and its answer will tell.
        Verdict::SendAgain => attempt.state = AttemptState::Sending,
        _ => {}
    }
    // What was not even sent does not thin out the asking: when the channel is back, it is asked densely.
    let sent = seen.trouble != Some(Trouble::NotSent);
    let tries = attempt.queries;
    if sent {
        attempt.queries = tries.saturating_add(1);
    }
    let why = (!seen.presence.is_usable()).then(|| format!("{} {}", seen.code, seen.message));
    let waiting = attempt.state == AttemptState::Sending;
    draft.write_attempt(index);
    let due = ctx.now + ctx.policy.requery.wait_after(tries, ctx.chance());
    if waiting {
        // The task asks first, and sends the same number again only where the channel knows nothing of it.
        draft.drop_tasks(&[TaskKind::Requery]);
        draft.plan(TaskKind::Submit, due, tries, why);
    } else {
        draft.drop_tasks(&[TaskKind::Submit]);
        draft.plan(TaskKind::Requery, due, tries, why);
    }
}

/// Plans the next look at what has ended, as the channel might say otherwise yet: a payout may come back from the bank,
/// and what was given up may have gone out after all. What is not `watched` any more is left alone, however that was
/// learned.
pub(super) fn look_again<K: Kind>(draft: &mut Draft<'_, K>, index: usize, fact: &Fact<'_>, watched: bool) {
    if !watched {
        draft.drop_tasks(&[TaskKind::Watch]);
        return;
    }
    if fact.source != Source::Requery {
        return;
    }
    let (ctx, seen) = (draft.ctx, fact.seen);
    let attempt = &mut draft.order.attempts[index];
    let wait = if seen.presence.is_usable() {
        attempt.queries = attempt.queries.saturating_add(1);
        ctx.policy.payout_watch.get(usize::try_from(attempt.queries).unwrap_or(usize::MAX)).copied()
    } else {
        // Nothing was seen: that was no look.
        Some(ctx.policy.requery.wait_after(attempt.queries.saturating_add(1), ctx.chance()))
    };
    let looks = attempt.queries;
    match wait {
        Some(wait) => draft.plan(TaskKind::Watch, ctx.now + wait, looks, None),
        None => draft.drop_tasks(&[TaskKind::Watch]),
    }
}

/// Plans the first of these looks.
pub(super) fn watch<K: Kind>(draft: &mut Draft<'_, K>, index: usize) {
    draft.order.attempts[index].queries = 0;
    if let Some(wait) = draft.ctx.policy.payout_watch.first() {
        draft.plan(TaskKind::Watch, draft.ctx.now + *wait, 0, None);
    }
}

/// The attempt of an order that people may resolve: open, sent, and without a definite answer since.
pub(super) fn unknown<K: Kind>(order: &Order<K>, sending: &Sending) -> Option<u16> {
    let attempt = order.attempt()?;
    let dark = attempt.unknown_since.is_some()
        || sending.refused_at.is_some()
        // Working on it, for whoever knows how long.
        || matches!(attempt.presence, Some(Presence::Unpaid | Presence::Refunding));
    (order.state.is_open() && sending.tries > 0 && dark).then_some(attempt.no)
}

/// Two people are to end it as failed: the first one's word already retires the number, so that nothing goes out
/// between the two. Only asking goes on.
pub(super) fn retire<K: Kind>(draft: &mut Draft<'_, K>) {
    if let Some(attempt) = draft.order.attempts.last_mut()
        && attempt.state == AttemptState::Sending
    {
        attempt.state = AttemptState::Accepted;
    }
    let index = draft.order.attempts.len().saturating_sub(1);
    draft.write_attempt(index);
    draft.drop_tasks(&[TaskKind::Submit]);
    draft.plan(TaskKind::Requery, draft.ctx.now, 0, None);
}
