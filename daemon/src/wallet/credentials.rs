//! Apps' passwords and keys, opened and parsed once. What is cached is the work, never the permission: every use
//! reads the current version from the database first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sluice_channels::rsa::VerifyingKey;
use sluice_core::password::AccessPassword;
use sluice_core::signing::{OrderType, sha256_hex};

use super::WalletError;
use super::vault::Vault;
use crate::store::read::credentials::SealedPassword;

/// Entries before the cache is emptied: far more than apps that are busy at once.
const CAPACITY: usize = 20_000;

/// Opened passwords by app, type and version; parsed keys by their fingerprint.
pub(crate) struct Credentials {
    vault: Arc<Vault>,
    passwords: Mutex<HashMap<(String, OrderType, i64), AccessPassword>>,
    keys: Mutex<HashMap<String, Arc<VerifyingKey>>>,
}

impl Credentials {
    pub(crate) fn new(vault: Arc<Vault>) -> Self {
        Self { vault, passwords: Mutex::default(), keys: Mutex::default() }
    }

    /// Opens a password as it was read.
    pub(crate) fn password(
        &self,
        client_id: &str,
        order_type: OrderType,
        row: &SealedPassword,
    ) -> Result<AccessPassword, WalletError> {
        let key = (client_id.to_owned(), order_type, row.version);
        if let Some(password) = locked(&self.passwords).get(&key) {
            return Ok(password.clone());
        }
        let opened = self.vault.open(&belongs_to(client_id, order_type, row.version), &row.sealed)?;
        let text = String::from_utf8(opened.to_vec())
            .map_err(|_| WalletError::Key("a stored password is no text".to_owned()))?;
        let password = AccessPassword::from_stored(text);
        put(&self.passwords, key, password.clone());
        Ok(password)
    }

    /// Seals a new password.
    pub(crate) fn seal(
        &self,
        client_id: &str,
        order_type: OrderType,
        version: i64,
        password: &AccessPassword,
    ) -> Result<Vec<u8>, WalletError> {
        let belongs_to = belongs_to(client_id, order_type, version);
        Ok(self.vault.seal(&belongs_to, password.expose().as_bytes())?)
    }

    /// What a password is compared by with those used before.
    pub(crate) fn digest(&self, password: &AccessPassword) -> String {
        self.vault.digest(password.expose())
    }

    /// Parses a merchant's public key.
    pub(crate) fn key(&self, spki_der: &[u8]) -> Result<Arc<VerifyingKey>, WalletError> {
        let fingerprint = sha256_hex(spki_der);
        if let Some(key) = locked(&self.keys).get(&fingerprint) {
            return Ok(key.clone());
        }
        let key = VerifyingKey::from_spki_der(spki_der).map_err(|e| WalletError::Key(e.to_string()))?;
        let key = Arc::new(key);
        put(&self.keys, fingerprint, key.clone());
        Ok(key)
    }
}

fn belongs_to(client_id: &str, order_type: OrderType, version: i64) -> String {
    format!("access-password:{client_id}:{order_type}:{version}")
}

fn put<K: std::hash::Hash + Eq, V>(cache: &Mutex<HashMap<K, V>>, key: K, value: V) {
    let mut cache = locked(cache);
    if cache.len() >= CAPACITY {
        cache.clear();
    }
    cache.insert(key, value);
}

/// A panic elsewhere leaves a cache whole: single inserts only.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
