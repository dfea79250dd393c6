//! Withdrawals, trades and refunds, scenario by scenario, through the public surface: what the merchant, the
//! provider's books and the ledger say of each. Recharges are in `orders`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../support/mod.rs"]
mod support;

mod callbacks;
mod cancel;
mod fees;
mod isolation;
mod lists;
mod refund;
mod statements;
mod trade;
mod unanswered;
mod unchanged;
mod withdraw;

use sluice_sim::stand::Stand;

use support::scenarios::{play, scenario};
use support::scene::{Scene, line, nothing_more_happens, reference, refused};
use unchanged::Unchanged;

/// What the channel has taken and not yet paid out.
const CLEARING: &str = "channel:alipay:clearing";

/// The channel is asked often, and a refusal believed soon.
const QUICK: [&str; 5] = [
    "recharge.min_expires_in=1s",
    "trade.min_expires_in=1s",
    r#"channels.alipay.requery_schedule=["1s","1s","2s"]"#,
    r#"channels.alipay.payout_watch=["1s","1s","1s","2s","5s"]"#,
    "channels.alipay.refusal_margin=1s",
];

/// A sandbox with so many apps: those that a scenario has for itself, and app 0 and 1 for all.
async fn stand(apps: usize, settings: &[&str]) -> Stand {
    let apps = apps.to_string();
    let mut args = vec!["--apps", apps.as_str()];
    args.extend(QUICK.iter().chain(settings).flat_map(|setting| ["--set", setting]));
    Stand::start(&support::programs(), &args).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn withdrawals_and_trades() {
    let scenarios = vec![
        scenario("a withdrawal is held, paid out and acknowledged", withdraw::paid),
        scenario("a withdrawal is rejected, and the funds are free", withdraw::rejected),
        scenario("a withdrawal is worked on for long", withdraw::worked_on),
        scenario("a withdrawal is returned by the bank", withdraw::returned),
        scenario("a withdrawal of more than there is changes nothing", withdraw::not_enough),
        scenario("a withdrawal's number again", withdraw::same_number_again),
        scenario("many withdrawals of one balance at once", withdraw::many_at_once),
        scenario("payees of each kind", withdraw::payees),
        scenario("a trade to the app", trade::direct_to_the_app),
        scenario("a trade to another user", trade::direct_to_a_user),
        scenario("a hold is captured in part", trade::captured_in_part),
        scenario("a hold is captured whole", trade::captured_whole),
        scenario("a hold is voided", trade::voided),
        scenario("a hold expires", trade::expired),
        scenario("capture, void and the clock at once", trade::capture_and_void_at_once),
        scenario("trades that change nothing", trade::nothing_changes),
        scenario("a trade's number again", trade::same_number_again),
        scenario("many trades of one balance at once", trade::many_at_once),
    ];
    play(stand(5, &[]).await, 8, scenarios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds() {
    let scenarios = vec![
        scenario("in parts, until nothing is left", refund::in_parts),
        scenario("failed", refund::failed),
        scenario("accepted, and not shown any more", refund::not_shown),
        scenario("several of one order", refund::several_at_once),
        scenario("notified twice, before the answer, never", refund::notified_oddly),
        scenario("32 callers of one order", refund::from_many_callers),
        scenario("a refund's number again", refund::same_number_again),
        scenario("of what was not paid", refund::of_what_was_not_paid),
        scenario("of money that is spent", refund::of_money_that_is_spent),
        scenario("of a trade", refund::of_a_trade),
        scenario("of a late payment", refund::of_a_late_payment),
    ];
    play(stand(6, &["channels.alipay.refund_spacing=0s"]).await, 8, scenarios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_merchants_are_told_and_charged() {
    let scenarios = vec![
        scenario("each type of callback, signed as its order is", callbacks::of_each_type),
        scenario("callbacks are sent again", callbacks::replayed),
        scenario("a return takes an untold payout's place", callbacks::superseded),
        scenario("timelines of each kind", callbacks::timelines),
        scenario("lists of each kind", lists::lists),
        scenario("statements of users and settlement", statements::statements),
        scenario("fees that users bear", fees::borne_by_users),
        scenario("fees that the app bears", fees::borne_by_the_app),
        scenario("fees that go back", fees::returned),
        scenario("fees from a later time on", fees::from_later_on),
        scenario("every endpoint with another app's ids", isolation::of_apps),
        scenario("an order in another's place", isolation::of_orders),
    ];
    play(stand(14, &["channels.alipay.refund_spacing=0s"]).await, 8, scenarios).await;
}

/// One at a time: the provider's faults are everybody's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_the_channel_leaves_unanswered() {
    let settings = ["channels.alipay.create_timeout=1s", "channels.alipay.refund_spacing=0s"];
    let scenarios = vec![
        scenario("payouts, done or not, are paid once", unanswered::payouts),
        scenario("refunds, done or not, are given back once", unanswered::refunds),
        scenario("a payout without any answer stays held", unanswered::held_while_unknown),
        scenario("a payout that the channel denies is sent under its own number", unanswered::denied),
    ];
    play(stand(2, &settings).await, 1, scenarios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_money_is_sent() {
    let settings = [
        "channels.alipay.refund_spacing=2s",
        "channels.alipay.breaker_failures=3",
        "channels.alipay.breaker_cooldown=4s",
    ];
    let scenarios = vec![
        scenario("refunds of one payment keep their distance", refund::spaced),
        scenario("a withdrawal that was not sent can be cancelled", cancel::unsent),
    ];
    play(stand(2, &settings).await, 1, scenarios).await;
}
