//! A merchant asks for a recharge.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::machine::{State, Trigger};
use super::{Recharge, Refusal};
use crate::change::{Change, CredentialCheck, Event, Guard, Origin, TaskChange, TaskId, TaskKind, Write};
use crate::fee::FeeRule;
use crate::id::OrderId;
use crate::money::Amount;
use crate::order::attempt::{Attempt, AttemptState};
use crate::order::payment::{Method, Payment};
use crate::policy::Context;
use crate::time::Timestamp;

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
    /// What verified the request.
    pub credentials: CredentialCheck,
    /// The request's nonce, and until when it is kept.
    pub nonce: (String, Timestamp),
    /// The request's id, as in logs and errors.
    pub request_id: String,
    /// Our fee on the amount.
    pub fee: FeeRule,
    /// The payment content, where the payer's browser brings it and no server call is needed.
    pub ready: Option<Payment>,
}

/// Writes the order down, before anything is sent: state 0, or 1 where nothing is to be sent.
///
/// # Errors
/// [`Refusal::AmountBelowFee`].
pub fn create(new: NewRecharge, with: Creation, ctx: &Context<'_>) -> Result<(Recharge, Change), Refusal> {
    let fee = with.fee.on(new.amount.minor);
    if fee >= new.amount.minor && fee > 0 {
        return Err(Refusal::AmountBelowFee);
    }
    let mut attempt = Attempt::new(1, &new.channel, with.id.channel_ref(1), ctx.now);
    let mut state = State::Created;
    if with.ready.is_some() {
        attempt.state = AttemptState::Accepted;
        state = super::machine::next(state, Trigger::Accepted)
            .ok_or(Refusal::NoTransition { from: state, trigger: Trigger::Accepted })?;
    }
    let order = Recharge {
        id: with.id,
        client_id: new.client_id,
        merchant_order_no: new.merchant_order_no,
        user_ref: new.user_ref,
        amount: new.amount,
        fee,
        subject: new.subject,
        method: new.method,
        notify_url: new.notify_url,
        return_url: new.return_url,
        metadata: new.metadata,
        content_digest: new.content_digest,
        state,
        closed_reason: None,
        state_version: 1,
        row_version: 1,
        flags: BTreeSet::new(),
        payment: with.ready,
        created_at: ctx.now,
        paid_at: None,
        expires_at: ctx.now + new.expires_in,
        close_requested_at: None,
        paid_ref: None,
        notified: false,
        suspense_keys: Vec::new(),
        attempts: vec![attempt.clone()],
        callbacks: Vec::new(),
    };

    let event = |origin, kind, summary, detail| Event {
        at: ctx.now,
        origin,
        kind,
        summary,
        order: Some(order.id),
        client_id: Some(order.client_id.clone()),
        evidence_id: None,
        detail,
    };
    let task = |kind, due_at| TaskChange::Schedule {
        task: TaskId::order(kind, order.id),
        due_at,
        attempt: 0,
        last_error: None,
    };
    let ask_first = if state == State::Created {
        // The sender works on it now; this is what is left of it after a crash.
        task(TaskKind::Submit, ctx.now + ctx.policy.create_timeout * 2)
    } else {
        task(TaskKind::Requery, ctx.now + ctx.policy.requery.first())
    };
    let check = &with.credentials;
    let change = Change {
        guards: vec![
            Guard::Credentials(check.clone()),
            Guard::NonceUnused { client_id: order.client_id.clone(), nonce: with.nonce.0.clone() },
            Guard::MerchantOrderNoFree {
                client_id: order.client_id.clone(),
                kind: "recharge",
                merchant_order_no: order.merchant_order_no.clone(),
            },
        ],
        tasks: vec![ask_first, task(TaskKind::Close, order.expires_at + ctx.policy.expiry_margin)],
        events: vec![
            event(
                Origin::Api,
                "order.created",
                format!("recharge of {} by {} at {}", order.amount, order.method.name(), new.channel),
                json!({"request_id": with.request_id, "merchant_order_no": order.merchant_order_no,
                       "channel_ref": attempt.channel_ref}),
            ),
            event(
                Origin::Gate,
                "gate.accepted",
                format!("signed with key {}, password version {}", check.key_id, check.password_version),
                json!({"key_id": check.key_id, "password_version": check.password_version,
                       "order_type": check.order_type.name()}),
            ),
        ],
        writes: vec![
            Write::InsertRecharge(Box::new(order.clone())),
            Write::InsertAttempt { order: order.id, attempt },
            Write::Nonce { client_id: order.client_id.clone(), nonce: with.nonce.0, until: with.nonce.1 },
        ],
    };
    Ok((order, change))
}
