//! What the payer or the provider does to one order on demand.

use serde::{Deserialize, Serialize};

use super::reply::Refused;
use crate::provider::books::Record;
use crate::provider::course::{Fate, Outcome};
use crate::provider::order::Refusal;
use crate::provider::payer::{self, Pay};
use crate::provider::{Gateway, Kind, Plan, teller};
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
    /// `payout_result`, `refund_result`: how it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// `payout_result`, `refund_result`: so many milliseconds later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_ms: Option<u64>,
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
    /// A payout ends like this; also said before the provider has heard of its number.
    PayoutResult,
    /// A refund ends like this; also said before the provider has heard of its number.
    RefundResult,
}

/// What an act came to.
#[derive(Clone, Debug)]
pub enum Done {
    /// It is booked.
    Booked(Box<Record>),
    /// No provider knows the number yet; it will happen once one does.
    Noted {
        /// To what.
        kind: Kind,
        /// How it will end.
        outcome: Outcome,
        /// So many milliseconds after the provider has heard of it.
        after_ms: u64,
    },
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
    /// The action's members do not go together.
    #[error("{0}")]
    Members(&'static str),
    /// The payment object cannot be opened.
    #[error("the payment object cannot be opened: {0}")]
    Payment(String),
}

impl From<ActError> for Refused {
    fn from(error: ActError) -> Self {
        let message = error.to_string();
        match error {
            ActError::Unknown(_) => Refused::not_found(message),
            ActError::Refused(Refusal::Amount) | ActError::Members(_) | ActError::Payment(_) => {
                Refused::invalid(message)
            }
            ActError::Refused(_) => Refused::conflict(message),
        }
    }
}

impl Act {
    /// A payer who pays what is asked.
    pub fn pay(payment: Option<PaymentContent>, notify: Plan) -> Self {
        Self { payment, notify, ..Self::of(Action::Pay) }
    }

    /// A payout ends like this.
    pub fn payout_result(outcome: Outcome, after_ms: u64) -> Self {
        Self { result: Some(outcome), after_ms: Some(after_ms), ..Self::of(Action::PayoutResult) }
    }

    /// A refund ends like this.
    pub fn refund_result(outcome: Outcome, after_ms: u64) -> Self {
        Self { result: Some(outcome), after_ms: Some(after_ms), ..Self::of(Action::RefundResult) }
    }

    fn of(action: Action) -> Self {
        Self {
            action,
            amount_minor: None,
            payment: None,
            notify: Plan::Now,
            again: false,
            result: None,
            after_ms: None,
        }
    }

    /// How a refund or payout is to end.
    fn fate(&self) -> Result<Fate, ActError> {
        let Some(outcome) = self.result else {
            return Err(ActError::Members("`result` is missing: success, failed or returned"));
        };
        if outcome == Outcome::Returned && self.action == Action::RefundResult {
            return Err(ActError::Members("a refund is not returned: success or failed"));
        }
        Ok(Fate { outcome, after_ms: self.after_ms.unwrap_or_default() })
    }
}

impl Simulator {
    /// Does `act` to an order, refund or payout; answers when it is booked (a notification goes out after that).
    ///
    /// # Errors
    /// [`ActError`] says why nothing was done.
    pub async fn act(&self, channel_ref: &str, act: Act) -> Result<Done, ActError> {
        match act.action {
            Action::PayoutResult => return self.decide(Kind::Payout, channel_ref, act.fate()?),
            Action::RefundResult => return self.decide(Kind::Refund, channel_ref, act.fate()?),
            _ if act.result.is_some() || act.after_ms.is_some() => {
                return Err(ActError::Members(
                    "`result` and `after_ms` belong to payout_result and refund_result",
                ));
            }
            _ => {}
        }
        let gateway = self.opened(channel_ref, act.payment.as_ref()).await?;
        let gateway = &*gateway;
        let done = match act.action {
            Action::Close => payer::close(gateway, channel_ref),
            Action::Pay => {
                let how = Pay { amount_minor: act.amount_minor, notify: act.notify, again: act.again };
                payer::pay(gateway, channel_ref, how)
            }
            _ => payer::scan(gateway, channel_ref).map(Ok),
        };
        let order = done.ok_or_else(|| ActError::Unknown(channel_ref.to_owned()))??;
        Ok(Done::Booked(Box::new(Record::Payment(order))))
    }

    /// Decides how a refund or payout ends, or remembers it for when its number comes.
    fn decide(&self, kind: Kind, number: &str, fate: Fate) -> Result<Done, ActError> {
        // Remembered first: a request that comes between finds it there, and then there is nothing to take back.
        let presets = &self.rules.presets;
        presets.set(kind, number, fate);
        for gateway in self.gateways() {
            let known = match kind {
                Kind::Refund => gateway.books().by_refund(number).is_some(),
                _ => gateway.books().payout(number).is_some(),
            };
            if known {
                presets.take(kind, number);
                if let Some(decided) = teller::decide(&gateway, kind, number, fate) {
                    return Ok(Done::Booked(Box::new(decided?)));
                }
            }
        }
        Ok(Done::Noted { kind, outcome: fate.outcome, after_ms: fate.after_ms })
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
