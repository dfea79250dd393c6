//! Refunds: how they are asked for, and the facts of their channel.

use sluice_core::change::Change;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::money::Amount;
use sluice_core::order::refund::{self, Creation, NewRefund, Source as MoneyOf};
use sluice_core::order::{AnyOrder, Fact, Recharge, Refund, Refusal};
use sluice_core::policy::Context;
use sluice_core::signing::OrderType;

use super::admission;
use super::withdraw::{disbursed, source};

/// A merchant asks for a refund of a recharge or a trade.
pub fn ask(
    no: &str,
    paid: &AnyOrder,
    amount: Amount,
    money_of: MoneyOf,
    ctx: &Context<'_>,
) -> Result<(Refund, Change), Refusal> {
    let new =
        NewRefund {
            merchant_order_no: no.into(), amount, reason: "变更".into(), content_digest: "d".into()
        };
    let order_type = if matches!(paid, AnyOrder::Trade(_)) { OrderType::Trade } else { OrderType::Recharge };
    let with = Creation {
        id: OrderId::new(OrderKind::Refund, ctx.now, ctx.random),
        admission: admission(order_type, ctx.now),
        source: money_of,
    };
    match paid {
        AnyOrder::Trade(paid) => refund::of_trade(new, with, paid, ctx),
        paid => refund::of_recharge(new, with, paid.recharge()?, ctx),
    }
}

/// A fact of a refund of `paid`; none: not of its language.
pub fn decide(
    order: &Refund,
    paid: &Recharge,
    words: &[&str],
    ctx: &Context<'_>,
) -> Option<Result<Change, Refusal>> {
    Some(match words {
        ["sending"] => refund::sending(order, ctx),
        ["answers", rest @ ..] => refund::sent(order, paid, 1, &disbursed(rest), None, ctx),
        ["retire"] => refund::retire(order, ctx),
        ["resolve", outcome] => {
            refund::resolve(order, paid, *outcome == "refunded", "line 7 of the bill", ctx)
        }
        [how, rest @ ..] => {
            let source = source(how)?;
            let seen = super::observed(rest);
            let fact = Fact { attempt_no: 1, seen: &seen, source, evidence_id: None };
            refund::settle(order, paid, &fact, ctx)
        }
        [] => return None,
    })
}
