//! A merchant asks for a refund of a recharge: the sum is checked and the money held, before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::machine::State;
use super::settle::GIVEN_BACK_AFTER_ALL;
use super::{Details, Payment, Source, original};
use crate::change::{Change, Guard, TaskKind};
use crate::fee::FeeTerms;
use crate::id::OrderId;
use crate::ledger::PostingKind;
use crate::ledger::postings::refund_hold;
use crate::money::Amount;
use crate::order::State as _;
use crate::order::disbursement::Sending;
use crate::order::draft::Draft;
use crate::order::{Admission, Attempt, Kind, Order, Recharge, Refund, Refunds, Refusal, recharge};
use crate::policy::Context;
use crate::time::Timestamp;

/// What the merchant asked for, read and checked.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// The merchant's number of the refund.
    pub merchant_order_no: String,
    /// How much goes back to the payer.
    pub amount: Amount,
    /// Why.
    pub reason: String,
    /// A digest of the above as asked for, with the original.
    pub content_digest: String,
}

/// What goes with the creation.
#[derive(Clone, Debug)]
pub struct Creation {
    /// The new order's id.
    pub id: OrderId,
    /// The merchant's request.
    pub admission: Admission,
    /// Whose money is taken.
    pub source: Source,
}

/// Holds the money, adds to the original's sums, and writes the order down. `sending.tries` of the answer says whether
/// it is to be sent now; else the channel wants some time between two refunds, and a task sends it.
///
/// # Errors
/// [`Refusal::WrongState`]: the original is not paid. [`Refusal::RefundExceeds`].
pub fn of_recharge(
    new: NewRefund,
    with: Creation,
    paid: &Recharge,
    ctx: &Context<'_>,
) -> Result<(Refund, Change), Refusal> {
    if !matches!(paid.state, recharge::State::Paid | recharge::State::Completed) {
        return Err(Refusal::WrongState(paid.state.name()));
    }
    if paid.flags.contains(GIVEN_BACK_AFTER_ALL) {
        return Err(Refusal::WrongState(
            "held up: a refund of it that had failed was made after all, and a person decides",
        ));
    }
    let Some(attempt) = paid.attempt() else { return Err(Refusal::WrongState(paid.state.name())) };
    let (part, mut sums) = begin(paid, new.amount, paid.amount.minor)?;
    let send_at = sums.next_at.map_or(ctx.now, |at| at.max(ctx.now));
    sums.next_at = Some(send_at + ctx.policy.refund_spacing);

    let mut order = blank(&new, with.id, paid, ctx.now);
    if with.source == Source::App {
        order.flags.insert("from_settlement".to_owned());
    }
    order.details.source = with.source;
    order.details.fee_returned = part;
    // The fee's part may be more than a small refund, after others failed: then nothing is to be held.
    order.details.held = (new.amount.minor - order.returned().of_user()).max(0);
    order.details.payment = Some(Payment {
        channel_ref: attempt.channel_ref.clone(),
        channel_order_no: number_of(paid, paid.details.paid_ref.as_deref()),
        minor: paid.amount.minor,
    });
    order.details.sending.tries = (send_at == ctx.now).into();
    order.attempts.push(Attempt::new(1, &attempt.channel, with.id.channel_ref(1), ctx.now));

    let mut draft = Draft::new(order, ctx);
    let more = json!({"merchant_order_no": new.merchant_order_no, "original_order_id": paid.id,
                      "channel_ref": with.id.channel_ref(1)});
    with.admission.enter(
        &mut draft,
        "order.created",
        format!("refund of {} of {}", new.amount, paid.id),
        more,
    );
    draft.change.guards.push(Guard::OrderVersion { order: paid.id, row_version: paid.row_version });
    hold(&mut draft);
    // The sender works on it now; this is what is left of it after a crash.
    let due = if send_at == ctx.now { ctx.now + ctx.policy.create_timeout * 2 } else { send_at };
    draft.plan(TaskKind::Submit, due, 0, None);
    let (order, mut change) = draft.created();
    change.join(original::with(paid, sums, &order, "requested", ctx));
    Ok((order, change))
}

/// The provider's own number of the payment that is booked under `key`. The attempt's is that of the payment spoken of
/// last, which a second payment may be.
pub(super) fn number_of(paid: &Recharge, key: Option<&str>) -> Option<String> {
    let attempt = paid.attempt()?;
    let is_number = |key: &&str| !key.starts_with(&attempt.channel_ref);
    key.filter(is_number).map(str::to_owned).or_else(|| attempt.channel_order_no.clone())
}

/// Adds a refund to an order's sums: the part of the fee that goes back with it, and the sums as they will be.
pub(super) fn begin<K: Kind>(paid: &Order<K>, amount: Amount, of: i64) -> Result<(i64, Refunds), Refusal> {
    if amount.currency != paid.amount.currency {
        // Of another currency nothing was paid.
        return Err(Refusal::RefundExceeds);
    }
    let mut sums = paid.refunds;
    let fee = if paid.fee_terms.returned { paid.fee } else { 0 };
    let part = sums.begin(amount.minor, of, fee)?;
    Ok((part, sums))
}

fn hold(draft: &mut Draft<'_, Details>) {
    let Some((from, held)) = draft.order.accounts() else { return };
    let (minor, currency) = (draft.order.details.held, draft.order.amount.currency);
    if minor == 0 {
        return;
    }
    draft.needs(from.clone(), minor);
    let summary = format!("held {} of {from}", Amount::new(minor, currency));
    let journal = refund_hold(from, held, minor).journal(
        draft.order.id,
        PostingKind::RefundHold,
        String::new(),
        currency,
        draft.ctx.now,
    );
    draft.post(journal, summary);
}

/// A refund of `paid` with nothing held and nothing sent.
pub(super) fn blank<K: Kind>(new: &NewRefund, id: OrderId, paid: &Order<K>, now: Timestamp) -> Refund {
    Order {
        id,
        client_id: paid.client_id.clone(),
        merchant_order_no: new.merchant_order_no.clone(),
        user_ref: paid.user_ref.clone(),
        amount: new.amount,
        fee: 0,
        fee_terms: FeeTerms { bearer: paid.fee_terms.bearer, returned: false },
        notify_url: paid.notify_url.clone(),
        metadata: BTreeMap::new(),
        content_digest: new.content_digest.clone(),
        state: State::Requested,
        closed_reason: None,
        state_version: 1,
        row_version: 1,
        flags: BTreeSet::new(),
        created_at: now,
        paid_at: None,
        expires_at: None,
        attempts: Vec::new(),
        callbacks: Vec::new(),
        refunds: Refunds::default(),
        suspense_keys: Vec::new(),
        undecided: 0,
        details: Details {
            original: paid.id,
            reason: new.reason.clone(),
            source: Source::User,
            held: 0,
            fee_returned: 0,
            fee_bearer: paid.fee_terms.bearer,
            payment: None,
            sending: Sending::default(),
        },
    }
}
