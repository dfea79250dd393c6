//! One exchange with a provider: send, wait no longer than agreed, keep what was said.

use std::time::{Duration, Instant};

use sluice_channels::protocol::{HttpRequest, HttpResponse};
use sluice_core::observation::{Observation, Trouble};

use super::Channel;
use crate::clock;
use crate::store::unit::Evidence;
use crate::wallet::vault::{Vault, VaultError};

/// The most that is read of an answer.
const MAX_ANSWER: usize = 1024 * 1024;

/// What went out and what came back, or why nothing did.
pub(crate) struct Exchange {
    pub(crate) at: sluice_core::time::Timestamp,
    pub(crate) latency: Duration,
    request: HttpRequest,
    pub(crate) answer: Result<HttpResponse, Observation>,
}

impl Channel {
    /// Sends a request. Whatever goes wrong on the way is an unknown, never a failure.
    pub(super) async fn send(&self, request: HttpRequest, timeout: Duration) -> Exchange {
        let (at, began) = (clock::now(), Instant::now());
        let answer = match tokio::time::timeout(timeout, self.send_now(&request)).await {
            Ok(answer) => answer,
            Err(_) => {
                let within = humantime::format_duration(timeout);
                Err(Observation::unknown(
                    Trouble::Unreachable,
                    "timeout",
                    format!("no answer within {within}"),
                ))
            }
        };
        let latency = began.elapsed();
        let status = answer.as_ref().ok().map(|a| a.status);
        let error = answer.as_ref().err().map(|seen| format!("{} {}", seen.code, seen.message));
        tracing::debug!(channel = self.name, status, error, ms = latency.as_millis(), "exchange");
        Exchange { at, latency, request, answer }
    }

    async fn send_now(&self, request: &HttpRequest) -> Result<HttpResponse, Observation> {
        let lost = |e: reqwest::Error| {
            let what = if e.is_connect() { "connect" } else { "transport" };
            // Without the URL: it carries the signed request.
            Observation::unknown(Trouble::Unreachable, what, root_cause(&e.without_url()))
        };
        let method = if request.method == "GET" { http::Method::GET } else { http::Method::POST };
        let mut builder = self.http.request(method, &request.url).body(request.body.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut response = builder.send().await.map_err(lost)?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Observation::unknown(Trouble::Garbage, "too_large", "an answer of over 1 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse { status, headers, body })
    }
}

/// The innermost reason, which is what a person can act on.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

impl Exchange {
    /// The exchange as evidence, sealed under a new id.
    pub(crate) fn evidence(
        &self,
        vault: &Vault,
        order_id: Option<String>,
        channel: &str,
        op: &'static str,
    ) -> Result<Evidence, VaultError> {
        let request = render_request(&self.request);
        let (http_status, response, error) = match &self.answer {
            Ok(answer) => (Some(answer.status), render_response(answer), String::new()),
            Err(seen) => (None, Vec::new(), format!("{} {}", seen.code, seen.message)),
        };
        seal(
            vault,
            Raw {
                order_id,
                channel,
                op,
                at: self.at,
                latency: self.latency,
                http_status,
                request,
                response,
                error,
            },
        )
    }
}

/// Raw evidence before it is sealed.
pub(crate) struct Raw<'a> {
    pub(crate) order_id: Option<String>,
    pub(crate) channel: &'a str,
    pub(crate) op: &'static str,
    pub(crate) at: sluice_core::time::Timestamp,
    pub(crate) latency: Duration,
    pub(crate) http_status: Option<u16>,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) error: String,
}

/// Seals evidence under a new id.
pub(crate) fn seal(vault: &Vault, raw: Raw<'_>) -> Result<Evidence, VaultError> {
    let evidence_id = clock::new_id("evd");
    Ok(Evidence {
        order_id: raw.order_id,
        channel: raw.channel.to_owned(),
        op: raw.op,
        at: raw.at,
        latency_ms: i64::try_from(raw.latency.as_millis()).unwrap_or(i64::MAX),
        http_status: raw.http_status,
        request: vault.seal(&format!("evidence:{evidence_id}:request"), &raw.request)?,
        response: vault.seal(&format!("evidence:{evidence_id}:response"), &raw.response)?,
        error: raw.error,
        evidence_id,
    })
}

fn render_request(request: &HttpRequest) -> Vec<u8> {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push('\n');
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&request.body);
    bytes
}

fn render_response(response: &HttpResponse) -> Vec<u8> {
    let mut text = format!("{}\n", response.status);
    for (name, value) in &response.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push('\n');
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&response.body);
    bytes
}
