//! RSA keys for RSASSA-PKCS1-v1_5 with SHA-256: parsed once, then used for every message.
//!
//! Alipay's messages, the merchant API and the wallet keys all use this one scheme, so these wrappers are the only
//! place that knows `aws-lc-rs` (constant-time, and ten times faster than pure Rust).

use std::fmt;

use ::rsa::pkcs8::{Document, SecretDocument};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, PublicKey};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaParameters,
};
use aws_lc_rs::{digest, rand};
use zeroize::Zeroizing;

/// The smallest modulus that is accepted, in bits.
pub const MIN_BITS: u32 = 2048;
/// The largest modulus that is accepted, in bits; above it a signature costs more than a request is worth.
pub const MAX_BITS: u32 = 4096;

const PKCS8: &str = "PRIVATE KEY";
const SPKI: &str = "PUBLIC KEY";

/// Why a text holds no usable key. No variant repeats key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM at all, or with broken base64.
    #[error("not a PEM text")]
    NotPem,
    /// PEM, but of another kind of object.
    #[error("expected `BEGIN {expected}` but found `BEGIN {found}`{}", hint(found))]
    WrongLabel {
        /// The label that was wanted.
        expected: &'static str,
        /// The label of the text.
        found: String,
    },
    /// The label is right, the content is no RSA key of the expected encoding.
    #[error("not an RSA key in {0} encoding")]
    NotRsa(&'static str),
    /// An RSA key outside [`MIN_BITS`]`..=`[`MAX_BITS`].
    #[error("an RSA key of {0} bits; {MIN_BITS} to {MAX_BITS} are accepted")]
    Size(u32),
}

/// What to do about the labels that people bring most often.
fn hint(label: &str) -> &'static str {
    match label {
        "RSA PRIVATE KEY" => " (PKCS#1; convert with `openssl pkcs8 -topk8 -nocrypt`)",
        "RSA PUBLIC KEY" => " (PKCS#1; convert with `openssl rsa -RSAPublicKey_in -pubout`)",
        "ENCRYPTED PRIVATE KEY" => " (remove the pass phrase with `openssl pkcs8`)",
        "CERTIFICATE" => " (extract the key with `openssl x509 -pubkey -noout`)",
        _ => "",
    }
}

/// A private key that signs. Its memory belongs to aws-lc, which wipes it when the key is dropped.
pub struct SigningKey {
    pair: KeyPair,
    bits: u32,
}

impl SigningKey {
    /// Reads an unencrypted PKCS#8 PEM text.
    ///
    /// # Errors
    /// Not PEM, another kind of PEM, not RSA, or of a size that is not accepted.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        let pem = rewrap(pem);
        // SecretDocument wipes the decoded bytes when it goes out of scope.
        let (label, der) = SecretDocument::from_pem(&pem).map_err(|_| KeyError::NotPem)?;
        check_label(label, PKCS8)?;
        let pair = KeyPair::from_pkcs8(der.as_bytes()).map_err(|_| KeyError::NotRsa("PKCS#8"))?;
        let bits = check_size(pair.public_key().as_ref())?;
        Ok(Self { pair, bits })
    }

    /// Signs `message`; the same message always gives the same bytes, as many as the modulus has.
    #[expect(
        clippy::disallowed_types,
        reason = "the call wants a random source by its type and never reads it"
    )]
    pub fn sign_sha256(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // PKCS#1 v1.5 is deterministic: aws-lc-rs takes `rng` for ring's sake and ignores it.
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut signature);
        #[expect(
            clippy::expect_used,
            reason = "the key was validated when read, and the buffer has its length"
        )]
        signed.expect("a validated RSA key signs");
        signature
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        let public = self.pair.public_key();
        #[expect(clippy::expect_used, reason = "the pair's own public key, whose size was checked when read")]
        VerifyingKey::from_public(public).expect("a validated key pair has a valid public key")
    }

    /// The size of the modulus in bits.
    pub const fn bits(&self) -> u32 {
        self.bits
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(RSA-{})", self.bits)
    }
}

/// A public key that verifies.
#[derive(Clone)]
pub struct VerifyingKey {
    key: ParsedPublicKey,
    spki: Vec<u8>,
    bits: u32,
}

impl VerifyingKey {
    /// Reads an SPKI PEM text (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// Not PEM, another kind of PEM, not RSA, or of a size that is not accepted.
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyError> {
        let pem = rewrap(pem);
        let (label, der) = Document::from_pem(&pem).map_err(|_| KeyError::NotPem)?;
        check_label(label, SPKI)?;
        Self::from_spki_der(der.as_bytes())
    }

    /// Reads an SPKI in DER, as [`VerifyingKey::spki_der`] gives it.
    ///
    /// # Errors
    /// Not the DER of an RSA key, or of a size that is not accepted.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let public = PublicKey::from_der(der).map_err(|_| KeyError::NotRsa("SPKI"))?;
        let key = Self::from_public(&public)?;
        // One key has one DER text, and so one fingerprint: PKCS#1 and sloppy BER are refused.
        if key.spki != der { Err(KeyError::NotRsa("SPKI")) } else { Ok(key) }
    }

    fn from_public(public: &PublicKey) -> Result<Self, KeyError> {
        let bits = check_size(public.as_ref())?;
        let spki = public.as_der().map_err(|_| KeyError::NotRsa("SPKI"))?.as_ref().to_vec();
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_ref())
            .map_err(|_| KeyError::NotRsa("SPKI"))?;
        Ok(Self { key, spki, bits })
    }

    /// Whether `signature` is this key's for `message`.
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }

    /// The size of the modulus in bits.
    pub const fn bits(&self) -> u32 {
        self.bits
    }

    /// The key as SPKI DER.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The fingerprint: lower-case hex of the SHA-256 of the SPKI DER.
    pub fn fingerprint(&self) -> String {
        hex::encode(digest::digest(&digest::SHA256, &self.spki))
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey(RSA-{}, {})", self.bits, self.fingerprint())
    }
}

/// The same PEM text with lines of 64 characters. Providers' tools give the base64 in one line, people put a header
/// around it, and the parser is strict about both. Wiped like the key itself.
fn rewrap(pem: &str) -> Zeroizing<String> {
    // Never grows beyond its capacity, or a copy would stay behind unwiped.
    let mut text = Zeroizing::new(String::with_capacity(2 * pem.len() + 2));
    let mut column = 0;
    for line in pem.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("-----") {
            if column > 0 {
                text.push('\n');
                column = 0;
            }
            text.push_str(line);
            text.push('\n');
            continue;
        }
        for c in line.chars() {
            if column == 64 {
                text.push('\n');
                column = 0;
            }
            text.push(c);
            column += 1;
        }
    }
    text
}

fn check_label(found: &str, expected: &'static str) -> Result<(), KeyError> {
    if found == expected {
        return Ok(());
    }
    Err(KeyError::WrongLabel { expected, found: found.chars().take(32).collect() })
}

/// The size of a PKCS#1 public key in bits, if it is accepted.
fn check_size(pkcs1: &[u8]) -> Result<u32, KeyError> {
    let bits = RsaParameters::public_modulus_len(pkcs1).map_err(|_| KeyError::NotRsa("PKCS#1"))?;
    if (MIN_BITS..=MAX_BITS).contains(&bits) { Ok(bits) } else { Err(KeyError::Size(bits)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::rsa::pkcs8::LineEnding;

    fn vector(key: &str) -> String {
        let all: serde_json::Value = serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap();
        all[key].as_str().unwrap().to_owned()
    }

    fn pem(label: &'static str, der: &[u8]) -> String {
        Document::try_from(der).unwrap().to_pem(label, LineEnding::LF).unwrap()
    }

    #[test]
    fn a_signature_verifies_and_is_the_same_every_time() {
        let key = SigningKey::from_pkcs8_pem(&vector("app_private_key_pkcs8")).unwrap();
        let public = VerifyingKey::from_spki_pem(&vector("app_public_key")).unwrap();
        let other = VerifyingKey::from_spki_pem(&vector("alipay_public_key")).unwrap();
        assert_eq!((key.bits(), public.bits()), (2048, 2048));
        assert_eq!(key.verifying_key(), public);
        let signature = key.sign_sha256(b"text");
        assert_eq!(signature, key.sign_sha256(b"text"));
        assert!(public.verify_sha256(b"text", &signature));
        assert!(!public.verify_sha256(b"texT", &signature));
        assert!(!other.verify_sha256(b"text", &signature));
        assert!(!public.verify_sha256(b"text", &signature[1..]));
        assert!(!public.verify_sha256(b"text", b""));
    }

    #[test]
    fn pem_texts_as_people_bring_them() {
        let good = vector("app_public_key");
        let one_line = {
            let body: String = good.lines().filter(|l| !l.starts_with('-')).collect();
            format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----")
        };
        for text in [good.clone(), good.replace('\n', "\r\n"), format!("\n  {good}\n"), one_line] {
            assert!(VerifyingKey::from_spki_pem(&text).is_ok(), "{text}");
        }
        let body: String = good.lines().filter(|l| !l.starts_with('-')).collect();
        assert_eq!(VerifyingKey::from_spki_pem(&body), Err(KeyError::NotPem));
    }

    #[test]
    fn what_is_no_key_says_why_and_never_what() {
        let private = vector("app_private_key_pkcs8");
        let public = VerifyingKey::from_spki_pem(&vector("app_public_key")).unwrap();
        let pkcs1 = private.replace(" PRIVATE", " RSA PRIVATE");
        let pkcs1_public = SigningKey::from_pkcs8_pem(&private).unwrap().pair.public_key().as_ref().to_vec();
        let mut trailing = public.spki_der().to_vec();
        trailing.push(0);
        for (error, want) in [
            (SigningKey::from_pkcs8_pem("").unwrap_err(), "not a PEM text"),
            (SigningKey::from_pkcs8_pem(&pkcs1).unwrap_err(), "PKCS#1; convert with `openssl pkcs8"),
            (SigningKey::from_pkcs8_pem(&vector("app_public_key")).unwrap_err(), "found `BEGIN PUBLIC KEY`"),
            (VerifyingKey::from_spki_pem(&private).unwrap_err(), "expected `BEGIN PUBLIC KEY`"),
            (
                SigningKey::from_pkcs8_pem(&pem(PKCS8, public.spki_der())).unwrap_err(),
                "not an RSA key in PKCS#8",
            ),
            (VerifyingKey::from_spki_der(&pkcs1_public).unwrap_err(), "not an RSA key in SPKI"),
            (VerifyingKey::from_spki_der(&trailing).unwrap_err(), "not an RSA key in SPKI"),
            (VerifyingKey::from_spki_pem(ED25519).unwrap_err(), "not an RSA key in SPKI"),
            (VerifyingKey::from_spki_pem(RSA_1024).unwrap_err(), "of 1024 bits; 2048 to 4096"),
        ] {
            assert!(error.to_string().contains(want), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_private_material() {
        let key = SigningKey::from_pkcs8_pem(&vector("app_private_key_pkcs8")).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(RSA-2048)");
        let public = key.verifying_key();
        assert_eq!(format!("{public:?}"), format!("VerifyingKey(RSA-2048, {})", public.fingerprint()));
    }

    #[test]
    fn the_fingerprint_is_what_openssl_prints() {
        // openssl pkey -pubin -outform DER | sha256sum
        let public = VerifyingKey::from_spki_pem(&vector("app_public_key")).unwrap();
        assert_eq!(public.fingerprint(), FINGERPRINT);
    }

    const FINGERPRINT: &str = "3ef6e8935feb8586f2ff781f54f579780dcb6137d5182e51ca75d95cc6b76f85";
    const ED25519: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEATsSislCyw/IFUBWGFjmIgxDvZwwWx/VV7JCrIgLg4Ms=\n\
        -----END PUBLIC KEY-----";
    const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----\n\
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDa/+EbK1k19SR3urgXJU0/t9Vs\n\
        ijrM8JoHHn0+aQX6Ol3UpVTEQdifwem88OK359tzqwPW42yXDWr3gT3IN9QwbCDA\n\
        L96Z4XFHqb1h96cgtwghHhO7LyTjpz3uZ8bZs7xCH1Kb/zMczMO31aMK+wpXCP3p\n\
        ugrMpmBEdp+fjOI9IwIDAQAB\n\
        -----END PUBLIC KEY-----";
}
