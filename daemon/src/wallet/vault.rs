//! Secrets at rest: AES-256-GCM under keys derived from the master key, bound to what they belong to.

use std::fmt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// Seals and opens. Never shown by `Debug`.
pub(crate) struct Vault {
    aead: RandomizedNonceKey,
    hash: hmac::Key,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// Why a secret can't be sealed or opened. Says nothing of the secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    #[error("{path}: {error}")]
    Read { path: String, error: std::io::Error },
    #[error("{0}: not 64 hex digits; make one with: openssl rand -hex 32")]
    Form(String),
    #[error("sealed under another master key, or damaged: {0}")]
    Open(String),
    #[error("the cryptographic library refused")]
    Library,
}

const NONCE: usize = 12;

impl Vault {
    /// Reads the master key's file.
    pub(crate) fn from_file(path: &Path) -> Result<Self, VaultError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|error| VaultError::Read { path: shown.clone(), error })?;
        let mut master = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim(), &mut *master).map_err(|_| VaultError::Form(shown))?;
        Self::new(&master)
    }

    fn new(master: &[u8; 32]) -> Result<Self, VaultError> {
        let derive = |purpose: &'static [u8]| -> Result<Zeroizing<[u8; 32]>, VaultError> {
            let mut key = Zeroizing::new([0_u8; 32]);
            Salt::new(HKDF_SHA256, b"sluice-v1")
                .extract(master)
                .expand(&[purpose], &AES_256_GCM)
                .and_then(|okm| okm.fill(&mut *key))
                .map_err(|_| VaultError::Library)?;
            Ok(key)
        };
        let aead =
            RandomizedNonceKey::new(&AES_256_GCM, &*derive(b"seal")?).map_err(|_| VaultError::Library)?;
        let hash = hmac::Key::new(hmac::HMAC_SHA256, &*derive(b"digest")?);
        Ok(Self { aead, hash })
    }

    /// Seals `secret`, bound to `belongs_to`: nonce, ciphertext and tag.
    pub(crate) fn seal(&self, belongs_to: &str, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut sealed = Vec::with_capacity(NONCE + secret.len() + 16);
        let mut text = secret.to_vec();
        let nonce = self
            .aead
            .seal_in_place_append_tag(Aad::from(belongs_to.as_bytes()), &mut text)
            .map_err(|_| VaultError::Library)?;
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made for the same `belongs_to`.
    pub(crate) fn open(&self, belongs_to: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let failed = || VaultError::Open(belongs_to.to_owned());
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or_else(failed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .aead
            .open_in_place(nonce, Aad::from(belongs_to.as_bytes()), &mut text)
            .map_err(|_| failed())?
            .len();
        text.truncate(length);
        Ok(text)
    }

    /// A keyed hash, by which two secrets can be compared without being opened.
    pub(crate) fn digest(&self, secret: &str) -> String {
        hex::encode(hmac::sign(&self.hash, secret.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_belongs_there_and_is_whole() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let sealed = vault.seal("a", b"secret").unwrap();
        assert_eq!(vault.open("a", &sealed).unwrap().as_slice(), b"secret");
        assert!(vault.open("b", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(vault.open("a", &damaged).is_err(), "byte {at}");
        }
        assert!(Vault::new(&[8; 32]).unwrap().open("a", &sealed).is_err());
        assert_ne!(vault.seal("a", b"secret").unwrap(), sealed, "a fresh nonce each time");
        assert!(vault.open("a", b"short").is_err());
    }
}
