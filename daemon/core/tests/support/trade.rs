//! Trades: how they are asked for, and what merchants do with them.

use std::collections::BTreeMap;
use std::time::Duration;

use sluice_core::change::Change;
use sluice_core::fee::Tariff;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::trade::{self, Creation, NewTrade};
use sluice_core::order::{Refusal, Trade, TradeMode};
use sluice_core::policy::Context;
use sluice_core::signing::OrderType;

use super::{APP, admission, cny};

/// A merchant asks for a trade of `from` to another user, or to the `app`.
pub fn ask(
    no: &str,
    (from, to): (&str, &str),
    minor: i64,
    mode: TradeMode,
    tariff: Tariff,
    ctx: &Context<'_>,
) -> Result<(Trade, Change), Refusal> {
    let new = NewTrade {
        client_id: APP.into(),
        merchant_order_no: no.into(),
        from_user_ref: from.into(),
        to_user_ref: (to != "app").then(|| to.to_owned()),
        amount: cny(minor),
        mode,
        expires_in: Duration::from_secs(3600),
        notify_url: Some("https://shop.example/cb".into()),
        metadata: BTreeMap::new(),
        content_digest: "d".into(),
    };
    let with = Creation {
        id: OrderId::new(OrderKind::Trade, ctx.now, ctx.random),
        admission: admission(OrderType::Trade, ctx.now),
        tariff,
    };
    trade::create(new, with, ctx)
}

/// An act on a trade; none: not of its language.
pub fn decide(order: &Trade, words: &[&str], ctx: &Context<'_>) -> Option<Result<Change, Refusal>> {
    let admission = admission(OrderType::Trade, ctx.now);
    Some(match words {
        ["capture"] => trade::capture(order, None, &admission, ctx),
        ["capture", minor] => trade::capture(order, Some(minor.parse().expect("a sum")), &admission, ctx),
        ["void"] => trade::void(order, &admission, ctx),
        ["expire"] => trade::expire(order, ctx),
        _ => return None,
    })
}
