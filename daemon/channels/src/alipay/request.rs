//! Signed requests: `system parameters` in the URL's query, `biz_content` in the body, one signature over both.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sluice_core::order::Payment;

use crate::protocol::HttpRequest;
use crate::rsa::SigningKey;

/// The character set that the request announces. It stands in the URL so that the body is decoded with it.
const CHARSET: &str = "utf-8";

/// A request's parameters, each at most once, in the order of the text to sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request(BTreeMap<String, String>);

impl Request {
    /// The parameters that every method has. `timestamp` is a Beijing time.
    pub(super) fn of_method(app_id: &str, method: &str, timestamp: String) -> Self {
        Self::default()
            .with("app_id", app_id)
            .with("method", method)
            .with("format", "JSON")
            .with("charset", CHARSET)
            .with("sign_type", "RSA2")
            .with("timestamp", timestamp)
            .with("version", "1.0")
    }

    /// With one more parameter. An empty one is left out: clients differ on whether it is signed, so it is never sent.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        if !value.is_empty() && name != "sign" {
            self.0.insert(name, value);
        }
        self
    }

    /// `k=v` joined by `&`, sorted by name, values as they are.
    pub fn string_to_sign(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// Signs the parameters.
    pub fn sign(self, key: &SigningKey) -> SignedRequest {
        let sign = STANDARD.encode(key.sign_sha256(self.string_to_sign().as_bytes()));
        SignedRequest { params: self.0, sign }
    }
}

/// Parameters with their signature, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    params: BTreeMap<String, String>,
    sign: String,
}

impl SignedRequest {
    /// The signature in base64.
    pub fn sign(&self) -> &str {
        &self.sign
    }

    /// As a server's call.
    pub fn to_http(&self, gateway_url: &str) -> HttpRequest {
        HttpRequest {
            method: "POST",
            url: self.url(gateway_url),
            headers: vec![("content-type", format!("application/x-www-form-urlencoded;charset={CHARSET}"))],
            body: encode(self.body_params()).into_bytes(),
        }
    }

    /// As a form that the payer's browser submits; the same bytes as a server's call would have.
    pub fn to_form(&self, gateway_url: &str) -> Payment {
        Payment::Form {
            action: self.url(gateway_url),
            method: "POST".to_owned(),
            charset: CHARSET.to_owned(),
            fields: self.body_params().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    fn url(&self, gateway_url: &str) -> String {
        let system = self.pairs().filter(|(name, _)| *name != "biz_content");
        format!("{gateway_url}?{}", encode(system.chain([("sign", self.sign.as_str())])))
    }

    fn body_params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs().filter(|(name, _)| *name == "biz_content")
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn encode<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_sorted_raw_and_without_what_is_empty() {
        let request = Request::default()
            .with("b", "2 &=%")
            .with("app_auth_token", "")
            .with("a", "充值")
            .with("sign", "x");
        assert_eq!(request.string_to_sign(), "a=充值&b=2 &=%");
    }
}
