//! The account: what can't work is refused before anything is sent, and no key is shown.

use secrecy::SecretString;
use sluice_channels::alipay::{AccountError, Alipay, AlipayAccount};
use sluice_channels::rsa::KeyError;

use crate::common::{APP_ID, account, alipay, folder, json};

#[test]
fn an_account_that_cannot_work_is_refused_with_the_reason() {
    let vectors = json(&folder("vectors/alipay.json"));
    let good = account(&vectors);
    let secret = |text: &str| SecretString::from(text);
    let own = vectors["app_public_key"].as_str().unwrap();
    for (bad, want) in [
        (AlipayAccount { gateway_url: "gateway.do".to_owned(), ..good.clone() }, AccountError::GatewayUrl),
        (AlipayAccount { gateway_url: "https://a/b?c".to_owned(), ..good.clone() }, AccountError::GatewayUrl),
        (AlipayAccount { gateway_url: "https://".to_owned(), ..good.clone() }, AccountError::GatewayUrl),
        (AlipayAccount { app_id: String::new(), ..good.clone() }, AccountError::AppId),
        (AlipayAccount { app_id: "2021 ".to_owned(), ..good.clone() }, AccountError::AppId),
        (AlipayAccount { seller_id: "2".repeat(33), ..good.clone() }, AccountError::SellerId),
        (
            AlipayAccount { private_key_pem: secret("-----"), ..good.clone() },
            AccountError::PrivateKey(KeyError::NotPem),
        ),
        (
            AlipayAccount { provider_public_key_pem: String::new(), ..good.clone() },
            AccountError::ProviderKey(KeyError::NotPem),
        ),
        (
            AlipayAccount { provider_public_key_pem: own.to_owned(), ..good.clone() },
            AccountError::OwnPublicKey,
        ),
    ] {
        assert_eq!(Alipay::new(bad).unwrap_err(), want);
    }
}

#[test]
fn debug_shows_no_key() {
    let vectors = json(&folder("vectors/alipay.json"));
    let private = vectors["app_private_key_pkcs8"].as_str().unwrap();
    let shown = format!("{:?} {:?}", account(&vectors), alipay());
    for part in private.lines().filter(|l| !l.starts_with('-')) {
        assert!(!shown.contains(part), "{shown}");
    }
    assert!(shown.contains(APP_ID));
}
