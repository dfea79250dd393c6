//! RSA keys: made and written as PEM with `rsa`, used for signing and verifying with `aws-lc-rs`, which is ten
//! times faster (the gateway and the load generator sign every message).

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::rsa::{KeyPair, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{Document, EncodePrivateKey, EncodePublicKey, LineEnding, SecretDocument};
use rsa::rand_core::{TryCryptoRng, TryRng};
use std::fmt;
use std::sync::Arc;

use crate::secret::Secret;

/// Why a key could not be made, read or used. Never holds key material.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is no PEM of the expected kind.
    #[error("not a PEM {0}")]
    Pem(&'static str),
    /// The PEM holds no usable RSA key.
    #[error("not a usable RSA {0}")]
    Rejected(&'static str),
    /// The cryptographic library refused an operation; it does not say why.
    #[error("{0} failed")]
    Operation(&'static str),
}

/// A key pair as it stands in files.
#[derive(Clone, Debug)]
pub struct PemPair {
    /// PKCS#8, PEM.
    pub private: Secret,
    /// SubjectPublicKeyInfo, PEM.
    pub public: String,
}

/// Makes a fresh 2048-bit pair.
///
/// # Errors
/// [`KeyError::Operation`] if the system gives no randomness.
pub fn generate() -> Result<PemPair, KeyError> {
    let failed = |_| KeyError::Operation("key generation");
    let key = rsa::PrivateKey::new(&mut SystemSource(SystemRandom::new()), 2048).map_err(failed)?;
    let private = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Operation("encoding"))?;
    let public =
        key.to_public_key().to_public_key_pem(LineEnding::LF).map_err(|_| KeyError::Operation("encoding"))?;
    Ok(PemPair { private: Secret::from(private.as_str()), public })
}

/// Makes `count` pairs side by side.
///
/// # Errors
/// As [`generate`].
pub fn generate_many(count: usize) -> Result<Vec<PemPair>, KeyError> {
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(generate)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or(Err(KeyError::Operation("key generation"))))
            .collect()
    })
}

/// A private key that signs RSASSA-PKCS1-v1_5 with SHA-256.
#[derive(Clone)]
pub struct SigningKey(Arc<KeyPair>);

impl SigningKey {
    /// Reads a PKCS#8 PEM.
    ///
    /// # Errors
    /// [`KeyError`] if the text is no PEM or holds no RSA key of 2048 to 8192 bits.
    pub fn from_pem(pem: &Secret) -> Result<Self, KeyError> {
        let (_, der) = SecretDocument::from_pem(pem.expose()).map_err(|_| KeyError::Pem("private key"))?;
        KeyPair::from_pkcs8(der.as_bytes())
            .map(|pair| Self(Arc::new(pair)))
            .map_err(|_| KeyError::Rejected("private key"))
    }

    /// The signature of `message`, base64.
    ///
    /// # Errors
    /// [`KeyError::Operation`] if the library refuses.
    pub fn sign(&self, message: &[u8]) -> Result<String, KeyError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Operation("signing"))?;
        Ok(STANDARD.encode(signature))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// A public key that verifies what [`SigningKey`] signs and encrypts to its owner.
#[derive(Clone)]
pub struct VerifyingKey {
    parsed: Arc<ParsedPublicKey>,
    spki: Arc<[u8]>,
}

impl VerifyingKey {
    /// Reads a SubjectPublicKeyInfo PEM.
    ///
    /// # Errors
    /// [`KeyError`] if the text is no PEM or holds no RSA key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (_, der) = Document::from_pem(pem).map_err(|_| KeyError::Pem("public key"))?;
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_bytes())
            .map_err(|_| KeyError::Rejected("public key"))?;
        Ok(Self { parsed: Arc::new(parsed), spki: der.as_bytes().into() })
    }

    /// Whether `signature` (base64) is this key's over `message`.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|raw| self.parsed.verify_sig(message, &raw).is_ok())
    }

    /// `plaintext` encrypted with RSA-OAEP (SHA-256 and MGF1-SHA-256) under `label`, base64.
    ///
    /// # Errors
    /// [`KeyError::Operation`] if the text is too long for the key.
    pub fn encrypt(&self, plaintext: &[u8], label: &[u8]) -> Result<String, KeyError> {
        let failed = |_| KeyError::Operation("encryption");
        let key = PublicEncryptingKey::from_der(&self.spki).map_err(|_| KeyError::Rejected("public key"))?;
        let key = OaepPublicEncryptingKey::new(key).map_err(failed)?;
        let mut out = vec![0; key.ciphertext_size()];
        let sealed =
            key.encrypt(&OAEP_SHA256_MGF1SHA256, plaintext, &mut out, Some(label)).map_err(failed)?;
        Ok(STANDARD.encode(sealed))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey")
    }
}

/// `bytes` random bytes in lower-case hex.
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    #[expect(
        clippy::expect_used,
        reason = "aws-lc's generator fails only where the process cannot go on at all"
    )]
    SystemRandom::new().fill(&mut buffer).expect("the system's random source");
    hex::encode(buffer)
}

/// Lets `rsa` draw from the same random source as everything else here.
struct SystemSource(SystemRandom);

impl TryRng for SystemSource {
    type Error = NoRandomness;

    fn try_next_u32(&mut self) -> Result<u32, NoRandomness> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandomness> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(dst).map_err(|_| NoRandomness)
    }
}

impl TryCryptoRng for SystemSource {}

/// The system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("no randomness")]
struct NoRandomness;

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::oaep::DecryptingKey;
    use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
    use rsa::sha2::Sha256;
    use rsa::traits::Decryptor;

    #[test]
    fn agrees_with_another_implementation() {
        let pair = generate().unwrap();
        let ours = SigningKey::from_pem(&pair.private).unwrap().sign(b"text").unwrap();
        let theirs = rsa::PublicKey::from_public_key_pem(&pair.public).unwrap();
        theirs.pkcs1v15_verify::<Sha256>(b"text", &STANDARD.decode(&ours).unwrap()).unwrap();

        let key = VerifyingKey::from_pem(&pair.public).unwrap();
        assert!(key.verifies(b"text", &ours));
        assert!(!key.verifies(b"other text", &ours));
        assert!(!key.verifies(b"text", "bm90IGEgc2lnbmF0dXJl"));

        let sealed = STANDARD.decode(key.encrypt(b"password", b"app:recharge").unwrap()).unwrap();
        let private = rsa::PrivateKey::from_pkcs8_pem(pair.private.expose()).unwrap();
        let open = DecryptingKey::<Sha256>::new_with_label(private.clone(), b"app:recharge".to_vec());
        assert_eq!(open.decrypt(&sealed).unwrap(), b"password");
        let wrong_label = DecryptingKey::<Sha256>::new_with_label(private, b"app:trade".to_vec());
        assert!(wrong_label.decrypt(&sealed).is_err());
    }

    #[test]
    fn refuses_what_is_no_key() {
        assert!(matches!(SigningKey::from_pem(&"hello".into()), Err(KeyError::Pem(_))));
        assert!(matches!(VerifyingKey::from_pem("hello"), Err(KeyError::Pem(_))));
    }
}
