//! What a merchant does with orders of each kind. Creating one again under its number gets it as it stands.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::kind::{path_of, with_query};
use super::{
    Error, Merchant, Money, NewRecharge, NewRefund, NewTrade, NewWithdrawal, Order, Orders, Page,
    TimelineEntry,
};

/// Recharges.
impl Merchant {
    /// Creates a recharge.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn create_recharge(&self, recharge: &NewRecharge) -> Result<Order, Error> {
        self.request("POST", "/v1/recharges").json(recharge).send().await?.into_verified()
    }

    /// A recharge as it stands.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn recharge(&self, order_id: &str) -> Result<Order, Error> {
        self.get(&format!("/v1/recharges/{order_id}")).await
    }

    /// A page of recharges; `query` such as `state=3&limit=50`, or empty.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn recharges(&self, query: &str) -> Result<Orders, Error> {
        self.get(&with_query("/v1/recharges", query)).await
    }

    /// Closes a recharge.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn close_recharge(&self, order_id: &str) -> Result<Order, Error> {
        self.request("POST", &format!("/v1/recharges/{order_id}/close")).send().await?.into_verified()
    }
}

/// Withdrawals.
impl Merchant {
    /// Creates a withdrawal.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn create_withdrawal(&self, withdrawal: &NewWithdrawal) -> Result<Order, Error> {
        self.request("POST", "/v1/withdrawals").json(withdrawal).send().await?.into_verified()
    }

    /// A withdrawal as it stands.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn withdrawal(&self, order_id: &str) -> Result<Order, Error> {
        self.get(&format!("/v1/withdrawals/{order_id}")).await
    }

    /// A page of withdrawals.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn withdrawals(&self, query: &str) -> Result<Orders, Error> {
        self.get(&with_query("/v1/withdrawals", query)).await
    }

    /// Cancels a withdrawal that was not submitted yet.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn cancel_withdrawal(&self, order_id: &str) -> Result<Order, Error> {
        self.request("POST", &format!("/v1/withdrawals/{order_id}/cancel")).send().await?.into_verified()
    }
}

/// Trades.
impl Merchant {
    /// Creates a trade.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn create_trade(&self, trade: &NewTrade) -> Result<Order, Error> {
        self.request("POST", "/v1/trades").json(trade).send().await?.into_verified()
    }

    /// A trade as it stands.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn trade(&self, order_id: &str) -> Result<Order, Error> {
        self.get(&format!("/v1/trades/{order_id}")).await
    }

    /// A page of trades.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn trades(&self, query: &str) -> Result<Orders, Error> {
        self.get(&with_query("/v1/trades", query)).await
    }

    /// Captures so much of an authorised trade; `None`: all of it.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn capture(&self, order_id: &str, amount: Option<Money>) -> Result<Order, Error> {
        let body = amount.map_or_else(|| json!({}), |amount| json!({ "amount": amount }));
        self.request("POST", &format!("/v1/trades/{order_id}/capture"))
            .json(&body)
            .send()
            .await?
            .into_verified()
    }

    /// Voids an authorised trade: its hold is released.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub async fn void(&self, order_id: &str) -> Result<Order, Error> {
        let request = self.request("POST", &format!("/v1/trades/{order_id}/void")).json(&json!({}));
        request.send().await?.into_verified()
    }
}

/// Refunds, by the order that they refund: a recharge or a trade.
impl Merchant {
    /// Refunds an order.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`], and [`Error::Shape`] if the id is of no recharge or trade.
    pub async fn refund(&self, original_order_id: &str, refund: &NewRefund) -> Result<Order, Error> {
        let target = format!("{}/refunds", path_of(original_order_id)?);
        self.request("POST", &target).json(refund).send().await?.into_verified()
    }

    /// A refund as it stands.
    ///
    /// # Errors
    /// As [`Merchant::refund`].
    pub async fn refund_of(&self, original_order_id: &str, refund_id: &str) -> Result<Order, Error> {
        self.get(&format!("{}/refunds/{refund_id}", path_of(original_order_id)?)).await
    }

    /// A page of an order's refunds.
    ///
    /// # Errors
    /// As [`Merchant::refund`].
    pub async fn refunds(&self, original_order_id: &str, query: &str) -> Result<Orders, Error> {
        self.get(&with_query(&format!("{}/refunds", path_of(original_order_id)?), query)).await
    }
}

/// Any order.
impl Merchant {
    /// A recharge, withdrawal or trade as it stands, by its id alone.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`], and [`Error::Shape`] if the id is of none.
    pub async fn order(&self, order_id: &str) -> Result<Order, Error> {
        self.get(&path_of(order_id)?).await
    }

    /// An order as it stands now, a refund too.
    ///
    /// # Errors
    /// As [`Merchant::order`].
    pub async fn again(&self, order: &Order) -> Result<Order, Error> {
        self.get(&place_of(order)?).await
    }

    /// What happened to an order, oldest first, as far as one page shows it.
    ///
    /// # Errors
    /// As [`Merchant::order`].
    pub async fn timeline(&self, order: &Order) -> Result<Page<TimelineEntry>, Error> {
        self.get(&format!("{}/timeline", place_of(order)?)).await
    }

    /// Has a callback sent again.
    ///
    /// # Errors
    /// As [`Merchant::order`].
    pub async fn replay(&self, order: &Order, callback_id: &str) -> Result<Value, Error> {
        let target = format!("{}/callbacks/{callback_id}/replay", place_of(order)?);
        self.request("POST", &target).send().await?.into_verified()
    }

    /// What is at a target.
    ///
    /// # Errors
    /// As [`super::Exchange::into_verified`].
    pub(super) async fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, Error> {
        self.request("GET", target).send().await?.into_verified()
    }
}

/// Where an order lives: a refund under the order that it refunds.
fn place_of(order: &Order) -> Result<String, Error> {
    match &order.original_order_id {
        Some(original) => Ok(format!("{}/refunds/{}", path_of(original)?, order.order_id)),
        None => path_of(&order.order_id),
    }
}
