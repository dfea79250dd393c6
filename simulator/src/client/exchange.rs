//! An answer, and what may be believed of it.

use axum::body::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::transport::RawAnswer;
use super::verify::{Asked, Unverified, verify_answer};
use super::{Error, Merchant};

/// A request's answer. Unverified, it proves nothing.
#[derive(Clone, Debug)]
pub struct Exchange {
    merchant: Merchant,
    asked: Asked,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Exchange {
    pub(super) fn new(merchant: Merchant, asked: Asked, answer: RawAnswer) -> Self {
        Self { merchant, asked, status: answer.status, headers: answer.headers, body: answer.body }
    }

    /// Whether it carries a signature at all.
    pub fn is_signed(&self) -> bool {
        self.headers.contains_key("sluice-signature")
    }

    /// Checks that Sluice signed this answer to this very request.
    ///
    /// # Errors
    /// [`Unverified`] says what is wrong.
    pub fn verify(&self) -> Result<(), Unverified> {
        verify_answer(&self.asked, self.status, &self.headers, &self.body, self.merchant.wallet_keys())
    }

    /// The body as JSON, whatever it proves.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// `error.code` of the body, whatever it proves.
    pub fn error_code(&self) -> Option<String> {
        Some(self.json()?.pointer("/error/code")?.as_str()?.to_owned())
    }

    /// The verified body of a success.
    ///
    /// # Errors
    /// [`Error::Unverified`] if it proves nothing, [`Error::Refused`] if it is a verified refusal,
    /// [`Error::Shape`] if it is not what the API says.
    pub fn into_verified<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.check_success()?;
        serde_json::from_slice(&self.body).map_err(|error| Error::Shape(error.to_string()))
    }

    /// The verified body of a success, as text.
    ///
    /// # Errors
    /// As [`Exchange::into_verified`].
    pub fn into_verified_text(self) -> Result<String, Error> {
        self.check_success()?;
        String::from_utf8(self.body.into()).map_err(|error| Error::Shape(error.to_string()))
    }

    fn check_success(&self) -> Result<(), Error> {
        if let Err(why) = self.verify() {
            return Err(Error::Unverified { why, status: self.status, code: self.error_code() });
        }
        if (200..300).contains(&self.status) {
            return Ok(());
        }
        let message = |value: Value| Some(value.pointer("/error/message")?.as_str()?.to_owned());
        Err(Error::Refused {
            status: self.status,
            code: self.error_code().unwrap_or_default(),
            message: self.json().and_then(message).unwrap_or_default(),
        })
    }
}
