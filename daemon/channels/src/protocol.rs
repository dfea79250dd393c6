//! The seam between Sluice and a provider: operations in, request bytes out; response bytes in, facts out.
//!
//! A protocol does no I/O and knows no clock. The executor of `sluiced` sends what `*_request` made,
//! hands the response to the matching `*_answer`, and keeps both as evidence.

use sluice_core::money::Amount;
use sluice_core::observation::Observation;
use sluice_core::order::{Method, Payment};
use sluice_core::time::Timestamp;

/// An HTTP request to send to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Absolute URL with its query.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for `GET`.
    pub body: Vec<u8>,
}

/// A response as it came, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// What a provider posted to our notification endpoint, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingNotification {
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The raw body.
    pub body: Vec<u8>,
}

/// Everything a provider needs to take a payment. The same values again give the same request (but for `now`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOrder {
    /// Our number for this attempt.
    pub channel_ref: String,
    /// What is to be paid.
    pub amount: Amount,
    /// What the payer reads.
    pub subject: String,
    /// How the payer pays.
    pub method: Method,
    /// After this the provider must not take the payment.
    pub expires_at: Timestamp,
    /// Where the provider sends its notification.
    pub notify_url: String,
    /// Where the payer's browser returns to.
    pub return_url: Option<String>,
}

/// Names an attempt to its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Our number for this attempt.
    pub channel_ref: String,
    /// The provider's number, where it gave one.
    pub channel_order_no: Option<String>,
    /// The order's amount, whose currency the provider's figures are in.
    pub amount: Amount,
    /// When the attempt was first sent.
    pub sent_at: Timestamp,
}

/// How a creation begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateStep {
    /// Ask the provider; its answer goes to [`Protocol::create_answer`].
    Send(HttpRequest),
    /// No server call: the payer's browser brings the signed request.
    Ready(Payment),
}

/// What a provider answered to a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateAnswer {
    /// It waits for the payer.
    Accepted {
        /// What the payer is shown.
        payment: Payment,
        /// The provider's own number, where it gave one already.
        channel_order_no: Option<String>,
    },
    /// It definitely will not take this payment.
    Refused {
        /// The raw code.
        code: String,
        /// The raw message.
        message: String,
    },
    /// The answer speaks of the order's state instead (already paid, already closed), or is of no use:
    /// presence `Unknown` means that the creation may or may not have happened.
    Observed(Observation),
}

/// A verified notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Which attempt it speaks of.
    pub channel_ref: String,
    /// The provider's number of this notification, equal across its repetitions.
    pub notify_id: Option<String>,
    /// What it says.
    pub observation: Observation,
}

/// Why a notification is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// Not of this protocol's form.
    #[error("the notification is malformed")]
    Malformed,
    /// The signature is missing or does not verify.
    #[error("the notification's signature does not verify")]
    BadSignature,
    /// Signed, but for another account of the provider.
    #[error("the notification is for another account")]
    NotOurs,
}

/// The operation can't be written in this protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A stated capability is missing.
    #[error("this channel cannot {0}")]
    CannotDo(&'static str),
    /// A field's value does not fit the protocol.
    #[error("{field}: {reason}")]
    Field {
        /// The API's field name.
        field: &'static str,
        /// What is wrong, for people.
        reason: String,
    },
}

/// What a provider can do; the core decides from these, never by a channel's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The provider's name.
    pub provider: &'static str,
    /// Recharge methods.
    pub methods: &'static [Method],
    /// Currencies it takes, as ISO 4217 codes.
    pub currencies: &'static [&'static str],
    /// Whether an open payment can be closed by a call.
    pub close: bool,
    /// Whether a payment can be asked for.
    pub query: bool,
    /// Whether `not found` is said of an order whose content the payer can still use (a code never scanned).
    pub not_found_while_payable: bool,
    /// Whether the channel states its fee; else it is computed from the tariff.
    pub states_fee: bool,
}

/// One provider's protocol, configured for one account.
pub trait Protocol: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &'static Capabilities;

    /// Writes a creation.
    ///
    /// # Errors
    /// The method is not among the capabilities, or a field does not fit.
    fn create(&self, order: &CreateOrder, now: Timestamp) -> Result<CreateStep, EncodeError>;

    /// Reads the answer to a creation. `first` says that no earlier try of this number may exist,
    /// so that a refusal is final.
    fn create_answer(&self, order: &CreateOrder, first: bool, answer: &HttpResponse) -> CreateAnswer;

    /// Writes a query.
    ///
    /// # Errors
    /// The protocol has no query.
    fn query(&self, lookup: &Lookup, now: Timestamp) -> Result<HttpRequest, EncodeError>;

    /// Reads the answer to a query.
    fn query_answer(&self, lookup: &Lookup, answer: &HttpResponse) -> Observation;

    /// Writes a close.
    ///
    /// # Errors
    /// The protocol has no close.
    fn close(&self, lookup: &Lookup, now: Timestamp) -> Result<HttpRequest, EncodeError>;

    /// Reads the answer to a close: `Closed` (it closed it), `NotFound` (it knows no such order now),
    /// or `Unknown` (ask by query; often it is paid).
    fn close_answer(&self, lookup: &Lookup, answer: &HttpResponse) -> Observation;

    /// Verifies and reads a notification. The amount's currency is the provider's.
    ///
    /// # Errors
    /// Malformed, unsigned, or not for this account.
    fn notification(&self, incoming: &IncomingNotification) -> Result<Notification, NotificationError>;

    /// What to answer a notification: taken durably, or please repeat.
    fn acknowledge(&self, taken: bool) -> HttpResponse;

    /// A copy of a message for people, with secrets and personal data masked.
    fn masked(&self, message: &[u8]) -> String;
}
