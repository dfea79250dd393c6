//! One scenario's app, and what is done with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use sluice_sim::client::{Error, Merchant, NewRecharge, NewTrade, NewWithdrawal, Order, Party};
use sluice_sim::control::Control;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;

use crate::support::{SOON, until};

/// The next app that no scenario has.
static NEXT: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct Scene {
    pub(crate) stand: Arc<Stand>,
    pub(crate) merchant: Merchant,
    pub(crate) control: Control,
}

impl Scene {
    pub(crate) async fn new(stand: Arc<Stand>) -> Self {
        let app = NEXT.fetch_add(1, Ordering::Relaxed) % stand.file().apps.len();
        let (merchant, control) = (stand.merchant(app).await.unwrap(), stand.control());
        Self { stand, merchant, control }
    }

    pub(crate) fn app(&self) -> &str {
        self.merchant.client_id()
    }

    /// Runs an operator's command on this app: `noun verb APP rest…`.
    pub(crate) async fn command(&self, noun: &str, verb: &str, rest: &[&str]) -> Value {
        let args = [&[noun, verb, self.app()], rest].concat();
        self.stand.sluice_json(&args).await.unwrap()
    }

    /// The same, with a reason and without a question.
    pub(crate) async fn act(&self, noun: &str, verb: &str, rest: &[&str]) -> Value {
        self.command(noun, verb, &[rest, &["--reason", "a test", "--yes"]].concat()).await
    }

    /// Sets rules, such as `trade.user_daily_count=3`.
    pub(crate) async fn rules(&self, rules: &[&str]) -> Value {
        self.act("risk", "set", rules).await
    }

    /// A user with so much money, from a recharge that was paid and called back.
    pub(crate) async fn fund(&self, user: &str, minor: i64) -> Order {
        let mut recharge = NewRecharge::new(format!("fund-{user}-{minor}"), minor);
        recharge.user_ref = user.to_owned();
        let order = self.merchant.create_recharge(&recharge).await.unwrap();
        self.control.pay(&order, Plan::Now).await.unwrap();
        self.stand.wait_for_state(&self.merchant, &order.order_id, &[4], SOON).await.unwrap()
    }

    /// Asks for a recharge of a user.
    pub(crate) async fn recharge(&self, number: &str, user: &str, minor: i64) -> Result<Order, Error> {
        self.recharge_with(number, user, minor, |_| ()).await
    }

    /// The same, changed.
    pub(crate) async fn recharge_with(
        &self,
        number: &str,
        user: &str,
        minor: i64,
        change: impl FnOnce(&mut NewRecharge),
    ) -> Result<Order, Error> {
        let mut recharge = NewRecharge::new(number, minor);
        recharge.user_ref = user.to_owned();
        change(&mut recharge);
        self.merchant.create_recharge(&recharge).await
    }

    /// Asks for a direct trade from a user to the app.
    pub(crate) async fn trade(&self, number: &str, user: &str, minor: i64) -> Result<Order, Error> {
        self.merchant.create_trade(&NewTrade::direct(number, user, Party::app(), minor)).await
    }

    /// Asks for a direct trade between users.
    pub(crate) async fn trade_to(
        &self,
        number: &str,
        from: &str,
        to: &str,
        minor: i64,
    ) -> Result<Order, Error> {
        self.merchant.create_trade(&NewTrade::direct(number, from, Party::user(to), minor)).await
    }

    /// Asks for a withdrawal of a user.
    pub(crate) async fn withdraw(&self, number: &str, user: &str, minor: i64) -> Result<Order, Error> {
        self.merchant.create_withdrawal(&NewWithdrawal::new(number, minor).of_user(user)).await
    }

    /// Waits until an order is in this state.
    pub(crate) async fn reaches(&self, order: &Order, state: i64) -> Order {
        until("the order is in its state", SOON, async || {
            let now = self.merchant.again(order).await.map_err(|error| error.to_string())?;
            if now.state == state { Ok(now) } else { Err(format!("{now:?}")) }
        })
        .await
    }
}

/// What became of a wish: `ok`, the code of its refusal, or the name of the rule that refuses it.
pub(crate) fn said(answer: &Result<Order, Error>) -> String {
    match answer {
        Ok(_) => "ok".to_owned(),
        Err(Error::Refused { status: 403, code, message }) if code == "risk_refused" => {
            message.split_once(':').expect("the rule and what it means").0.to_owned()
        }
        Err(Error::Refused { code, .. }) => code.clone(),
        Err(Error::Unverified { code: Some(code), .. }) => format!("unsigned {code}"),
        Err(other) => panic!("{other}"),
    }
}

/// How many of each there are.
pub(crate) fn counted(answers: &[Result<Order, Error>]) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for answer in answers {
        *counts.entry(said(answer)).or_default() += 1;
    }
    counts.into_iter().collect()
}
