//! What an Alipay account is configured with, and the checks before any of it is used.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::Alipay;
use crate::rsa::{KeyError, SigningKey, VerifyingKey};

/// The account of one Alipay app.
#[derive(Clone, Debug)]
pub struct AlipayAccount {
    /// The gateway, such as `https://openapi.alipay.com/gateway.do`: absolute, without query.
    pub gateway_url: String,
    /// The app's id (`app_id`), at most 32 letters and digits.
    pub app_id: String,
    /// The seller's user id (`seller_id`, 2088…), checked in every notification.
    pub seller_id: String,
    /// The app's private key, PKCS#8 PEM (应用私钥).
    pub private_key_pem: SecretString,
    /// Alipay's public key, SPKI PEM (支付宝公钥, not 应用公钥).
    pub provider_public_key_pem: String,
}

/// What is wrong with an [`AlipayAccount`]. No variant repeats key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Not an absolute http(s) URL without query.
    #[error("gateway_url: an absolute https URL without query is wanted")]
    GatewayUrl,
    /// Not 1 to 32 letters and digits.
    #[error("app_id: 1 to 32 letters and digits are wanted")]
    AppId,
    /// Not 1 to 32 letters and digits.
    #[error("seller_id: 1 to 32 letters and digits are wanted")]
    SellerId,
    /// The app's private key can't be used.
    #[error("private key: {0}")]
    PrivateKey(KeyError),
    /// Alipay's public key can't be used.
    #[error("provider public key: {0}")]
    ProviderKey(KeyError),
    /// The app's own public key stands where Alipay's should; nothing would ever verify.
    #[error(
        "provider public key: this is the app's own public key (应用公钥); Alipay's (支付宝公钥) is wanted"
    )]
    OwnPublicKey,
}

impl Alipay {
    /// The protocol for this account.
    ///
    /// # Errors
    /// The first thing that is wrong with the account.
    pub fn new(account: AlipayAccount) -> Result<Self, AccountError> {
        if !is_gateway_url(&account.gateway_url) {
            return Err(AccountError::GatewayUrl);
        }
        if !is_id(&account.app_id) {
            return Err(AccountError::AppId);
        }
        if !is_id(&account.seller_id) {
            return Err(AccountError::SellerId);
        }
        let key = SigningKey::from_pkcs8_pem(account.private_key_pem.expose_secret())
            .map_err(AccountError::PrivateKey)?;
        let provider_key = VerifyingKey::from_spki_pem(&account.provider_public_key_pem)
            .map_err(AccountError::ProviderKey)?;
        if key.verifying_key() == provider_key {
            return Err(AccountError::OwnPublicKey);
        }
        Ok(Self {
            gateway_url: account.gateway_url,
            app_id: account.app_id,
            seller_id: account.seller_id,
            key,
            provider_key,
        })
    }
}

fn is_gateway_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !b"?#\"<>\\".contains(&b))
    })
}

fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

impl fmt::Debug for Alipay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alipay")
            .field("gateway_url", &self.gateway_url)
            .field("app_id", &self.app_id)
            .field("seller_id", &self.seller_id)
            .finish_non_exhaustive()
    }
}
