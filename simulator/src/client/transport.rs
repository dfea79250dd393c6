//! Sending. Ordinary requests go over a pool; targets that a well-behaved client would tidy up (`..`, odd
//! escapes) go over a connection of their own, untouched.

use axum::body::Bytes;
use http::{HeaderMap, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

use super::Error;
use super::request::Signed;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An answer as it came.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The way to one address.
#[derive(Debug)]
pub(super) struct Transport {
    base: String,
    http: reqwest::Client,
}

impl Transport {
    pub(super) fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), http: crate::plain_http(TIMEOUT) }
    }

    pub(super) async fn send(&self, signed: &Signed) -> Result<RawAnswer, Error> {
        let url = Url::parse(&format!("{}{}", self.base, signed.target)).map_err(|_| Error::Target)?;
        let tidy = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        if tidy == signed.target {
            self.pooled(signed, url).await
        } else {
            self.untouched(signed, &url).await
        }
    }

    /// Posts or gets without a signature.
    pub(super) async fn plain(
        &self,
        method: http::Method,
        target: &str,
        body: Vec<u8>,
    ) -> Result<RawAnswer, Error> {
        let request = self.http.request(method, format!("{}{target}", self.base)).body(body);
        collect(request.header("content-type", "application/json").send().await).await
    }

    async fn pooled(&self, signed: &Signed, url: Url) -> Result<RawAnswer, Error> {
        let method = http::Method::from_bytes(signed.method.as_bytes()).map_err(|_| Error::Target)?;
        let mut request = self.http.request(method, url).body(signed.body.clone());
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        collect(request.send().await).await
    }

    async fn untouched(&self, signed: &Signed, url: &Url) -> Result<RawAnswer, Error> {
        let host = url.host_str().ok_or(Error::Target)?;
        let port = url.port_or_known_default().ok_or(Error::Target)?;
        let uri: Uri = signed.target.parse().map_err(|_| Error::Target)?;
        let mut request =
            http::Request::builder().method(signed.method.as_str()).uri(uri).header("host", host);
        for (name, value) in &signed.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(signed.body.clone()))).map_err(|_| Error::Target)?;

        let exchange = async {
            let stream = TcpStream::connect((host, port)).await.map_err(transport)?;
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(transport)?;
            tokio::spawn(connection);
            let answer = sender.send_request(request).await.map_err(transport)?;
            let (head, body) = answer.into_parts();
            let body = body.collect().await.map_err(transport)?.to_bytes();
            Ok(RawAnswer { status: head.status.as_u16(), headers: head.headers, body })
        };
        tokio::time::timeout(TIMEOUT, exchange).await.map_err(transport)?
    }
}

async fn collect(answer: reqwest::Result<reqwest::Response>) -> Result<RawAnswer, Error> {
    let answer = answer.map_err(|error| transport(error.without_url()))?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await.map_err(|error| transport(error.without_url()))?;
    Ok(RawAnswer { status, headers, body })
}

fn transport(error: impl std::error::Error) -> Error {
    // The chain holds what matters ("connection refused"), the outermost error says only that it failed.
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    Error::Transport(text)
}
