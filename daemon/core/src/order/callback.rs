//! Callbacks (回调接入方): what Sluice tells a merchant, fixed when the fact happened, signed at each sending.

use serde_json::json;

use super::object::{CallbackState, OrderObject};
use crate::id::{self, OrderId};
use crate::time::Timestamp;

/// A callback to a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// `cbk_` and 26 characters.
    pub callback_id: String,
    /// Its order.
    pub order: OrderId,
    /// Its app.
    pub client_id: String,
    /// Such as `recharge.paid`.
    pub kind: &'static str,
    /// Where it goes.
    pub url: String,
    /// The exact bytes.
    pub body: String,
    /// When the fact happened.
    pub created_at: Timestamp,
    /// How far its delivery is.
    pub state: CallbackState,
}

impl Callback {
    /// A callback whose body shows the order as it is now.
    pub fn new(
        kind: &'static str,
        url: &str,
        callback_id: String,
        order: &OrderObject,
        at: Timestamp,
    ) -> Self {
        let body = json!({
            "callback_id": callback_id,
            "type": kind,
            "created_at": at,
            "state_version": order.state_version,
            "order": order,
        });
        Self {
            callback_id,
            order: order.order_id,
            client_id: order.client_id.clone(),
            kind,
            url: url.to_owned(),
            body: body.to_string(),
            created_at: at,
            state: CallbackState::Pending,
        }
    }

    /// A new callback id.
    pub fn new_id(at: Timestamp, random: u128) -> String {
        id::new_id("cbk", at, random)
    }
}
