//! Money that users have: trades, their refunds, and withdrawals, all from balances that were funded before.

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sluice_sim::client::{Merchant, NewRecharge, NewRefund, NewTrade, NewWithdrawal, Party};
use std::sync::Arc;
use std::time::Instant;

use super::flow::{self, Made};
use super::site::Site;
use super::{AMOUNT, CONCURRENCY, Measured};
use crate::arithmetic::Workload;
use crate::measure::Plan;

/// Users of each app who pay in turn.
const PAYERS: u64 = 100;

/// The user who pays all trades of [`Workload::HotTrade`].
const HOT_PAYER: &str = "payer-hot";

/// What each payer has, in fen: the most that one recharge brings, and more than any run spends.
const FUNDS: i64 = 10_000_000_000;

/// What goes back of a trade, so that the trades made before last, should refunds be the faster ones.
const REFUND: i64 = 88;

/// The states of an order object that are right in an answer.
const SETTLED: i64 = 3;
const AUTHORISED: i64 = 0;
const REFUNDED: i64 = 3;

/// A settled trade and the merchant whose it is.
pub(super) type Settled = (Merchant, String);

/// Gives every payer its funds, by recharges of the ordinary way.
pub(super) async fn fund(site: &Site) -> anyhow::Result<()> {
    let before = site.received();
    let payers = (0..PAYERS).map(payer).chain([HOT_PAYER.to_owned()]);
    let payers: Vec<_> =
        payers.flat_map(|payer| site.merchants().iter().map(move |app| (app, payer.clone()))).collect();
    let count = payers.len() as u64;
    let funding = stream::iter(payers).map(|(merchant, user_ref)| async move {
        let number = site.turn().0;
        let recharge = NewRecharge { user_ref, ..NewRecharge::new(format!("F{number}"), FUNDS) };
        site.pay(&merchant.create_recharge(&recharge).await?).await
    });
    funding.buffer_unordered(CONCURRENCY).try_collect::<()>().await.context("a payer was not funded")?;
    site.until_received(before + count).await?;
    Ok(())
}

fn payer(number: u64) -> String {
    format!("payer-{}", number % PAYERS)
}

/// Direct trades to the app, of many users in turn. Also returns them.
pub(super) async fn trades(
    site: &Site,
    concurrency: usize,
    plan: &Plan,
) -> anyhow::Result<(Measured, Vec<Settled>)> {
    flow::measure(site, Workload::Trade, concurrency, plan, |site| async move {
        let (number, merchant) = site.turn();
        // By pairs, so that each app's users all have their turn.
        trade(merchant, number, &payer(number / 2)).await
    })
    .await
}

/// Direct trades of one user of one app.
pub(super) async fn hot_trades(site: &Site, plan: &Plan) -> anyhow::Result<Measured> {
    let hot = |site: Site| async move {
        let number = site.turn().0;
        let merchant = site.merchants().first().context("no merchant")?;
        trade(merchant, number, HOT_PAYER).await
    };
    Ok(flow::measure(site, Workload::HotTrade, CONCURRENCY, plan, hot).await?.0)
}

async fn trade(merchant: &Merchant, number: u64, payer: &str) -> anyhow::Result<Made<Settled>> {
    let new = NewTrade::direct(format!("T{number}"), payer, Party::app(), AMOUNT);
    let asked = Instant::now();
    let trade = merchant.create_trade(&new).await.context("a trade was not made")?;
    let took = asked.elapsed();
    ensure!(trade.state == SETTLED, "{} is {} and not settled", trade.order_id, trade.state_name);
    Ok(Made { took, thing: (merchant.clone(), trade.order_id) })
}

/// Trades that are authorised, and captured at once and whole.
pub(super) async fn captures(site: &Site, plan: &Plan) -> anyhow::Result<Measured> {
    let pair = |site: Site| async move {
        let (number, merchant) = site.turn();
        let new = NewTrade::authorise(format!("H{number}"), payer(number / 2), Party::app(), AMOUNT);
        let asked = Instant::now();
        let held = merchant.create_trade(&new).await.context("a trade was not authorised")?;
        ensure!(held.state == AUTHORISED, "{} is {} and not held", held.order_id, held.state_name);
        let trade = merchant.capture(&held.order_id, None).await.context("a trade was not captured")?;
        let took = asked.elapsed();
        ensure!(trade.state == SETTLED, "{} is {} and not settled", trade.order_id, trade.state_name);
        Ok(Made { took, thing: () })
    };
    Ok(flow::measure(site, Workload::Capture, CONCURRENCY, plan, pair).await?.0)
}

/// Refunds of a part of each of these trades in turn, from the app back to the user.
pub(super) async fn refunds(site: &Site, trades: Vec<Settled>, plan: &Plan) -> anyhow::Result<Measured> {
    ensure!(!trades.is_empty(), "there is no trade to refund");
    let trades = Arc::new(trades);
    let refund = move |site: Site| {
        let trades = Arc::clone(&trades);
        async move {
            let number = site.turn().0;
            let (merchant, trade) = &trades[usize::try_from(number)? % trades.len()];
            let new = NewRefund::new(format!("R{number}"), REFUND);
            let asked = Instant::now();
            let refund = merchant.refund(trade, &new).await.context("a refund was not made")?;
            let took = asked.elapsed();
            ensure!(refund.state == REFUNDED, "{} is {}", refund.order_id, refund.state_name);
            Ok(Made { took, thing: () })
        }
    };
    Ok(flow::measure(site, Workload::Refund, CONCURRENCY, plan, refund).await?.0)
}

/// Withdrawals of many users in turn, which the channel pays out in its answer.
pub(super) async fn withdrawals(site: &Site, plan: &Plan) -> anyhow::Result<Measured> {
    let withdraw = |site: Site| async move {
        let (number, merchant) = site.turn();
        let new = NewWithdrawal::new(format!("W{number}"), AMOUNT).of_user(payer(number / 2));
        let asked = Instant::now();
        merchant.create_withdrawal(&new).await.context("a withdrawal was not made")?;
        Ok(Made { took: asked.elapsed(), thing: () })
    };
    Ok(flow::measure(site, Workload::Withdrawal, CONCURRENCY, plan, withdraw).await?.0)
}
