//! One scenario's merchant, payer and provider, and what each of them, and the ledger, say of an order of any kind.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sluice_sim::client::{Error, Merchant, NewRecharge, Order};
use sluice_sim::control::{Act, Action, Control};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use super::{SOON, until};

/// What a user, or the app itself, has: to spend, and held.
pub(crate) type Purse = (i64, i64);

/// Who takes part.
pub(crate) struct Scene {
    pub(crate) stand: Arc<Stand>,
    pub(crate) merchant: Merchant,
    pub(crate) control: Control,
}

impl Scene {
    pub(crate) async fn of_app(stand: Arc<Stand>, app: usize) -> Self {
        let (merchant, control) = (stand.merchant(app).await.unwrap(), stand.control());
        Self { stand, merchant, control }
    }

    /// Creates a recharge of `minor` fen by code, changed by `change`.
    pub(crate) async fn create_with(
        &self,
        number: &str,
        minor: i64,
        change: impl FnOnce(&mut NewRecharge),
    ) -> Order {
        let mut recharge = NewRecharge::new(number, minor);
        change(&mut recharge);
        self.merchant.create_recharge(&recharge).await.unwrap()
    }

    pub(crate) async fn create(&self, number: &str, minor: i64) -> Order {
        self.create_with(number, minor, |_| ()).await
    }

    /// One that nobody can pay in time.
    pub(crate) async fn create_short(&self, number: &str, minor: i64) -> Order {
        self.create_with(number, minor, |recharge| recharge.expires_in = Some("1s".to_owned())).await
    }

    /// Gives a user so much to spend: a recharge that is paid and acknowledged.
    pub(crate) async fn fund(&self, user: &str, minor: i64) -> Order {
        let number = format!("F-{user}-{minor}");
        let order = self.create_with(&number, minor, |recharge| recharge.user_ref = user.to_owned()).await;
        self.pay(&order, Plan::Now).await;
        self.reaches(&order, &[4]).await
    }

    pub(crate) async fn pay(&self, order: &Order, notify: Plan) {
        self.control.pay(order, notify).await.unwrap();
    }

    pub(crate) async fn act(&self, order: &Order, action: Action) {
        let act = Act { action, ..Act::pay(order.payment.clone(), Plan::Never) };
        self.control.act(reference(order), &act).await.unwrap();
    }

    /// The order as it is now.
    pub(crate) async fn now(&self, order: &Order) -> Order {
        self.merchant.again(order).await.unwrap()
    }

    /// Waits for one of these states.
    pub(crate) async fn reaches(&self, order: &Order, states: &[i64]) -> Order {
        until(&format!("one of the states {states:?}"), SOON, async || {
            let now = self.merchant.again(order).await.map_err(|error| error.to_string())?;
            if states.contains(&now.state) { Ok(now) } else { Err(format!("{now:?}")) }
        })
        .await
    }

    /// Waits for a flag.
    pub(crate) async fn is_flagged(&self, order: &Order, flag: &str) -> Order {
        until("the order is flagged", SOON, async || {
            let now = self.merchant.again(order).await.map_err(|error| error.to_string())?;
            if now.flags.iter().any(|one| one == flag) { Ok(now) } else { Err(format!("{now:?}")) }
        })
        .await
    }

    /// What the provider's own books say.
    pub(crate) async fn books(&self, order: &Order) -> Value {
        self.control.order(reference(order)).await.unwrap()
    }

    /// The order as a person on call sees it.
    pub(crate) async fn shown(&self, order: &Order) -> Value {
        self.stand.sluice_json(&["order", "show", &order.order_id]).await.unwrap()
    }

    /// Waits for a diagnosis.
    pub(crate) async fn is_diagnosed(&self, order: &Order, code: &str) -> Value {
        until("the order is diagnosed", SOON, async || {
            let shown = self.shown(order).await;
            if shown["diagnosis"]["code"] == code { Ok(shown) } else { Err(shown.to_string()) }
        })
        .await
    }

    /// The types of the callbacks that the merchant received, oldest first; all of them verified.
    pub(crate) async fn received(&self, order: &Order) -> Vec<String> {
        let received = self.control.received(&order.order_id).await.unwrap();
        for one in &received {
            assert_eq!(one["verified"], true, "{one}");
        }
        received.iter().map(|one| one["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the merchant has received these, in this order, and nothing else.
    pub(crate) async fn receives(&self, order: &Order, types: &[&str]) {
        until("callbacks are received", SOON, async || {
            let received = self.received(order).await;
            if received == types { Ok(()) } else { Err(format!("{received:?}, not {types:?}")) }
        })
        .await;
    }

    /// The order's journals, each as its postings: an account's [short name](line) and the debit in fen.
    pub(crate) async fn journals(&self, order: &Order) -> Vec<Vec<(String, i64)>> {
        let timeline = self.shown(order).await["timeline"].clone();
        let journals = timeline.as_array().unwrap().iter().filter(|event| event["kind"] == "ledger.posted");
        let posting = |posting: &Value| {
            (short(posting["account"].as_str().unwrap()), posting["debit_minor"].as_i64().unwrap())
        };
        journals.map(|j| j["detail"]["postings"].as_array().unwrap().iter().map(posting).collect()).collect()
    }

    /// What a user has.
    pub(crate) async fn purse(&self, user: &str) -> Purse {
        self.purse_of(Some(user)).await
    }

    /// What the app itself has.
    pub(crate) async fn settlement(&self) -> Purse {
        self.purse_of(None).await
    }

    async fn purse_of(&self, user: Option<&str>) -> Purse {
        let balance = self.merchant.balance(user).await.unwrap();
        assert_eq!(balance.user_ref.as_deref(), user);
        (balance.available.minor, balance.held.minor)
    }

    /// Waits until a user has so much.
    pub(crate) async fn has(&self, user: &str, purse: Purse) {
        until(&format!("{user} has {purse:?}"), SOON, async || {
            let now = self.purse(user).await;
            if now == purse { Ok(()) } else { Err(format!("{now:?}")) }
        })
        .await;
    }

    /// Runs `sluiced app …` for this app.
    pub(crate) async fn configure(&self, args: &[&str]) {
        let (command, rest) = args.split_first().unwrap();
        let args: Vec<_> =
            ["app", command, self.merchant.client_id()].into_iter().chain(rest.iter().copied()).collect();
        let output = self.stand.sluiced(&args).await.unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The provider does this wrong from now on, so many times; and nothing else.
    pub(crate) async fn fault(&self, op: &str, fault: &str, count: Option<u64>) {
        self.fault_all(&[(op, fault, count)]).await;
    }

    /// The provider does all of this wrong from now on; and nothing else.
    pub(crate) async fn fault_all(&self, faults: &[(&str, &str, Option<u64>)]) {
        let rule = |(op, fault, count): &(&str, &str, Option<u64>)| {
            let mut rule = serde_json::json!({"channel": "alipay", "op": op, "fault": fault});
            if let Some(count) = count {
                rule["count"] = (*count).into();
            }
            rule
        };
        self.control.faults(faults.iter().map(rule).collect()).await.unwrap();
    }

    pub(crate) async fn no_faults(&self) {
        self.fault_all(&[]).await;
    }
}

/// The number that Sluice sent to the channel.
pub(crate) fn reference(order: &Order) -> &str {
    order.channel_ref.as_deref().unwrap_or_default()
}

/// One posting of an expected journal: the account by its short name (`u1`, `u1 held`, `settlement`,
/// `settlement held`, `fees due`, or in full), and the debit.
pub(crate) fn line(account: &str, debit: i64) -> (String, i64) {
    (account.to_owned(), debit)
}

/// An account without its app.
fn short(account: &str) -> String {
    match account.split(':').collect::<Vec<_>>().as_slice() {
        ["user", _, user, "available"] => (*user).to_owned(),
        ["user", _, user, "held"] => format!("{user} held"),
        ["app", _, "settlement"] => "settlement".to_owned(),
        ["app", _, "held"] => "settlement held".to_owned(),
        ["app", _, "fees_due"] => "fees due".to_owned(),
        _ => account.to_owned(),
    }
}

/// What was refused is refused with this code, signed.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, code: &str) {
    match outcome {
        Err(Error::Refused { code: said, .. }) if said == code => {}
        other => panic!("wanted {code}, got {other:?}"),
    }
}

/// A moment in which nothing more may happen.
pub(crate) async fn nothing_more_happens() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}
