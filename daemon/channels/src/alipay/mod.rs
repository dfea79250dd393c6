//! Alipay's open platform (支付宝开放平台, `gateway.do`, RSA2) with key signatures: scan a code, pay on a page, query,
//! close, notification; refund a payment; pay out to an Alipay account.
//!
//! The way of an operation: `create`, `query`, `close`, `refund` and `payout` say what is asked within `limits`,
//! [`Request`] signs it; the answer's raw node is found (`scan`), verified and parsed (`answer`), and its codes are
//! looked up ([`codes`]). Notifications are a form of their own (`notification`). Whatever is not verified and listed
//! is `unknown`, with its trouble.

mod account;
mod answer;
mod close;
pub mod codes;
mod create;
mod limits;
mod mask;
mod notification;
mod payout;
mod query;
mod refund;
mod request;
mod scan;
mod text;

pub use account::{AccountError, AlipayAccount};
pub use request::{Request, SignedRequest};

use std::time::Duration;

use sluice_core::observation::Observation;
use sluice_core::order::{Method, PayeeKind};
use sluice_core::time::Timestamp;

use crate::protocol::{
    Capabilities, CreateAnswer, CreateOrder, CreateStep, DisbursementAnswer, EncodeError, HttpRequest,
    HttpResponse, IncomingNotification, Lookup, Notification, NotificationError, PayoutOrder, Protocol,
    RefundOrder,
};
use crate::rsa::{SigningKey, VerifyingKey};

/// What Alipay can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    provider: "alipay",
    methods: &[Method::Qr, Method::Page],
    currencies: &["CNY"],
    close: true,
    query: true,
    // A trade exists once the code is scanned or the page is opened; until then Alipay knows no such number.
    not_found_while_payable: true,
    states_fee: false,
    refund: true,
    refund_spacing: Duration::from_secs(3),
    refund_shown_within: Duration::from_secs(10),
    payees: &[PayeeKind::Alipay],
};

/// The protocol of one Alipay account. Made by [`Alipay::new`].
pub struct Alipay {
    gateway_url: String,
    app_id: String,
    seller_id: String,
    key: SigningKey,
    provider_key: VerifyingKey,
}

impl Alipay {
    /// A request with `biz_content` and the parameters that every method has.
    fn request(&self, method: &str, biz_content: &impl serde::Serialize, now: Timestamp) -> Request {
        #[expect(clippy::expect_used, reason = "structs of texts, whose serialisation has no way to fail")]
        let biz_content = serde_json::to_string(biz_content).expect("texts are JSON");
        Request::of_method(&self.app_id, method, text::beijing(now)).with("biz_content", biz_content)
    }

    fn send(&self, request: Request) -> HttpRequest {
        request.sign(&self.key).to_http(&self.gateway_url)
    }
}

impl Protocol for Alipay {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn create(&self, order: &CreateOrder, now: Timestamp) -> Result<CreateStep, EncodeError> {
        self.encode_create(order, now)
    }

    fn create_answer(&self, order: &CreateOrder, first: bool, answer: &HttpResponse) -> CreateAnswer {
        self.decode_create(order, first, answer)
            .unwrap_or_else(|unusable| CreateAnswer::Observed(unusable.into()))
    }

    fn query(&self, lookup: &Lookup, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_query(lookup, now)
    }

    fn query_answer(&self, lookup: &Lookup, answer: &HttpResponse) -> Observation {
        self.decode_query(lookup, answer).unwrap_or_else(Observation::from)
    }

    fn close(&self, lookup: &Lookup, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_close(lookup, now)
    }

    fn close_answer(&self, lookup: &Lookup, answer: &HttpResponse) -> Observation {
        self.decode_close(lookup, answer).unwrap_or_else(Observation::from)
    }

    fn refund(&self, refund: &RefundOrder, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_refund(refund, now)
    }

    fn refund_answer(&self, refund: &RefundOrder, answer: &HttpResponse) -> DisbursementAnswer {
        self.decode_refund(refund, answer)
            .unwrap_or_else(|unusable| DisbursementAnswer::Observed(unusable.into()))
    }

    fn refund_query(&self, refund: &RefundOrder, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_refund_query(refund, now)
    }

    fn refund_query_answer(&self, refund: &RefundOrder, answer: &HttpResponse) -> Observation {
        self.decode_refund_query(refund, answer).unwrap_or_else(Observation::from)
    }

    fn payout(&self, payout: &PayoutOrder, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_payout(payout, now)
    }

    fn payout_answer(&self, payout: &PayoutOrder, answer: &HttpResponse) -> DisbursementAnswer {
        self.decode_payout(payout, answer)
            .unwrap_or_else(|unusable| DisbursementAnswer::Observed(unusable.into()))
    }

    fn payout_query(&self, payout: &PayoutOrder, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_payout_query(payout, now)
    }

    fn payout_query_answer(&self, payout: &PayoutOrder, answer: &HttpResponse) -> Observation {
        self.decode_payout_query(payout, answer).unwrap_or_else(Observation::from)
    }

    fn notification(&self, incoming: &IncomingNotification) -> Result<Notification, NotificationError> {
        self.decode_notification(&incoming.body)
    }

    fn acknowledge(&self, taken: bool) -> HttpResponse {
        // Exactly these seven letters count as received; anything else is repeated for about a day.
        let body = if taken { "success" } else { "fail" };
        HttpResponse {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/plain;charset=utf-8".to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    fn masked(&self, message: &[u8]) -> String {
        mask::masked(message)
    }
}
