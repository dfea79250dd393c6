//! The life of a recharge, scenario by scenario, through the public surface: every state, every reason to close, and
//! what the merchant, the provider's books and the ledger say of each.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod callbacks;
mod closing;
mod lists;
mod notifications;
mod paying;
mod settings;
mod suspense;
mod unanswered;

use sluice_sim::stand::Stand;

use support::SOON;
use support::scenarios::{play, scenario};
use support::scene::{Scene, line, nothing_more_happens, reference};

/// Apps beyond the two that every scenario may use: for scenarios that change how their merchant answers.
const APPS: usize = 9;

async fn stand(settings: &[&str]) -> Stand {
    let apps = APPS.to_string();
    let mut args = vec!["--apps", &apps, "--set", "recharge.min_expires_in=1s"];
    args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    Stand::start(&support::programs(), &args).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recharge_and_its_ends() {
    let stand = stand(&[r#"channels.alipay.requery_schedule=["1s","1s","2s"]"#]).await;
    let scenarios = vec![
        scenario("paid by code and notified", paying::by_code),
        scenario("paid by page: nothing at the provider before it is opened", paying::by_page),
        scenario("seen as waiting before it is paid", paying::waiting_first),
        scenario("paid, never notified, found by asking", paying::found_by_asking),
        scenario("notified twice, credited once", paying::notified_twice),
        scenario("notified before the creation is answered", paying::notified_before_the_answer),
        scenario("the same number again", paying::same_number_again),
        scenario("the same number from many at once", paying::same_number_at_once),
        scenario("our fee, and an amount that does not cover it", paying::with_a_fee),
        scenario("closed by the merchant, never opened", closing::by_merchant_unopened),
        scenario("closed by the merchant, opened", closing::by_merchant_opened),
        scenario("paid before the merchant closes", closing::paid_before_the_close),
        scenario("expired, never opened", closing::expired_unopened),
        scenario("expired, opened: the provider is told", closing::expired_opened),
        scenario("closed by the channel", closing::by_channel),
        scenario("refused by the channel", closing::refused),
        scenario("waits for ever, until it is closed", closing::waits_for_ever),
        scenario("late money on an expired order is credited", suspense::late_after_expiry),
        scenario("late money on a channel-closed order is credited", suspense::late_after_channel_close),
        scenario("late money on a merchant-closed order waits", suspense::late_after_merchant_close),
        scenario("a wrong amount waits", suspense::wrong_amount),
        scenario("a second payment waits", suspense::paid_twice),
        scenario("balances and statements", accounts::balances_and_statements),
        scenario("lists, filters, cursors", lists::lists),
        scenario("the timeline", lists::timeline),
        scenario("a wrong acknowledgement is no acknowledgement", callbacks::wrong_acknowledgements),
        scenario("a newer fact takes an undelivered one's place", callbacks::superseded),
        scenario("the merchant has a callback sent again", callbacks::replayed_by_the_merchant),
        scenario("the order's own notify_url goes before the app's", callbacks::own_notify_url),
        scenario("notifications that are not believed", notifications::not_believed),
        scenario("a notification of another amount", notifications::of_another_amount),
    ];
    play(stand, 8, scenarios).await;
}

/// A creation is given up after a second, and the provider is asked often.
const IMPATIENT: [&str; 2] =
    ["channels.alipay.create_timeout=1s", r#"channels.alipay.requery_schedule=["1s","1s","2s"]"#];

/// One at a time: the provider's faults are everybody's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn creations_that_the_channel_leaves_unanswered() {
    let scenarios = vec![
        scenario("done and not answered", unanswered::creation_done),
        scenario("not done and not answered", unanswered::creation_not_done),
        scenario("not answered, and paid all the same", unanswered::creation_paid),
        scenario("stopped and started, the daemon goes on", unanswered::restart),
    ];
    play(stand(&IMPATIENT).await, 1, scenarios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_and_closes_that_the_channel_leaves_unanswered() {
    let scenarios = vec![
        scenario("a close", unanswered::close),
        scenario("a query before a close", unanswered::query_before_close),
        scenario("a query: limbo, until a person asks", unanswered::limbo),
        scenario("a query at an order's end: it does not expire", unanswered::expiry_waits),
    ];
    play(stand(&IMPATIENT).await, 1, scenarios).await;
}

/// The provider is asked so rarely that only the end of an order's time can find anything; callbacks give up early.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_settings() {
    let settings = [
        r#"channels.alipay.requery_schedule=["10m"]"#,
        "channels.alipay.late=suspend",
        "channels.alipay.fee_ppm=2000",
        r#"callback.schedule=["0s","50ms","100ms"]"#,
    ];
    let scenarios = vec![
        scenario(
            "an order's last moment: the channel is asked before it expires",
            settings::asked_before_expiry,
        ),
        scenario("late money waits where the channel's setting says so", settings::late_waits),
        scenario("the channel's tariff is a cost", settings::channel_fee),
        scenario("a used-up schedule is stuck until a person replays it", settings::stuck_and_replayed),
        scenario(
            "a used-up schedule is stuck until the merchant replays it",
            settings::stuck_and_replayed_by_merchant,
        ),
    ];
    play(stand(&settings).await, 4, scenarios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_callback_goes_to_a_private_address() {
    let settings = ["callback.allow_private_addresses=false", r#"callback.schedule=["0s","50ms"]"#];
    let scenarios = vec![
        scenario("as a number", settings::private_number),
        scenario("as a name that resolves to one", settings::private_name),
    ];
    play(stand(&settings).await, 2, scenarios).await;
}
