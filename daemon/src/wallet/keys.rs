//! The wallet's RSA keys: they sign responses and callbacks, and open passwords that merchants send.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::Sha256;
use sluice_channels::rsa::SigningKey;
use sluice_core::signing::wallet_key_text;
use sluice_core::time::Timestamp;
use zeroize::Zeroizing;

use super::WalletError;
use super::vault::Vault;
use crate::clock;
use crate::store::Store;
use crate::store::read::wallet_keys::WalletKeyRow;
use crate::store::unit::{NewWalletKey, Record, Unit};

const BITS: usize = 2048;

/// One key pair, parsed once.
pub(crate) struct WalletKey {
    pub(crate) key_id: String,
    signing: SigningKey,
    /// For opening what merchants encrypt to it.
    opening: PrivateKey,
}

impl WalletKey {
    /// The signature over `bytes`, base64.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        STANDARD.encode(self.signing.sign_sha256(bytes))
    }

    /// Opens RSA-OAEP-SHA256 (MGF1-SHA256) with a label. `None`: not made for this key and label.
    pub(crate) fn open(&self, ciphertext: &[u8], label: &str) -> Option<Zeroizing<Vec<u8>>> {
        if ciphertext.len() != self.opening.size() {
            return None;
        }
        let padding = rsa::oaep::Oaep::<Sha256>::new_with_label(label.as_bytes());
        self.opening.decrypt_blinded(&mut Random, padding, ciphertext).ok().map(Zeroizing::new)
    }
}

/// All wallet keys, and which one signs.
pub(crate) struct WalletKeys {
    keys: Vec<Arc<WalletKey>>,
    rows: Vec<WalletKeyRow>,
}

impl WalletKeys {
    /// Loads the keys; makes the first one where there is none.
    pub(crate) async fn load(store: &Store, vault: &Vault) -> Result<Self, WalletError> {
        let mut rows = store.wallet_keys().await?;
        if rows.is_empty() {
            let key = generate(vault, None)?;
            tracing::info!(key_id = key.key_id, "made the first wallet key");
            let unit = Unit { records: vec![Record::WalletKey(key)], ..Unit::default() };
            store.commit(unit).await?;
            rows = store.wallet_keys().await?;
        }
        let keys = rows.iter().map(|row| parse(row, vault)).collect::<Result<_, _>>()?;
        Ok(Self { keys, rows })
    }

    /// The key that signs at `now`: the newest whose time has come.
    pub(crate) fn current(&self, now: Timestamp) -> Option<&Arc<WalletKey>> {
        let active = |row: &WalletKeyRow| row.not_before <= now && row.not_after.is_none_or(|t| t > now);
        let at = self.rows.iter().rposition(active)?;
        self.keys.get(at)
    }

    /// A key by its id.
    pub(crate) fn get(&self, key_id: &str) -> Option<&Arc<WalletKey>> {
        self.keys.iter().find(|k| k.key_id == key_id)
    }

    /// The answer to `GET /v1/wallet-keys`.
    pub(crate) fn published(&self, now: Timestamp) -> Value {
        let items: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.not_after.is_none_or(|t| t > now))
            .map(|row| {
                json!({
                    "key_id": row.key_id,
                    "public_key": row.spki_pem,
                    "not_before": row.not_before,
                    "not_after": row.not_after,
                    "former_key_id": row.former_key_id,
                    "former_signature": row.former_signature,
                })
            })
            .collect();
        json!({"items": items, "next_cursor": null})
    }
}

/// Makes a key. With a former one, that one announces it.
fn generate(vault: &Vault, former: Option<(&WalletKey, Timestamp)>) -> Result<NewWalletKey, WalletError> {
    let failed = |e: &dyn std::fmt::Display| WalletError::Key(e.to_string());
    let at = clock::now();
    let private = PrivateKey::new(&mut Random, BITS).map_err(|e| failed(&e))?;
    let der = private.to_pkcs8_der().map_err(|e| failed(&e))?;
    let signing = signing_key(&private)?;
    let public = signing.verifying_key();
    let key_id = format!("wk_{}", &public.fingerprint()[..16]);
    let not_before = former.as_ref().map_or(at, |(_, from)| *from);
    let former = former.map(|(key, from)| {
        let text = wallet_key_text(&key_id, &from.to_string(), public.spki_der());
        (key.key_id.clone(), key.sign(text.as_bytes()))
    });
    let spki_pem = pem("PUBLIC KEY", public.spki_der());
    let sealed = vault.seal(&belongs_to(&key_id), der.as_bytes())?;
    Ok(NewWalletKey { key_id, sealed, spki_pem, not_before, former, at })
}

fn parse(row: &WalletKeyRow, vault: &Vault) -> Result<Arc<WalletKey>, WalletError> {
    let der = vault.open(&belongs_to(&row.key_id), &row.sealed)?;
    let opening = PrivateKey::from_pkcs8_der(&der).map_err(|e| WalletError::Key(e.to_string()))?;
    Ok(Arc::new(WalletKey { key_id: row.key_id.clone(), signing: signing_key(&opening)?, opening }))
}

fn signing_key(private: &PrivateKey) -> Result<SigningKey, WalletError> {
    let pem = private.to_pkcs8_pem(LineEnding::LF).map_err(|e| WalletError::Key(e.to_string()))?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|e| WalletError::Key(e.to_string()))
}

fn belongs_to(key_id: &str) -> String {
    format!("wallet-key:{key_id}")
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

/// The operating system's randomness in the form that `rsa` wants.
struct Random;

impl rsa::rand_core::TryRng for Random {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes(clock::random_bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_le_bytes(clock::random_bytes()))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        for part in to.chunks_mut(32) {
            let bytes = clock::random_bytes::<32>();
            part.copy_from_slice(&bytes[..part.len()]);
        }
        Ok(())
    }
}

impl rsa::rand_core::TryCryptoRng for Random {}
