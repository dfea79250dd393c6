//! A merchant asks for a trade: at once, or held until it is captured.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::machine::{State, Trigger};
use super::{Details, Trade};
use crate::change::{Change, TaskKind};
use crate::fee::Tariff;
use crate::id::OrderId;
use crate::ledger::PostingKind;
use crate::ledger::postings::{hold, trade_settle};
use crate::money::Amount;
use crate::order::draft::Draft;
use crate::order::{Admission, Order, Refunds, Refusal, TradeMode};
use crate::policy::Context;

/// What the merchant asked for, read and checked, defaults filled in.
#[derive(Clone, Debug)]
pub struct NewTrade {
    /// The app.
    pub client_id: String,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// The user who pays.
    pub from_user_ref: String,
    /// The user who is paid; none: the app.
    pub to_user_ref: Option<String>,
    /// What the payee gets.
    pub amount: Amount,
    /// In one step or two.
    pub mode: TradeMode,
    /// How long an authorised one waits to be captured.
    pub expires_in: Duration,
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
}

/// Moves or holds the payer's money, and writes the order down. Needs the amount, and the fee where the user bears it.
///
/// # Errors
/// [`Refusal::AmountBelowFee`].
pub fn create(new: NewTrade, with: Creation, ctx: &Context<'_>) -> Result<(Trade, Change), Refusal> {
    let fee = with.tariff.rule.on(new.amount.minor);
    if fee >= new.amount.minor && fee > 0 {
        return Err(Refusal::AmountBelowFee);
    }
    let to = new.to_user_ref.as_deref().unwrap_or("the app").to_owned();
    let summary = format!("trade of {} from {} to {to}", new.amount, new.from_user_ref);
    let more = json!({"merchant_order_no": new.merchant_order_no});
    let direct = new.mode == TradeMode::Direct;
    let order = Order {
        id: with.id,
        client_id: new.client_id,
        merchant_order_no: new.merchant_order_no,
        user_ref: new.from_user_ref,
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
        expires_at: (!direct).then_some(ctx.now + new.expires_in),
        attempts: Vec::new(),
        callbacks: Vec::new(),
        refunds: Refunds::default(),
        suspense_keys: Vec::new(),
        undecided: 0,
        details: Details {
            to_user_ref: new.to_user_ref,
            mode: new.mode,
            fee_rule: with.tariff.rule,
            held: 0,
            captured: None,
        },
    };
    let mut draft = Draft::new(order, ctx);
    with.admission.enter(&mut draft, "order.created", summary, more);
    let fee = draft.order.fee_on(new.amount.minor);
    let needed = new.amount.minor + fee.of_user();
    draft.needs(draft.order.payer().available(), needed);
    if direct {
        settle(&mut draft, to)?
    } else {
        authorise(&mut draft, needed)
    }
    Ok(draft.created())
}

fn settle(draft: &mut Draft<'_, Details>, to: String) -> Result<(), Refusal> {
    let now = draft.now();
    draft.order.paid_at = Some(now);
    draft.order.details.captured = Some(draft.order.amount.minor);
    draft.go(Trigger::Settled)?;
    let order = &draft.order;
    let minor = order.amount.minor;
    let lines = trade_settle(order.payer(), order.payee(), minor, order.fee_on(minor));
    let journal =
        lines.journal(order.id, PostingKind::TradeSettle, String::new(), order.amount.currency, now);
    let summary = format!("{} from user {} to {to}", order.amount, order.user_ref);
    draft.post(journal, summary);
    draft.callback("trade.settled");
    Ok(())
}

fn authorise(draft: &mut Draft<'_, Details>, held: i64) {
    let now = draft.now();
    draft.order.details.held = held;
    let order = &draft.order;
    let currency = order.amount.currency;
    let journal =
        hold(order.payer(), held).journal(order.id, PostingKind::TradeHold, String::new(), currency, now);
    let summary = format!("held {} of user {}", Amount::new(held, currency), order.user_ref);
    draft.post(journal, summary);
    if let Some(at) = draft.order.expires_at {
        draft.plan(TaskKind::Close, at, 0, None);
    }
}
