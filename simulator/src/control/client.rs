//! The control calls from the other side: for tests, the benchmark and the demo.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

use super::Act;
use crate::client::{Order, OrderType};
use crate::provider::course::Outcome;
use crate::provider::{Channel, Plan};

/// How long a control call may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A control call that was not done.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No answer, or none in JSON.
    #[error("control: {0}")]
    Transport(String),
    /// The simulator explains why not.
    #[error("control: HTTP {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why.
        message: String,
    },
}

/// Calls the control API of the gateways and of the sample merchant.
#[derive(Clone, Debug)]
pub struct Control {
    simulator: String,
    merchant: String,
    http: reqwest::Client,
}

impl Control {
    /// For the addresses in `sandbox.json`: `sim` and `merchant`.
    pub fn new(simulator: &str, merchant: &str) -> Self {
        let own = |url: &str| url.trim_end_matches('/').to_owned();
        Self { simulator: own(simulator), merchant: own(merchant), http: crate::plain_http(TIMEOUT) }
    }

    /// The payer pays the order.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn pay(&self, order: &Order, notify: Plan) -> Result<Value, ControlError> {
        self.act(order.channel_ref.as_deref().unwrap_or_default(), &Act::pay(order.payment.clone(), notify))
            .await
    }

    /// Anything that the payer or the provider does to an order; answers with the provider's order.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn act(&self, channel_ref: &str, act: &Act) -> Result<Value, ControlError> {
        let url = format!("{}/control/orders/{channel_ref}", self.simulator);
        self.call(self.http.post(url).json(act)).await
    }

    /// Says how a payout ends, by the number that Sluice sends, known to the provider or not yet.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn payout_result(
        &self,
        channel_ref: &str,
        outcome: Outcome,
        after_ms: u64,
    ) -> Result<Value, ControlError> {
        self.act(channel_ref, &Act::payout_result(outcome, after_ms)).await
    }

    /// The same for a refund.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn refund_result(
        &self,
        channel_ref: &str,
        outcome: Outcome,
        after_ms: u64,
    ) -> Result<Value, ControlError> {
        self.act(channel_ref, &Act::refund_result(outcome, after_ms)).await
    }

    /// The payment, refund or payout in the provider's books.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn order(&self, channel_ref: &str) -> Result<Value, ControlError> {
        self.call(self.http.get(format!("{}/control/orders/{channel_ref}", self.simulator))).await
    }

    /// All payments, refunds and payouts in the providers' books, by `kind`.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn orders(&self) -> Result<Vec<Value>, ControlError> {
        let mut all = vec![];
        let mut cursor = String::new();
        loop {
            let url = format!("{}/control/orders?limit=10000{cursor}", self.simulator);
            let page: Value = self.call(self.http.get(url)).await?;
            all.extend(page["orders"].as_array().into_iter().flatten().cloned());
            match page["next_cursor"].as_u64() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Replaces the faults: a list such as `[{"channel": "alipay", "op": "query", "fault": "timeout"}]`.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn faults(&self, faults: Value) -> Result<(), ControlError> {
        self.call::<Value>(self.http.put(format!("{}/control/faults", self.simulator)).json(&faults))
            .await
            .map(drop)
    }

    /// Replaces the hidden limits.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn limits(&self, limits: Value) -> Result<(), ControlError> {
        self.call::<Value>(self.http.put(format!("{}/control/limits", self.simulator)).json(&limits))
            .await
            .map(drop)
    }

    /// What each provider's books add up to.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn accounts(&self) -> Result<Value, ControlError> {
        self.call(self.http.get(format!("{}/control/accounts", self.simulator))).await
    }

    /// Says what the merchant's account at a provider holds; `None`: always enough.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn account(&self, channel: Channel, available_minor: Option<i64>) -> Result<(), ControlError> {
        let body = json!({ "channel": channel, "available_minor": available_minor });
        self.call::<Value>(self.http.put(format!("{}/control/accounts", self.simulator)).json(&body))
            .await
            .map(drop)
    }

    /// Calls by channel, operation and outcome.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn counts(&self) -> Result<Value, ControlError> {
        self.call(self.http.get(format!("{}/control/counts", self.simulator))).await
    }

    /// The callbacks that the sample merchant got about an order, oldest first.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn received(&self, order_id: &str) -> Result<Vec<Value>, ControlError> {
        let url = format!("{}/control/received?order_id={order_id}", self.merchant);
        let answer: Value = self.call(self.http.get(url)).await?;
        Ok(answer["received"].as_array().cloned().unwrap_or_default())
    }

    /// How many callbacks the sample merchant got, verified and acknowledged.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn totals(&self) -> Result<Value, ControlError> {
        self.call(self.http.get(format!("{}/control/totals", self.merchant))).await
    }

    /// What an app's merchant believes: its orders, and what each user has.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn books(&self, client_id: &str) -> Result<Value, ControlError> {
        self.call(self.http.get(format!("{}/control/books?client_id={client_id}", self.merchant))).await
    }

    /// Tells the sample merchant how to answer an app's callbacks: `"success"`, `{"slow_ms": 50}`, ….
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn answer(&self, client_id: &str, answer: Value) -> Result<(), ControlError> {
        let body = json!({ "client_id": client_id, "answer": answer });
        self.call::<Value>(self.http.put(format!("{}/control/answers", self.merchant)).json(&body))
            .await
            .map(drop)
    }

    /// Tells the sample merchant an app's new access password.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn password(
        &self,
        client_id: &str,
        order_type: OrderType,
        password: &str,
    ) -> Result<(), ControlError> {
        let body = json!({ "client_id": client_id, "type": order_type, "password": password });
        self.call::<Value>(self.http.put(format!("{}/control/passwords", self.merchant)).json(&body))
            .await
            .map(drop)
    }

    async fn call<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ControlError> {
        let lost = |error: reqwest::Error| ControlError::Transport(error.to_string());
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(lost)?;
        if !status.is_success() {
            let value: Value = serde_json::from_slice(&body).unwrap_or_default();
            let message =
                value.pointer("/error/message").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Err(ControlError::Refused { status: status.as_u16(), message });
        }
        serde_json::from_slice(&body).map_err(|error| ControlError::Transport(error.to_string()))
    }
}
