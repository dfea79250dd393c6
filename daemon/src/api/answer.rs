//! Answers: signed ones after the gate, unsigned ones before it. Errors are answers.

use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::{Value, json};
use sluice_core::code::ApiCode;
use sluice_core::password::AccessPassword;
use sluice_core::risk::{Rule, retry_after_secs};
use sluice_core::signing::ResponseText;

use super::gate::Verified;
use crate::clock;
use crate::daemon::Daemon;
use crate::wallet::off_thread;

pub(super) type Response = http::Response<Full<Bytes>>;

/// An answer before it is written.
pub(super) struct Answer {
    status: u16,
    body: Vec<u8>,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    /// The password that signs it, where it is not the one that verified the request.
    password: Option<AccessPassword>,
    refused: Option<ApiCode>,
}

impl Answer {
    /// JSON with a status.
    pub(super) fn plain(status: u16, body: Value) -> Self {
        Self {
            status,
            body: body.to_string().into_bytes(),
            content_type: "application/json",
            headers: Vec::new(),
            password: None,
            refused: None,
        }
    }

    /// CSV.
    pub(super) fn csv(text: String) -> Self {
        let content_type = "text/csv; charset=utf-8";
        Self { body: text.into_bytes(), content_type, ..Self::plain(200, Value::Null) }
    }

    /// A provider's own form of answer.
    pub(super) fn raw(status: u16, body: Vec<u8>, headers: Vec<(&'static str, String)>) -> Self {
        Self { body, headers, content_type: "text/plain", ..Self::plain(status, Value::Null) }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Signed with this password instead of the one that verified the request.
    pub(super) fn signed_with(mut self, password: AccessPassword) -> Self {
        self.password = Some(password);
        self
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn refused_code(&self) -> Option<ApiCode> {
        self.refused
    }

    /// Signs it for the app whose request was verified.
    pub(super) async fn sign(mut self, d: &Daemon, to: &Verified) -> Result<Self, Fault> {
        let now = clock::now();
        let key =
            d.wallet_keys.current(now).cloned().ok_or_else(|| Fault::internal("no wallet key is active"))?;
        let password = self.password.take().unwrap_or_else(|| to.password.clone());
        let timestamp = now.secs().to_string();
        let signing = {
            let (timestamp, check, nonce) = (timestamp.clone(), to.check.clone(), to.nonce.clone());
            let (digest, body, status, key) =
                (to.digest.clone(), self.body.clone(), self.status, key.clone());
            off_thread(move || {
                let text = ResponseText {
                    client_id: &check.client_id,
                    key_id: &key.key_id,
                    order_type: check.order_type,
                    status,
                    nonce: &nonce,
                    timestamp: &timestamp,
                    request_digest: &digest,
                    body: &body,
                };
                key.sign(&text.signed_bytes(password.expose()))
            })
        };
        let signature = signing.await.ok_or_else(|| Fault::internal("the signature was not made"))?;
        self.headers.extend([
            ("sluice-key", key.key_id.clone()),
            ("sluice-type", to.check.order_type.name().to_owned()),
            ("sluice-timestamp", timestamp),
            ("sluice-signature", format!("v1={signature}")),
        ]);
        Ok(self)
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Full::new(Bytes::from(self.body)));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// Why a request is not carried out.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: ApiCode,
    /// For the caller, instead of the code's meaning.
    message: Option<String>,
    /// The app, once the token has told.
    pub(super) client_id: Option<String>,
    /// What verified the request was changed meanwhile: the answer stays unsigned.
    stale: bool,
    /// The risk rule that refuses, by name.
    pub(super) rule: Option<&'static str>,
    /// In whole seconds.
    retry_after: Option<u64>,
}

impl Fault {
    pub(super) fn of(code: ApiCode) -> Self {
        Self { code, message: None, client_id: None, stale: false, rule: None, retry_after: None }
    }

    /// With a message of its own. Never for anything that helps guessing.
    pub(super) fn because(code: ApiCode, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::of(code) }
    }

    /// A field's value.
    pub(super) fn field(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::because(ApiCode::FieldInvalid, format!("{name}: {reason}"))
    }

    /// What verified the request is not valid any more.
    pub(super) fn stale() -> Self {
        Self { stale: true, ..Self::of(ApiCode::SignatureInvalid) }
    }

    /// Refused by a risk rule, which is named.
    pub(super) fn rule(rule: Rule) -> Self {
        Self { rule: Some(rule.name()), ..Self::because(ApiCode::RiskRefused, rule.to_string()) }
    }

    /// Too many requests; how long to wait.
    pub(super) fn rate_limited(wait: Duration) -> Self {
        Self { retry_after: Some(retry_after_secs(wait)), ..Self::of(ApiCode::RateLimited) }
    }

    /// A fault of ours; the reason goes to the log, not to the caller.
    pub(super) fn internal(reason: impl std::fmt::Display) -> Self {
        tracing::error!(%reason, "a request failed by a fault of ours");
        Self::of(ApiCode::Internal)
    }

    pub(super) fn of_app(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    /// The fault as an answer.
    pub(super) fn answer(self, request_id: &str) -> Answer {
        let row = self.code.row();
        let message = self.message.unwrap_or_else(|| format!("{}; {}", row.meaning, row.next));
        let error = json!({"error": {"code": row.name, "message": message, "request_id": request_id}});
        let answer = Answer { refused: Some(self.code), ..Answer::plain(row.status, error) };
        match self.retry_after {
            Some(seconds) => answer.header("retry-after", seconds.to_string()),
            None => answer,
        }
    }
}

impl From<crate::store::StoreError> for Fault {
    fn from(error: crate::store::StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<crate::wallet::WalletError> for Fault {
    fn from(error: crate::wallet::WalletError) -> Self {
        Self::internal(error)
    }
}

impl From<crate::order::OrderError> for Fault {
    fn from(error: crate::order::OrderError) -> Self {
        Self::internal(error)
    }
}
