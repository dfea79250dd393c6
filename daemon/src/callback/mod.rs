//! The way out to merchants: which addresses callbacks may go to, how one is posted, and what an answer means.

mod address;

use std::sync::Arc;
use std::time::Duration;

use sluice_core::schedule::CallbackSchedule;

use self::address::{NoAddress, PublicOnly, literal_is_refused};
use crate::config::CallbackConfig;

/// What is kept of an answer's body, and the most that is read of it.
const BODY_KEPT: usize = 1024;

/// Sends callbacks.
pub(crate) struct CallbackClient {
    http: reqwest::Client,
    pub(crate) schedule: CallbackSchedule,
    timeout: Duration,
    allow_private: bool,
    allow_http: bool,
}

/// A signed callback, ready to go.
pub(crate) struct Outgoing {
    pub(crate) url: String,
    /// The signing headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// What an endpoint made of it.
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    /// At most the first 1 KiB.
    pub(crate) body: Vec<u8>,
    /// Empty: acknowledged. Else the class of the failure: url, refused_address, dns, connect, tls, timeout,
    /// transport, status or body.
    pub(crate) error: &'static str,
    pub(crate) detail: String,
}

impl Answer {
    fn failed(error: &'static str, detail: impl Into<String>) -> Self {
        Self { status: None, body: Vec::new(), error, detail: detail.into() }
    }

    /// Whether the merchant has taken it.
    pub(crate) fn is_acknowledgement(&self) -> bool {
        self.error.is_empty()
    }
}

impl CallbackClient {
    pub(crate) fn new(config: &CallbackConfig) -> Result<Self, String> {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(config.timeout)
            .pool_max_idle_per_host(config.per_endpoint)
            .user_agent(concat!("sluice/", env!("CARGO_PKG_VERSION")));
        if !config.allow_private_addresses {
            http = http.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self {
            http: http.build().map_err(|e| e.to_string())?,
            schedule: CallbackSchedule(config.schedule.clone()),
            timeout: config.timeout,
            allow_private: config.allow_private_addresses,
            allow_http: config.allow_http,
        })
    }

    /// Posts a callback, if its address is allowed, and says what came of it.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Answer {
        match tokio::time::timeout(self.timeout, self.post(outgoing)).await {
            Ok(answer) => answer,
            Err(_) => {
                let within = humantime::format_duration(self.timeout);
                Answer::failed("timeout", format!("no answer within {within}"))
            }
        }
    }

    async fn post(&self, outgoing: Outgoing) -> Answer {
        let url = match url::Url::parse(&outgoing.url) {
            Ok(url) => url,
            Err(error) => return Answer::failed("url", error.to_string()),
        };
        if url.scheme() != "https" && !self.allow_http {
            return Answer::failed("refused_address", "http is not allowed");
        }
        if !self.allow_private && literal_is_refused(&url) {
            return Answer::failed("refused_address", NoAddress::Refused.to_string());
        }
        let mut request = self.http.post(url).header("content-type", "application/json");
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        match request.body(outgoing.body).send().await {
            Ok(response) => read(response).await,
            Err(error) => classified(&error.without_url()),
        }
    }
}

async fn read(mut response: reqwest::Response) -> Answer {
    let status = response.status();
    let mut body = Vec::new();
    while body.len() < BODY_KEPT {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(BODY_KEPT - body.len())]),
            Ok(None) => break,
            Err(error) => {
                return Answer { status: Some(status.as_u16()), body, ..classified(&error.without_url()) };
            }
        }
    }
    let (error, detail) = if !status.is_success() {
        ("status", format!("HTTP {}", status.as_u16()))
    } else if body.trim_ascii() != b"success" {
        ("body", "the body is not `success`".to_owned())
    } else {
        ("", String::new())
    };
    Answer { status: Some(status.as_u16()), body, error, detail }
}

/// Names a failure by what the endpoint's owner has to look at.
fn classified(error: &reqwest::Error) -> Answer {
    let mut innermost: &dyn std::error::Error = error;
    let mut class = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else {
        "transport"
    };
    while let Some(source) = innermost.source() {
        innermost = source;
        match innermost.downcast_ref::<NoAddress>() {
            Some(NoAddress::Refused) => class = "refused_address",
            Some(NoAddress::Unresolved) => class = "dns",
            None => {}
        }
        if innermost.is::<tokio_rustls::rustls::Error>() {
            class = "tls";
        }
    }
    Answer::failed(class, innermost.to_string())
}
