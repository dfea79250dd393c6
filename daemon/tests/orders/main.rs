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

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sluice_sim::client::{Merchant, NewRecharge, Order};
use sluice_sim::control::{Act, Action, Control};
use sluice_sim::stand::Stand;

use support::SOON;
use support::scenarios::{play, scenario};

/// Apps beyond the two that every scenario may use: for scenarios that change how their merchant answers.
const APPS: usize = 9;

async fn stand(settings: &[&str]) -> Stand {
    let apps = APPS.to_string();
    let mut args = vec!["--apps", &apps, "--set", "recharge.min_expires_in=1s"];
    args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    Stand::start(&support::programs(), &args).await.unwrap()
}

/// One scenario's merchant, payer and provider.
struct Scene {
    stand: Arc<Stand>,
    merchant: Merchant,
    control: Control,
}

impl Scene {
    async fn of_app(stand: Arc<Stand>, app: usize) -> Self {
        let (merchant, control) = (stand.merchant(app).await.unwrap(), stand.control());
        Self { stand, merchant, control }
    }

    /// Creates a recharge of `minor` fen by code, changed by `change`.
    async fn create_with(&self, number: &str, minor: i64, change: impl FnOnce(&mut NewRecharge)) -> Order {
        let mut recharge = NewRecharge::new(number, minor);
        change(&mut recharge);
        self.merchant.create_recharge(&recharge).await.unwrap()
    }

    async fn create(&self, number: &str, minor: i64) -> Order {
        self.create_with(number, minor, |_| ()).await
    }

    /// One that nobody can pay in time.
    async fn create_short(&self, number: &str, minor: i64) -> Order {
        self.create_with(number, minor, |recharge| recharge.expires_in = Some("1s".to_owned())).await
    }

    async fn pay(&self, order: &Order, notify: sluice_sim::provider::Plan) {
        self.control.pay(order, notify).await.unwrap();
    }

    async fn act(&self, order: &Order, action: Action) {
        let act = Act { action, ..Act::pay(order.payment.clone(), sluice_sim::provider::Plan::Never) };
        self.control.act(reference(order), &act).await.unwrap();
    }

    /// Waits for one of these states.
    async fn reaches(&self, order: &Order, states: &[i64]) -> Order {
        self.stand.wait_for_state(&self.merchant, &order.order_id, states, SOON).await.unwrap()
    }

    /// Waits for a flag.
    async fn is_flagged(&self, order: &Order, flag: &str) -> Order {
        support::until("the order is flagged", SOON, async || {
            let now = self.merchant.recharge(&order.order_id).await.map_err(|error| error.to_string())?;
            if now.flags.iter().any(|one| one == flag) { Ok(now) } else { Err(format!("{now:?}")) }
        })
        .await
    }

    /// What the provider's own books say.
    async fn books(&self, order: &Order) -> Value {
        self.control.order(reference(order)).await.unwrap()
    }

    /// The order as a person on call sees it.
    async fn shown(&self, order: &Order) -> Value {
        self.stand.sluice_json(&["order", "show", &order.order_id]).await.unwrap()
    }

    /// Waits for a diagnosis.
    async fn is_diagnosed(&self, order: &Order, code: &str) -> Value {
        support::until("the order is diagnosed", SOON, async || {
            let shown = self.shown(order).await;
            if shown["diagnosis"]["code"] == code { Ok(shown) } else { Err(shown.to_string()) }
        })
        .await
    }

    /// The types of the callbacks that the merchant received, oldest first; all of them verified.
    async fn received(&self, order: &Order) -> Vec<String> {
        let received = self.control.received(&order.order_id).await.unwrap();
        for one in &received {
            assert_eq!(one["verified"], true, "{one}");
        }
        received.iter().map(|one| one["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the merchant has received these, in this order, and nothing else.
    async fn receives(&self, order: &Order, types: &[&str]) {
        support::until("callbacks are received", SOON, async || {
            let received = self.received(order).await;
            if received == types { Ok(()) } else { Err(format!("{received:?}, not {types:?}")) }
        })
        .await;
    }

    /// The order's journals, each as its postings: account without ids, and the debit in fen.
    async fn journals(&self, order: &Order) -> Vec<Vec<(String, i64)>> {
        let timeline = self.shown(order).await["timeline"].clone();
        let journals = timeline.as_array().unwrap().iter().filter(|event| event["kind"] == "ledger.posted");
        let posting = |posting: &Value| {
            let account = posting["account"].as_str().unwrap();
            let short = if account.starts_with("user:") { "user" } else { account };
            (short.to_owned(), posting["debit_minor"].as_i64().unwrap())
        };
        journals.map(|j| j["detail"]["postings"].as_array().unwrap().iter().map(posting).collect()).collect()
    }
}

fn reference(order: &Order) -> &str {
    order.channel_ref.as_deref().unwrap_or_default()
}

/// One posting of an expected journal.
fn line(account: &str, debit: i64) -> (String, i64) {
    (account.to_owned(), debit)
}

/// A moment in which nothing more may happen.
async fn nothing_more_happens() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
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
