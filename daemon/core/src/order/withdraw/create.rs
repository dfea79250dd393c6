//! A merchant asks for a withdrawal: the funds are held before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::machine::State;
use super::{Details, Withdraw};
use crate::change::{Change, TaskKind};
use crate::fee::Tariff;
use crate::id::OrderId;
use crate::ledger::PostingKind;
use crate::ledger::postings::hold;
use crate::money::Amount;
use crate::order::disbursement::Sending;
use crate::order::draft::Draft;
use crate::order::{Admission, Attempt, Order, Payee, Refunds, Refusal};
use crate::policy::Context;

/// What the merchant asked for, read and checked, defaults filled in.
#[derive(Clone, Debug)]
pub struct NewWithdraw {
    /// The app.
    pub client_id: String,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// The app's user whose money it is.
    pub user_ref: String,
    /// What the payee gets.
    pub amount: Amount,
    /// Who is paid.
    pub payee: Payee,
    /// The channel's account name.
    pub channel: String,
    /// Where callbacks go.
    pub notify_url: Option<String>,
    /// The merchant's own data.
    pub metadata: BTreeMap<String, String>,
    /// A digest of the above as asked for.
    pub content_digest: String,
}

/// What goes with the creation.
#[derive(Clone, Debug)]
pub struct Creation {
    /// The new order's id.
    pub id: OrderId,
    /// The merchant's request.
    pub admission: Admission,
    /// Our fee on the amount.
    pub tariff: Tariff,
    /// Whether it is sent right after it is written down. If not, nothing was sent, and it can be cancelled.
    pub sending_now: bool,
}

/// Holds the funds and writes the order down. Needs the amount, and the fee where the user bears it.
///
/// # Errors
/// [`Refusal::AmountBelowFee`].
pub fn create(new: NewWithdraw, with: Creation, ctx: &Context<'_>) -> Result<(Withdraw, Change), Refusal> {
    let fee = with.tariff.rule.on(new.amount.minor);
    if fee >= new.amount.minor && fee > 0 {
        return Err(Refusal::AmountBelowFee);
    }
    let attempt = Attempt::new(1, &new.channel, with.id.channel_ref(1), ctx.now);
    let summary = format!("withdrawal of {} at {} to {}", new.amount, new.channel, new.payee.masked());
    let more = json!({"merchant_order_no": new.merchant_order_no, "channel_ref": attempt.channel_ref});
    let order = Order {
        id: with.id,
        client_id: new.client_id,
        merchant_order_no: new.merchant_order_no,
        user_ref: new.user_ref,
        amount: new.amount,
        fee,
        fee_terms: with.tariff.terms,
        notify_url: new.notify_url,
        metadata: new.metadata,
        content_digest: new.content_digest,
        state: State::Created,
        closed_reason: None,
        state_version: 1,
        row_version: 1,
        flags: BTreeSet::new(),
        created_at: ctx.now,
        paid_at: None,
        expires_at: None,
        attempts: vec![attempt],
        callbacks: Vec::new(),
        refunds: Refunds::default(),
        suspense_keys: Vec::new(),
        undecided: 0,
        details: Details {
            payee: new.payee,
            sending: Sending { tries: with.sending_now.into(), ..Sending::default() },
        },
    };
    let mut draft = Draft::new(order, ctx);
    with.admission.enter(&mut draft, "order.created", summary, more);
    let held = draft.order.held();
    draft.needs(draft.order.user().available(), held);
    let currency = draft.order.amount.currency;
    let journal = hold(draft.order.user(), held).journal(
        draft.order.id,
        PostingKind::WithdrawHold,
        String::new(),
        currency,
        ctx.now,
    );
    draft.post(journal, format!("held {} of user {}", Amount::new(held, currency), draft.order.user_ref));
    // The sender works on it now; this is what is left of it after a crash.
    let due = if with.sending_now { ctx.now + ctx.policy.create_timeout * 2 } else { ctx.now };
    draft.plan(TaskKind::Submit, due, 0, None);
    Ok(draft.created())
}
