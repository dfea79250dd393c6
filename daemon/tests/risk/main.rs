//! Risk rules, users' states, suspensions and rate limits on the real daemon: each rule at its edge, limits that hold
//! exactly however many ask at once, and commands that count for the very next request.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

#[path = "../support/mod.rs"]
mod support;

mod amounts;
mod changes;
mod commands;
mod daily;
mod payees;
mod rates;
mod scene;
mod sources;
mod suspension;
mod users;

use sluice_sim::stand::Stand;

use support::scenarios::{play, scenario};

/// An app for each scenario: rules are of one app.
const APPS: usize = 20;

async fn stand(settings: &[&str]) -> Stand {
    let apps = APPS.to_string();
    let mut args = vec!["--apps", &apps];
    args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    Stand::start(&support::programs(), &args).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_at_their_edges() {
    let scenarios = vec![
        scenario("the least and the greatest amount", amounts::least_and_greatest),
        scenario("each type and currency has its own", amounts::of_one_type_and_currency),
        scenario("what was accepted stands when a rule comes", amounts::what_was_accepted_stands),
        scenario("hosts of callbacks, the app's own too", sources::hosts),
        scenario("networks of requests", sources::networks),
        scenario("a new user waits, from the first try on", users::cooling),
        scenario("what each state allows", users::states),
        scenario("a frozen user's refund goes out", users::refund_of_a_frozen_user),
        scenario("payees wait on their list", payees::listed_and_waited),
        scenario("an app is stopped at once, and what is under way settles", suspension::whole_app),
        scenario("one order type is stopped", suspension::one_type),
        scenario("commands, what they say, and what is audited", commands::audited),
        scenario("commands that are wrong change nothing", commands::refused),
    ];
    play(stand(&[]).await, 6, scenarios).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_a_day_hold_exactly() {
    let scenarios = vec![
        scenario("orders of a user", daily::orders_of_a_user),
        scenario("the amount of a user", daily::amount_of_a_user),
        scenario("the amount of an app", daily::amount_of_an_app),
        scenario("recharges, with a channel in between", daily::recharges),
        scenario("orders from before the rule count", daily::orders_from_before),
        scenario("rules that change while orders come", changes::while_orders_come),
        scenario("a stop while orders come", changes::suspended_while_orders_come),
    ];
    play(stand(&[]).await, 3, scenarios).await;
}

/// Everything comes through one proxy, which says where from.
const BEHIND_A_PROXY: [&str; 5] = [
    r#"server.trusted_proxies=["127.0.0.0/8"]"#,
    "limits.network_per_second=2",
    "limits.network_burst=40",
    "limits.refused_per_second=1",
    "limits.refused_burst=5",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_fast_one_may_ask() {
    let scenarios = vec![
        scenario("an app over its rate waits as long as it is told", rates::of_an_app),
        scenario("a network over its rate, seen through a proxy", rates::of_a_network),
        scenario("refused ones are slowed, and hold nobody up", rates::of_refused_ones),
        scenario("guesses at a client secret are slowed", rates::of_guesses),
        scenario("networks are those behind the proxy", sources::networks_behind_a_proxy),
    ];
    play(stand(&BEHIND_A_PROXY).await, 1, scenarios).await;
}

/// Without trusted proxies the header is only what its sender says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_believed_where_they_come_from() {
    let settings = ["limits.refused_per_second=1", "limits.refused_burst=5"];
    play(stand(&settings).await, 1, vec![scenario("a header is no source", rates::of_liars)]).await;
}
