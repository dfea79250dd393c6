//! Withdrawals: how they are asked for, and the facts of their channel.

use std::collections::BTreeMap;

use sluice_core::change::Change;
use sluice_core::fee::Tariff;
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::disbursement::Disbursed;
use sluice_core::order::withdraw::{self, Creation, NewWithdraw};
use sluice_core::order::{Fact, Payee, Refusal, Source, Withdraw};
use sluice_core::policy::Context;
use sluice_core::signing::OrderType;

use super::{APP, CHANNEL, admission, cny, observed};

/// A merchant asks for a withdrawal.
pub fn ask(
    no: &str,
    user: &str,
    minor: i64,
    tariff: Tariff,
    sending_now: bool,
    ctx: &Context<'_>,
) -> Result<(Withdraw, Change), Refusal> {
    let new = NewWithdraw {
        client_id: APP.into(),
        merchant_order_no: no.into(),
        user_ref: user.into(),
        amount: cny(minor),
        payee: Payee::Alipay { account: "2088000000000001".into(), name: "张三".into() },
        channel: CHANNEL.into(),
        notify_url: Some("https://shop.example/cb".into()),
        metadata: BTreeMap::new(),
        content_digest: "d".into(),
    };
    let with = Creation {
        id: OrderId::new(OrderKind::Withdraw, ctx.now, ctx.random),
        admission: admission(OrderType::Withdraw, ctx.now),
        tariff,
        sending_now,
    };
    withdraw::create(new, with, ctx)
}

/// What the channel answers to a payout or a refund.
pub fn disbursed(words: &[&str]) -> Disbursed {
    match words {
        ["refused"] => Disbursed::Refused { code: "40004".into(), message: "no".into() },
        words => Disbursed::Observed(observed(words)),
    }
}

/// How a fact was learned, by its first word.
pub fn source(word: &str) -> Option<Source> {
    Some(match word {
        "asked" => Source::Requery,
        "looked" => Source::Query,
        "notified" => Source::Notification,
        _ => return None,
    })
}

/// A fact of a withdrawal; none: not of its language.
pub fn decide(order: &Withdraw, words: &[&str], ctx: &Context<'_>) -> Option<Result<Change, Refusal>> {
    let key = || order.suspense_keys.first().cloned().unwrap_or_default();
    Some(match words {
        ["sending"] => withdraw::sending(order, ctx),
        ["answers", rest @ ..] => withdraw::sent(order, 1, &disbursed(rest), None, ctx),
        ["cancel"] => withdraw::cancel(order, &admission(OrderType::Withdraw, ctx.now), ctx),
        ["retire"] => withdraw::retire(order, ctx),
        ["resolve", outcome] => withdraw::resolve(order, *outcome == "paid", "line 7 of the bill", ctx),
        ["charge"] => withdraw::charge_uncovered(order, &key(), ctx),
        ["keep"] => withdraw::keep_uncovered(order, &key(), ctx),
        [how, rest @ ..] => {
            let source = source(how)?;
            let seen = observed(rest);
            withdraw::settle(order, &Fact { attempt_no: 1, seen: &seen, source, evidence_id: None }, ctx)
        }
        [] => return None,
    })
}
