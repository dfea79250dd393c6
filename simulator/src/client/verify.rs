//! Verifying what Sluice signed: answers and callbacks.

use http::HeaderMap;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::sign::{OrderType, Passwords, sha256_hex, signed_bytes};
use crate::keys::{KeyError, VerifyingKey};
use crate::secret::Secret;

/// Why an answer or a callback proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// It carries no signature (or not all that belongs to one).
    #[error("no {0}")]
    Missing(&'static str),
    /// It is signed with a key that we do not know.
    #[error("unknown wallet key {0}")]
    UnknownKey(String),
    /// It says to be of another order type.
    #[error("order type {0} was not expected")]
    WrongType(String),
    /// The signature is not over this message with this password.
    #[error("the signature does not verify")]
    Signature,
}

/// The wallet keys that a merchant trusts, by id.
#[derive(Debug, Default)]
pub struct WalletKeys(RwLock<HashMap<String, VerifyingKey>>);

impl WalletKeys {
    /// Parses PEM keys by id.
    ///
    /// # Errors
    /// [`KeyError`] if one is no public key.
    pub fn parse<'a>(keys: impl IntoIterator<Item = (&'a String, &'a String)>) -> Result<Self, KeyError> {
        let parse = |(id, pem): (&String, &String)| Ok((id.clone(), VerifyingKey::from_pem(pem)?));
        Ok(Self(RwLock::new(keys.into_iter().map(parse).collect::<Result<_, KeyError>>()?)))
    }

    /// The key with this id.
    pub fn get(&self, id: &str) -> Option<VerifyingKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Trusts one more key.
    pub fn add(&self, id: String, key: VerifyingKey) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, key);
    }

    /// Any one key with its id, the first by id.
    pub fn first(&self) -> Option<(String, VerifyingKey)> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().min_by_key(|(id, _)| id.as_str()).map(|(id, key)| (id.clone(), key.clone()))
    }
}

/// What an answer is an answer to.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asked.
    pub client_id: String,
    /// Of which order type.
    pub order_type: String,
    /// The request's nonce.
    pub nonce: String,
    /// Hex SHA-256 of the request's signed bytes.
    pub digest: String,
    /// The password that the request was bound to; so is its answer.
    pub password: Secret,
    /// A rotation's success is bound to the new password instead (its refusal is not).
    pub new_password: Option<Secret>,
}

/// Verifies an answer.
///
/// # Errors
/// [`Unverified`] says what is wrong.
pub fn verify_answer(
    asked: &Asked,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    keys: &WalletKeys,
) -> Result<(), Unverified> {
    let order_type = required(headers, "sluice-type")?;
    if order_type != asked.order_type {
        return Err(Unverified::WrongType(order_type.to_owned()));
    }
    let key_id = required(headers, "sluice-key")?;
    let timestamp = required(headers, "sluice-timestamp")?;
    let lines = [
        "sluice-v1",
        "response",
        &asked.client_id,
        key_id,
        order_type,
        &format!("{status:03}"),
        &asked.nonce,
        timestamp,
        &asked.digest,
        &sha256_hex(body),
    ];
    let password =
        asked.new_password.as_ref().filter(|_| (200..300).contains(&status)).unwrap_or(&asked.password);
    check(headers, &signed_bytes(&lines, password), key_id, keys)
}

/// Verifies a callback to `client_id`; its `Sluice-Type` picks the password.
///
/// # Errors
/// [`Unverified`] says what is wrong.
pub fn verify_callback(
    client_id: &str,
    headers: &HeaderMap,
    body: &[u8],
    keys: &WalletKeys,
    passwords: &Passwords,
) -> Result<(), Unverified> {
    let order_type = required(headers, "sluice-type")?;
    let known = OrderType::of_word(order_type).ok_or_else(|| Unverified::WrongType(order_type.to_owned()))?;
    let key_id = required(headers, "sluice-key")?;
    let lines = [
        "sluice-v1",
        "callback",
        client_id,
        key_id,
        order_type,
        required(headers, "sluice-callback")?,
        "POST",
        required(headers, "sluice-timestamp")?,
        required(headers, "sluice-nonce")?,
        &sha256_hex(body),
    ];
    check(headers, &signed_bytes(&lines, passwords.of(known)), key_id, keys)
}

fn check(headers: &HeaderMap, signed: &[u8], key_id: &str, keys: &WalletKeys) -> Result<(), Unverified> {
    let signature = required(headers, "sluice-signature")?;
    let signature = signature.strip_prefix("v1=").ok_or(Unverified::Missing("version-1 signature"))?;
    let key = keys.get(key_id).ok_or_else(|| Unverified::UnknownKey(key_id.to_owned()))?;
    if key.verifies(signed, signature) { Ok(()) } else { Err(Unverified::Signature) }
}

fn required<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Unverified> {
    headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Unverified::Missing(name))
}
