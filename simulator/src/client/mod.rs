//! A merchant's client of Sluice: signs every request, believes no unsigned answer.
//!
//! [`Merchant`] has a method for each thing that a merchant does: with orders in `orders`, with balances in
//! `account`. [`Merchant::request`] opens up the request beneath, so that a test can make any part of it wrong.

mod account;
mod exchange;
mod kind;
mod new;
mod order;
mod orders;
mod request;
pub mod sign;
mod transport;
pub mod verify;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::keys::{KeyError, SigningKey, VerifyingKey};
use crate::secret::Secret;
pub(crate) use account::percent_encoded;
pub use account::{Balance, Held, StatementLine};
pub use exchange::Exchange;
pub use kind::OrderKind;
pub use new::{NewRecharge, NewRefund, NewTrade, NewWithdrawal, Party, Payee, TradeMode};
pub use order::{Bearer, Money, Order, Orders, Page, TimelineEntry};
pub use request::{Request, Signed};
pub use sign::{OrderType, Passwords};
use transport::Transport;
pub use verify::{Unverified, WalletKeys};

/// What an app holds to talk to Sluice.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The app.
    pub client_id: String,
    /// Its secret, for tokens.
    pub client_secret: Secret,
    /// The id under which Sluice knows its public key.
    pub key_id: String,
    /// Its private key, PKCS#8 PEM.
    pub private_key: Secret,
    /// Its access passwords.
    pub passwords: Passwords,
    /// Sluice's public keys by id, PEM.
    pub wallet_keys: BTreeMap<String, String>,
}

/// Why a merchant's call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer. Whether anything happened is unknown.
    #[error("no answer: {0}")]
    Transport(String),
    /// An answer that proves nothing. Whether anything happened is unknown.
    #[error("the answer (HTTP {status}, code {code:?}) proves nothing: {why}")]
    Unverified {
        /// What is wrong with it.
        why: Unverified,
        /// Its HTTP status.
        status: u16,
        /// The code it claims.
        code: Option<String>,
    },
    /// Sluice says no, signed.
    #[error("refused: HTTP {status} {code}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The stable code.
        code: String,
        /// For people.
        message: String,
    },
    /// The token was not given.
    #[error("no token: HTTP {status} {code:?}")]
    Login {
        /// The HTTP status.
        status: u16,
        /// The stable code.
        code: Option<String>,
    },
    /// A verified answer that is not what the API says.
    #[error("unexpected answer: {0}")]
    Shape(String),
    /// The request cannot be put on the wire; [`Signed::to_wire`] has no such limits.
    #[error("the method or target cannot be sent by an HTTP client")]
    Target,
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Error {
    /// The code that the answer carried, verified or not.
    pub fn code(&self) -> Option<&str> {
        match self {
            Error::Refused { code, .. } => Some(code),
            Error::Unverified { code, .. } | Error::Login { code, .. } => code.as_deref(),
            _ => None,
        }
    }
}

/// One app's client. Clones share the token, the passwords and the connections.
#[derive(Clone)]
pub struct Merchant(Arc<Inner>);

struct Inner {
    client_id: String,
    client_secret: Secret,
    key_id: String,
    key: SigningKey,
    passwords: RwLock<Passwords>,
    wallet_keys: WalletKeys,
    token: RwLock<Option<Secret>>,
    transport: Transport,
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Merchant({})", self.0.client_id)
    }
}

impl Merchant {
    /// A client of the API at `api`; it has no token yet.
    ///
    /// # Errors
    /// [`Error::Key`] if a key of the credentials is none.
    pub fn new(api: &str, credentials: &Credentials) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone(),
            key_id: credentials.key_id.clone(),
            key: SigningKey::from_pem(&credentials.private_key)?,
            passwords: RwLock::new(credentials.passwords.clone()),
            wallet_keys: WalletKeys::parse(&credentials.wallet_keys)?,
            token: RwLock::new(None),
            transport: Transport::new(api),
        })))
    }

    /// Fetches a token; older ones stay valid.
    ///
    /// # Errors
    /// [`Error::Login`] if it is refused, [`Error::Transport`] if there is no answer.
    pub async fn login(&self) -> Result<(), Error> {
        let body = json!({
            "grant_type": "client_credentials",
            "client_id": self.0.client_id,
            "client_secret": self.0.client_secret,
        });
        let answer =
            self.0.transport.plain(http::Method::POST, "/v1/token", body.to_string().into_bytes()).await?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match (answer.status, value["access_token"].as_str()) {
            (200, Some(token)) => {
                *self.0.token.write().unwrap_or_else(PoisonError::into_inner) = Some(token.into());
                Ok(())
            }
            (status, _) => {
                let code = value.pointer("/error/code").and_then(Value::as_str).map(str::to_owned);
                Err(Error::Login { status, code })
            }
        }
    }

    /// A request to be signed; every part of it can be made wrong.
    pub fn request(&self, method: &str, target: &str) -> Request {
        Request::new(self.clone(), method, target)
    }

    /// Sets a new access password, and uses it from then on.
    ///
    /// # Errors
    /// As [`Exchange::into_verified`]; then one of the two passwords works, and the old one is still used here.
    pub async fn rotate_password(&self, order_type: OrderType, password: &str) -> Result<(), Error> {
        let (wallet_key, key) =
            self.0.wallet_keys.first().ok_or_else(|| Error::Shape("no wallet key is known".into()))?;
        let label = format!("{}:{order_type}", self.0.client_id);
        let body = json!({
            "wallet_key": wallet_key,
            "ciphertext": key.encrypt(password.as_bytes(), label.as_bytes())?,
        });
        let request = self.request("PUT", &format!("/v1/access-passwords/{order_type}"));
        let _: Value = request.json(&body).new_password(password).send().await?.into_verified()?;
        self.set_password(order_type, password);
        Ok(())
    }

    /// Trusts the wallet keys that the daemon lists now.
    ///
    /// # Errors
    /// [`Error::Transport`], [`Error::Shape`], [`Error::Key`].
    pub async fn refresh_wallet_keys(&self) -> Result<(), Error> {
        for (id, pem) in self.list_wallet_keys().await? {
            self.0.wallet_keys.add(id, VerifyingKey::from_pem(&pem)?);
        }
        Ok(())
    }

    /// The wallet keys that the daemon lists now: PEM by id.
    ///
    /// # Errors
    /// [`Error::Transport`], [`Error::Shape`].
    pub async fn list_wallet_keys(&self) -> Result<BTreeMap<String, String>, Error> {
        let answer = self.0.transport.plain(http::Method::GET, "/v1/wallet-keys", vec![]).await?;
        parse_wallet_keys(&answer.body).map_err(Error::Shape)
    }

    /// The app.
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// The id of the app's key.
    pub fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// The password that is used now.
    pub fn password(&self, order_type: OrderType) -> Secret {
        self.0.passwords.read().unwrap_or_else(PoisonError::into_inner).of(order_type).clone()
    }

    /// Uses another password from now on.
    pub fn set_password(&self, order_type: OrderType, password: impl Into<Secret>) {
        self.0.passwords.write().unwrap_or_else(PoisonError::into_inner).set(order_type, password.into());
    }

    /// The wallet keys that are trusted.
    pub fn wallet_keys(&self) -> &WalletKeys {
        &self.0.wallet_keys
    }

    /// The token, if there is one.
    pub fn token(&self) -> Option<Secret> {
        self.0.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn signing_key(&self) -> &SigningKey {
        &self.0.key
    }

    fn transport(&self) -> &Transport {
        &self.0.transport
    }
}

/// Reads the answer of `GET /v1/wallet-keys`: PEM by id.
pub(crate) fn parse_wallet_keys(body: &[u8]) -> Result<BTreeMap<String, String>, String> {
    #[derive(Serialize, Deserialize)]
    struct Key {
        key_id: String,
        public_key: String,
    }
    #[derive(Deserialize)]
    struct Keys {
        items: Vec<Key>,
    }
    let keys: Keys = serde_json::from_slice(body).map_err(|error| format!("wallet keys: {error}"))?;
    Ok(keys.items.into_iter().map(|key| (key.key_id, key.public_key)).collect())
}
