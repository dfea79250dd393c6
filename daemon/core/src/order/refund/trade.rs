//! A merchant asks for a refund of a trade: from the payee back to the payer, at once.

use serde_json::json;

use super::create::{begin, blank};
use super::machine::Trigger;
use super::{Creation, NewRefund, Source, original};
use crate::change::{Change, Guard};
use crate::ledger::PostingKind;
use crate::ledger::postings::trade_refund;
use crate::order::State as _;
use crate::order::draft::Draft;
use crate::order::{Refund, Refusal, Trade, trade};
use crate::policy::Context;

/// Moves the money back, adds to the original's sums, and writes the order down. Needs the amount at the payee.
///
/// # Errors
/// [`Refusal::WrongState`]: the original is not settled. [`Refusal::RefundExceeds`].
pub fn of_trade(
    new: NewRefund,
    with: Creation,
    paid: &Trade,
    ctx: &Context<'_>,
) -> Result<(Refund, Change), Refusal> {
    let Some(captured) = paid
        .details
        .captured
        .filter(|_| matches!(paid.state, trade::State::Settled | trade::State::Completed))
    else {
        return Err(Refusal::WrongState(paid.state.name()));
    };
    let (part, mut sums) = begin(paid, new.amount, captured)?;
    sums.succeed(new.amount.minor);
    let mut order = blank(&new, with.id, paid, ctx.now);
    order.details.source = Source::Payee;
    order.details.fee_returned = part;
    order.paid_at = Some(ctx.now);
    let mut draft = Draft::new(order, ctx);
    let more = json!({"merchant_order_no": new.merchant_order_no, "original_order_id": paid.id});
    with.admission.enter(
        &mut draft,
        "order.created",
        format!("refund of {} of {}", new.amount, paid.id),
        more,
    );
    draft.change.guards.push(Guard::OrderVersion { order: paid.id, row_version: paid.row_version });
    draft.needs(paid.payee(), new.amount.minor);
    draft.go(Trigger::Refunded)?;
    let lines = trade_refund(paid.payer(), paid.payee(), new.amount.minor, draft.order.returned());
    let journal =
        lines.journal(with.id, PostingKind::TradeRefund, String::new(), new.amount.currency, ctx.now);
    draft.post(journal, format!("{} back to user {}", new.amount, paid.user_ref));
    draft.callback("refund.refunded");
    let (order, mut change) = draft.created();
    change.join(original::with(paid, sums, &order, "done", ctx));
    Ok((order, change))
}
