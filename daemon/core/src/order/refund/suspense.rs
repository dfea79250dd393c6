//! An operator gives back money that was never credited: a refund through the channel, whose money is in suspense.

use serde_json::json;

use super::create::{blank, number_of};
use super::{NewRefund, Payment, Source};
use crate::change::{Change, Origin, SuspenseState, TaskKind};
use crate::id::OrderId;
use crate::order::draft::Draft;
use crate::order::recharge::InSuspense;
use crate::order::{Attempt, Recharge, Refund, Refusal, recharge};
use crate::policy::Context;

/// Begins the refund of a payment in suspense. It is no part of the order's own refunds, and the merchant, who never
/// had this money, is not told.
///
/// # Errors
/// [`Refusal::NotInSuspense`].
pub fn of_suspense(
    paid: &Recharge,
    money: &InSuspense,
    id: OrderId,
    ctx: &Context<'_>,
) -> Result<(Refund, Change), Refusal> {
    let mut decision = recharge::decided(paid, money, SuspenseState::Refunding, ctx)?;
    let detail = json!({"refund_id": id, "key": money.key});
    decision.event(Origin::Operator, "suspense.refund", format!("given back by {id}"), None, detail);
    recharge::end_if_open(&mut decision)?;
    let Some(attempt) = paid.attempt() else { return Err(Refusal::NotInSuspense) };
    let new = NewRefund {
        merchant_order_no: format!("suspense-{id}"),
        amount: money.amount,
        reason: "payment not credited".to_owned(),
        content_digest: String::new(),
    };
    let mut order = blank(&new, id, paid, ctx.now);
    order.notify_url = None;
    order.details.source = Source::Suspense(money.key.clone());
    order.details.payment = Some(Payment {
        channel_ref: attempt.channel_ref.clone(),
        channel_order_no: number_of(paid, Some(&money.key)),
        minor: money.amount.minor,
    });
    order.attempts.push(Attempt::new(1, &money.channel, id.channel_ref(1), ctx.now));
    let mut draft = Draft::new(order, ctx);
    let detail = json!({"original_order_id": paid.id, "key": money.key});
    let summary = format!("refund of {} in suspense, decided by a person", money.amount);
    draft.event(Origin::Operator, "order.created", summary, None, detail);
    draft.plan(TaskKind::Submit, ctx.now, 0, None);
    let (order, change) = draft.created();
    let mut all = decision.finish();
    all.join(change);
    Ok((order, all))
}
