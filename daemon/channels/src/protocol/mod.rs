//! The seam between Sluice and a provider: operations in, request bytes out; response bytes in, facts out.
//!
//! A protocol does no I/O and knows no clock. The executor of `sluiced` sends what an operation made, hands the
//! response to the matching `*_answer`, and keeps both as evidence. Money comes in by a creation; it goes out by a
//! refund or a payout.

mod http;

use std::time::Duration;

use sluice_core::money::Amount;
use sluice_core::observation::{Observation, Trouble};
use sluice_core::order::{Method, Payee, PayeeKind, Payment};
use sluice_core::time::Timestamp;

pub use http::{HttpRequest, HttpResponse, IncomingNotification};

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

/// A refund of a payment, made through the payment's own channel. The same values again give the same request (but
/// for `now`), and the provider refunds once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundOrder {
    /// Our number for the payment's attempt.
    pub channel_ref: String,
    /// The provider's number for the payment, where it is known.
    pub channel_order_no: Option<String>,
    /// Our number for this refund.
    pub refund_ref: String,
    /// What is to be refunded by this refund alone.
    pub amount: Amount,
    /// The whole payment.
    pub paid: Amount,
    /// What the payer reads; may be empty.
    pub reason: String,
    /// When the refund was first sent.
    pub sent_at: Timestamp,
}

/// A payout to a payee. The same values again give the same request (but for `now`), and the provider pays once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutOrder {
    /// Our number for this payout.
    pub channel_ref: String,
    /// The provider's number for the payout, where it gave one.
    pub channel_order_no: Option<String>,
    /// What the payee is to get.
    pub amount: Amount,
    /// Who is paid.
    pub payee: Payee,
    /// What the payee reads.
    pub title: String,
    /// When the payout was first sent.
    pub sent_at: Timestamp,
}

/// What a provider answered to a refund or a payout, which sends money out: only what is certain may be acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisbursementAnswer {
    /// What the provider's books hold of it; `Unknown` where the money may or may not have moved.
    Observed(Observation),
    /// A signed and listed refusal of this sending. The number is not sent again, and the held money is released only
    /// once a query shows that nothing moved under it.
    Refused {
        /// The raw code.
        code: String,
        /// The raw message.
        message: String,
    },
}

/// A verified notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Which attempt it speaks of.
    pub channel_ref: String,
    /// The provider's number of this notification, equal across its repetitions.
    pub notify_id: Option<String>,
    /// Our number of the refund that caused it, where it speaks of one. That refund's own query tells how it stands.
    pub refund_ref: Option<String>,
    /// What it says of the payment.
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
    /// Whether a payment can be refunded, in parts too, and the refund be asked for.
    pub refund: bool,
    /// At least this long between two refunds of one payment.
    pub refund_spacing: Duration,
    /// How long after its sending a refund may be missing from the provider's answers although it will be made:
    /// `not found` before that says nothing.
    pub refund_shown_within: Duration,
    /// Who can be paid out to; empty where there are no payouts.
    pub payees: &'static [PayeeKind],
}

/// One provider's protocol, configured for one account. Refunds and payouts need not exist: what is not written here
/// cannot be done.
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

    /// Writes a refund.
    ///
    /// # Errors
    /// The protocol has no refunds, or a field does not fit.
    fn refund(&self, _refund: &RefundOrder, _now: Timestamp) -> Result<HttpRequest, EncodeError> {
        Err(EncodeError::CannotDo("refund"))
    }

    /// Reads the answer to a refund: `Refunded`, `Refunding` (taken, ask by query), or `Unknown`.
    fn refund_answer(&self, _refund: &RefundOrder, _answer: &HttpResponse) -> DisbursementAnswer {
        DisbursementAnswer::Observed(never_sent())
    }

    /// Writes a query for a refund.
    ///
    /// # Errors
    /// The protocol has no refunds.
    fn refund_query(&self, _refund: &RefundOrder, _now: Timestamp) -> Result<HttpRequest, EncodeError> {
        Err(EncodeError::CannotDo("refund"))
    }

    /// Reads the answer to a refund's query: `Refunded`; `NotFound` (the provider answers, and shows no such refund
    /// now: it never came, failed, or is too young, see [`Capabilities::refund_shown_within`], so this is never final
    /// by itself); or `Unknown`.
    fn refund_query_answer(&self, _refund: &RefundOrder, _answer: &HttpResponse) -> Observation {
        never_sent()
    }

    /// Writes a payout.
    ///
    /// # Errors
    /// The payee's kind is not among the capabilities, or a field does not fit.
    fn payout(&self, _payout: &PayoutOrder, _now: Timestamp) -> Result<HttpRequest, EncodeError> {
        Err(EncodeError::CannotDo("payout"))
    }

    /// Reads the answer to a payout: `Paid`, `Failed`, `Closed`, `Refunded` (it came back from the payee's bank),
    /// `Unpaid` (waiting at the provider), or `Unknown`.
    fn payout_answer(&self, _payout: &PayoutOrder, _answer: &HttpResponse) -> DisbursementAnswer {
        DisbursementAnswer::Observed(never_sent())
    }

    /// Writes a query for a payout.
    ///
    /// # Errors
    /// The protocol has no payouts.
    fn payout_query(&self, _payout: &PayoutOrder, _now: Timestamp) -> Result<HttpRequest, EncodeError> {
        Err(EncodeError::CannotDo("payout"))
    }

    /// Reads the answer to a payout's query: as of [`Protocol::payout_answer`], or `NotFound`, which is never final.
    fn payout_query_answer(&self, _payout: &PayoutOrder, _answer: &HttpResponse) -> Observation {
        never_sent()
    }

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

/// To an answer that answers nothing: the protocol writes no such request.
fn never_sent() -> Observation {
    Observation::unknown(Trouble::NotSent, "", "this channel cannot do it")
}
