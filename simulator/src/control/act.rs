//! What the payer or the provider does to one order on demand.

use serde::{Deserialize, Serialize};

use super::reply::Refused;
use crate::provider::order::{Order, Refusal};
use crate::provider::payer::{self, Pay};
use crate::provider::{Gateway, Plan};
use crate::simulator::Simulator;
use std::sync::Arc;

/// The body of `POST /control/orders/{channel_ref}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What to do.
    pub action: Action,
    /// `pay`: another amount than asked, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// The order's payment object: needed for a form or a page, which the provider knows only once it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentContent>,
    /// `pay`: when the provider tells of it.
    #[serde(default)]
    pub notify: Plan,
    /// `pay`: a paid order takes money a second time (no real provider lets this happen; a daemon must survive it).
    #[serde(default)]
    pub again: bool,
}

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The payer opens the payment and leaves it at that.
    Scan,
    /// The payer opens it and pays.
    Pay,
    /// The provider closes it.
    Close,
}

/// What the merchant shows to the payer: `payment` of Sluice's order object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaymentContent {
    /// A code.
    Qr {
        /// What the code says: an address.
        content: String,
    },
    /// A page to go to.
    Redirect {
        /// Its address.
        url: String,
    },
    /// A form that the browser submits by itself.
    Form {
        /// Where it is submitted to.
        action: String,
        /// `POST` unless given.
        #[serde(default = "post")]
        method: String,
        /// Must be UTF-8 if given.
        #[serde(default)]
        charset: Option<String>,
        /// Its fields, in order.
        fields: Vec<(String, String)>,
    },
}

fn post() -> String {
    "POST".to_owned()
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The provider does not know the number.
    #[error("no provider knows {0}; a form or page must first be opened: give the order's payment object")]
    Unknown(String),
    /// The order's state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The payment object cannot be opened.
    #[error("the payment object cannot be opened: {0}")]
    Payment(String),
}

impl From<ActError> for Refused {
    fn from(error: ActError) -> Self {
        let message = error.to_string();
        match error {
            ActError::Unknown(_) => Refused::not_found(message),
            ActError::Refused(Refusal::Amount) | ActError::Payment(_) => Refused::invalid(message),
            ActError::Refused(_) => Refused::conflict(message),
        }
    }
}

impl Act {
    /// A payer who pays what is asked.
    pub fn pay(payment: Option<PaymentContent>, notify: Plan) -> Self {
        Self { action: Action::Pay, amount_minor: None, payment, notify, again: false }
    }
}

impl Simulator {
    /// Does `act` to an order; answers when it is booked (a notification goes out after that).
    ///
    /// # Errors
    /// [`ActError`] says why nothing was done.
    pub async fn act(&self, channel_ref: &str, act: Act) -> Result<Order, ActError> {
        let gateway = self.opened(channel_ref, act.payment.as_ref()).await?;
        let gateway = &*gateway;
        let done = match act.action {
            Action::Scan => payer::scan(gateway, channel_ref).map(Ok),
            Action::Close => payer::close(gateway, channel_ref),
            Action::Pay => {
                let how = Pay { amount_minor: act.amount_minor, notify: act.notify, again: act.again };
                payer::pay(gateway, channel_ref, how)
            }
        };
        Ok(done.ok_or_else(|| ActError::Unknown(channel_ref.to_owned()))??)
    }

    /// The gateway that knows the number, after opening the payment as the payer's browser would where none does.
    async fn opened(
        &self,
        channel_ref: &str,
        payment: Option<&PaymentContent>,
    ) -> Result<Arc<dyn Gateway>, ActError> {
        if let Some((gateway, _)) = self.find(channel_ref) {
            return Ok(gateway);
        }
        let Some(payment) = payment else { return Err(ActError::Unknown(channel_ref.to_owned())) };
        self.open(payment).await?;
        let (gateway, _) = self.find(channel_ref).ok_or_else(|| ActError::Unknown(channel_ref.to_owned()))?;
        Ok(gateway)
    }

    async fn open(&self, payment: &PaymentContent) -> Result<(), ActError> {
        let request = match payment {
            PaymentContent::Qr { content } => self.browser().get(self.own(content)?),
            PaymentContent::Redirect { url } => self.browser().get(self.own(url)?),
            PaymentContent::Form { action, method, charset, fields } => {
                if charset.as_ref().is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
                    return Err(ActError::Payment("only UTF-8 forms are understood".into()));
                }
                let action = self.own(action)?;
                if method.eq_ignore_ascii_case("get") {
                    self.browser().get(action).query(fields)
                } else {
                    self.browser().post(action).form(fields)
                }
            }
        };
        let answer =
            request.send().await.map_err(|error| ActError::Payment(error.without_url().to_string()))?;
        if answer.status().is_success() {
            return Ok(());
        }
        let status = answer.status();
        let page = answer.text().await.unwrap_or_default();
        Err(ActError::Payment(format!("the provider's page says {status}: {page}")))
    }

    /// The address, if it is one of ours: the sandbox's payer does not wander off.
    fn own<'a>(&self, address: &'a str) -> Result<&'a str, ActError> {
        let rest = address.strip_prefix(self.base_url());
        match rest.is_some_and(|rest| rest.starts_with('/')) {
            true => Ok(address),
            false => Err(ActError::Payment(format!("{address} is not at {}", self.base_url()))),
        }
    }
}
