//! A merchant asks for a recharge.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::machine::{State, Trigger};
use super::{Details, Recharge};
use crate::change::{Change, TaskKind};
use crate::fee::Tariff;
use crate::id::OrderId;
use crate::money::Amount;
use crate::order::draft::Draft;
use crate::order::{Admission, Attempt, AttemptState, Method, Order, Payment, Refunds, Refusal};
use crate::policy::Context;

/// What the merchant asked for, read and checked, defaults filled in.
#[derive(Clone, Debug)]
pub struct NewRecharge {
    /// The app.
    pub client_id: String,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// The app's user.
    pub user_ref: String,
    /// What is to be paid.
    pub amount: Amount,
    /// What the payer reads.
    pub subject: String,
    /// How the payer pays.
    pub method: Method,
    /// The channel's account name.
    pub channel: String,
    /// Where callbacks go.
    pub notify_url: Option<String>,
    /// Where the payer's browser returns to.
    pub return_url: Option<String>,
    /// How long the payer can pay.
    pub expires_in: Duration,
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
    /// The payment content, where the payer's browser brings it and no server call is needed.
    pub ready: Option<Payment>,
}

/// Writes the order down, before anything is sent: state 0, or 1 where nothing is to be sent.
///
/// # Errors
/// [`Refusal::AmountBelowFee`].
pub fn create(new: NewRecharge, with: Creation, ctx: &Context<'_>) -> Result<(Recharge, Change), Refusal> {
    let fee = with.tariff.rule.on(new.amount.minor);
    if fee >= new.amount.minor && fee > 0 {
        return Err(Refusal::AmountBelowFee);
    }
    let attempt = Attempt::new(1, &new.channel, with.id.channel_ref(1), ctx.now);
    let (method, channel_ref) = (new.method, attempt.channel_ref.clone());
    let expires_at = ctx.now + new.expires_in;
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
        expires_at: Some(expires_at),
        attempts: vec![attempt],
        callbacks: Vec::new(),
        refunds: Refunds::default(),
        suspense_keys: Vec::new(),
        undecided: 0,
        details: Details {
            subject: new.subject,
            method,
            return_url: new.return_url,
            payment: None,
            close_requested_at: None,
            paid_ref: None,
            notified: false,
        },
    };
    let mut draft = Draft::new(order, ctx);
    let summary = format!("recharge of {} by {} at {}", new.amount, method.name(), new.channel);
    let more = json!({"merchant_order_no": draft.order.merchant_order_no, "channel_ref": channel_ref});
    with.admission.enter(&mut draft, "order.created", summary, more);
    if let Some(payment) = with.ready {
        draft.order.attempts[0].state = AttemptState::Accepted;
        draft.order.details.payment = Some(payment);
        draft.go(Trigger::Accepted)?;
        draft.plan(TaskKind::Requery, ctx.now + ctx.policy.requery.first(), 0, None);
    } else {
        // The sender works on it now; this is what is left of it after a crash.
        draft.plan(TaskKind::Submit, ctx.now + ctx.policy.create_timeout * 2, 0, None);
    }
    draft.plan(TaskKind::Close, expires_at + ctx.policy.expiry_margin, 0, None);
    Ok(draft.created())
}
