//! One request of a merchant, signed, with every part open to be made wrong: hostile tests are written with it.

use serde::Serialize;

use super::sign::{OrderType, sha256_hex, signed_bytes};
use super::verify::Asked;
use super::{Error, Exchange, Merchant};
use crate::clock;
use crate::keys::{self, SigningKey};
use crate::secret::Secret;

/// A request that is being put together. What is not overridden is right.
///
/// ```no_run
/// # async fn example(merchant: sluice_sim::client::Merchant) -> Result<(), sluice_sim::client::Error> {
/// let old = merchant.request("GET", "/v1/recharges").timestamp(0).send().await?;
/// assert_eq!(old.error_code().as_deref(), Some("timestamp_out_of_window"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is signed or sent"]
pub struct Request {
    merchant: Merchant,
    method: String,
    target: String,
    body: Vec<u8>,
    order_type: Option<String>,
    password: Option<Secret>,
    new_password: Option<Secret>,
    client_id: Option<String>,
    key_id: Option<String>,
    key: Option<SigningKey>,
    timestamp: Option<String>,
    nonce: Option<String>,
    token: Option<Option<Secret>>,
    signed_method: Option<String>,
    signed_target: Option<String>,
    signed_body: Option<Vec<u8>>,
    headers: Vec<(String, Option<String>)>,
}

impl Request {
    pub(super) fn new(merchant: Merchant, method: &str, target: &str) -> Self {
        Self {
            merchant,
            method: method.to_owned(),
            target: target.to_owned(),
            body: vec![],
            order_type: None,
            password: None,
            new_password: None,
            client_id: None,
            key_id: None,
            key: None,
            timestamp: None,
            nonce: None,
            token: None,
            signed_method: None,
            signed_target: None,
            signed_body: None,
            headers: vec![],
        }
    }

    /// The body, as JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        // Only a map with keys that are no texts cannot become JSON; then the empty body fails loudly at the server.
        self.body(serde_json::to_vec(body).unwrap_or_default())
    }

    /// The body, as it is.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Signs for this order type instead of the target's.
    pub fn order_type(mut self, order_type: impl ToString) -> Self {
        self.order_type = Some(order_type.to_string());
        self
    }

    /// Binds to this password, and expects the answer to be bound to it.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Expects a success to be bound to this password: a rotation is answered with the new one.
    pub fn new_password(mut self, password: impl Into<Secret>) -> Self {
        self.new_password = Some(password.into());
        self
    }

    /// Signs in the name of this app.
    pub fn client_id(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// Says to be signed with this key.
    pub fn key_id(mut self, key_id: &str) -> Self {
        self.key_id = Some(key_id.to_owned());
        self
    }

    /// Signs with this key.
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The timestamp: Unix seconds, or any other text.
    pub fn timestamp(mut self, timestamp: impl ToString) -> Self {
        self.timestamp = Some(timestamp.to_string());
        self
    }

    /// The nonce.
    pub fn nonce(mut self, nonce: &str) -> Self {
        self.nonce = Some(nonce.to_owned());
        self
    }

    /// Another token, or none.
    pub fn token(mut self, token: Option<&str>) -> Self {
        self.token = Some(token.map(Secret::from));
        self
    }

    /// Signs another method than is sent.
    pub fn sign_method(mut self, method: &str) -> Self {
        self.signed_method = Some(method.to_owned());
        self
    }

    /// Signs another target than is sent.
    pub fn sign_target(mut self, target: &str) -> Self {
        self.signed_target = Some(target.to_owned());
        self
    }

    /// Signs another body than is sent.
    pub fn sign_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.signed_body = Some(body.into());
        self
    }

    /// Sends this header, in place of the right one if it has the name of one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// Leaves out a header.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.push((name.to_owned(), None));
        self
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`Error::Key`] if the key cannot sign.
    pub fn sign(self) -> Result<Signed, Error> {
        let merchant = &self.merchant;
        let target = self.signed_target.as_deref().unwrap_or(&self.target);
        let order_type = self
            .order_type
            .clone()
            .unwrap_or_else(|| OrderType::of_target(target).unwrap_or(OrderType::Recharge).word().to_owned());
        let password = self.password.clone().unwrap_or_else(|| {
            merchant.password(OrderType::of_word(&order_type).unwrap_or(OrderType::Recharge))
        });
        let client_id = self.client_id.clone().unwrap_or_else(|| merchant.client_id().to_owned());
        let key_id = self.key_id.clone().unwrap_or_else(|| merchant.key_id().to_owned());
        let timestamp = self.timestamp.clone().unwrap_or_else(|| clock::now_s().to_string());
        let nonce = self.nonce.clone().unwrap_or_else(|| keys::random_hex(16));
        let lines = [
            "sluice-v1",
            "request",
            &client_id,
            &key_id,
            &order_type,
            self.signed_method.as_deref().unwrap_or(&self.method),
            target,
            &timestamp,
            &nonce,
            &sha256_hex(self.signed_body.as_deref().unwrap_or(&self.body)),
        ];
        let signed = signed_bytes(&lines, &password);
        let signature = self.key.as_ref().unwrap_or(merchant.signing_key()).sign(&signed)?;

        let mut headers = vec![
            ("Sluice-Key".to_owned(), key_id.clone()),
            ("Sluice-Timestamp".to_owned(), timestamp.clone()),
            ("Sluice-Nonce".to_owned(), nonce.clone()),
            ("Sluice-Signature".to_owned(), format!("v1={signature}")),
        ];
        if let Some(token) = self.token.clone().unwrap_or_else(|| merchant.token()) {
            headers.push(("Authorization".to_owned(), format!("Bearer {}", token.expose())));
        }
        if !self.body.is_empty() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        for (name, value) in self.headers {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            headers.extend(value.map(|value| (name, value)));
        }
        let asked = Asked {
            client_id,
            order_type,
            nonce,
            digest: sha256_hex(&signed),
            password,
            new_password: self.new_password,
        };
        Ok(Signed {
            merchant: self.merchant,
            method: self.method,
            target: self.target,
            headers,
            body: self.body,
            asked,
        })
    }

    /// Signs and sends it.
    ///
    /// # Errors
    /// [`Error::Transport`] if there is no answer. An answer that refuses is no error here.
    pub async fn send(self) -> Result<Exchange, Error> {
        self.sign()?.send().await
    }
}

/// A signed request. It can be sent more than once, as a thief of it would.
#[derive(Clone, Debug)]
pub struct Signed {
    pub(super) merchant: Merchant,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers, without `Host` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    pub(super) asked: Asked,
}

impl Signed {
    /// Sends it.
    ///
    /// # Errors
    /// [`Error::Transport`] if there is no answer.
    pub async fn send(&self) -> Result<Exchange, Error> {
        let answer = self.merchant.transport().send(self).await?;
        Ok(Exchange::new(self.merchant.clone(), self.asked.clone(), answer))
    }

    /// The request as bytes of HTTP/1.1, for tests that send them slowly, cut them or bend them.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: sluice\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        let mut wire = head.into_bytes();
        wire.extend_from_slice(&self.body);
        wire
    }
}
