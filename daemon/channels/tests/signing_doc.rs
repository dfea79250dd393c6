//! The worked example of `docs/signing.md` against the code: its RSA signatures, the ciphertext of its new password,
//! and its announced wallet key. Texts and bindings are checked by the test of the same name in `sluice-core`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may panic and read files")]

mod common;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sluice_channels::rsa::{SigningKey, VerifyingKey};

fn demo(file: &str) -> String {
    std::fs::read_to_string(common::folder("../../docs/signing-demo").join(file)).unwrap()
}

fn vectors() -> Value {
    serde_json::from_str(&demo("vectors.json")).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("vectors.json: {name}"))
}

#[test]
fn the_demo_keys_make_the_signatures_of_the_page() {
    let vectors = vectors();
    for (part, signer) in
        [("request", "merchant_key"), ("response", "wallet_key"), ("callback", "wallet_key")]
    {
        let (part, signer) = (&vectors[part], &vectors[signer]);
        let signed = format!("{}{}\n", text(part, "text"), text(part, "binding"));
        let key = SigningKey::from_pkcs8_pem(&demo(text(signer, "private_key_file"))).unwrap();
        assert_eq!(STANDARD.encode(key.sign_sha256(signed.as_bytes())), text(part, "signature"));
        let public = VerifyingKey::from_spki_pem(text(signer, "public_key")).unwrap();
        assert_eq!(public.fingerprint()[..16], text(signer, "key_id")[3..]);
        assert!(public.verify_sha256(signed.as_bytes(), &STANDARD.decode(text(part, "signature")).unwrap()));
        // Without the binding, or with another one, it is not signed.
        let mut other = signed.clone().into_bytes();
        let last = other.len() - 2;
        other[last] ^= 1;
        for bytes in [text(part, "text").as_bytes(), &other] {
            assert!(!public.verify_sha256(bytes, &STANDARD.decode(text(part, "signature")).unwrap()));
        }
    }
}

#[test]
fn an_announced_wallet_key_carries_the_signature_of_the_former_one() {
    let vectors = vectors();
    let (announced, former) = (&vectors["announced_wallet_key"], &vectors["wallet_key"]);
    assert_eq!(text(announced, "former_key_id"), text(former, "key_id"));
    let public = VerifyingKey::from_spki_pem(text(former, "public_key")).unwrap();
    let signature = STANDARD.decode(text(announced, "former_signature")).unwrap();
    assert!(public.verify_sha256(text(announced, "text").as_bytes(), &signature));
    let key = VerifyingKey::from_spki_pem(text(announced, "public_key")).unwrap();
    assert!(text(announced, "text").contains(&key.fingerprint()));
}

#[test]
fn the_ciphertext_is_the_new_password_under_its_label_only() {
    let vectors = vectors();
    let new = &vectors["new_password"];
    let der = pem_body(&demo("wallet-demo-key.pem"));
    let key = OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(&der).unwrap()).unwrap();
    let ciphertext = STANDARD.decode(text(new, "ciphertext")).unwrap();
    let open = |label: &str| {
        let mut buffer = vec![0; key.min_output_size()];
        let opened =
            key.decrypt(&OAEP_SHA256_MGF1SHA256, &ciphertext, &mut buffer, Some(label.as_bytes())).ok()?;
        Some(opened.to_vec())
    };
    assert_eq!(open(text(new, "label")).unwrap(), text(new, "password").as_bytes());
    assert_eq!(open("app_demo:trade"), None);
}

fn pem_body(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap()
}
