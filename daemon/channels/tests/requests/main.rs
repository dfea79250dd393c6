//! Requests as they go out: the layout on the wire, the fields, and what can't be written.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

#[path = "../common/mod.rs"]
mod common;

mod account;
mod payment;
mod payout;
mod refund;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{APP_ID, GATEWAY, folder, json};
use sluice_channels::protocol::{EncodeError, HttpRequest};
use sluice_channels::rsa::VerifyingKey;

fn decode(form: &str) -> BTreeMap<String, String> {
    let pairs: Vec<_> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "a parameter stands twice: {form}");
    map
}

/// What a gateway sees: every parameter of URL and body, after the signature over all of them was checked.
fn received(url: &str, body: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = decode(url.strip_prefix(GATEWAY).unwrap().strip_prefix('?').unwrap());
    assert!(!all.contains_key("biz_content"), "biz_content belongs into the body");
    all.extend(body);
    let sign = STANDARD.decode(all.remove("sign").unwrap()).unwrap();
    assert!(all.values().all(|value| !value.is_empty()), "an empty parameter: {all:?}");
    let text = all.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let vectors = json(&folder("vectors/alipay.json"));
    let key = VerifyingKey::from_spki_pem(vectors["app_public_key"].as_str().unwrap()).unwrap();
    assert!(key.verify_sha256(text.as_bytes(), &sign), "{text}");
    all
}

fn received_call(call: &HttpRequest) -> BTreeMap<String, String> {
    assert_eq!(call.method, "POST");
    assert_eq!(
        call.headers,
        [("content-type", "application/x-www-form-urlencoded;charset=utf-8".to_owned())]
    );
    let body = decode(std::str::from_utf8(&call.body).unwrap());
    assert_eq!(body.keys().collect::<Vec<_>>(), ["biz_content"]);
    received(&call.url, body)
}

fn expect(method: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    [
        ("app_id", APP_ID),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", method),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-24 10:20:30"),
        ("version", "1.0"),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .collect()
}

/// The field that a request was not written for.
fn refused_field(request: Result<HttpRequest, EncodeError>) -> &'static str {
    match request {
        Err(EncodeError::Field { field, .. }) => field,
        other => panic!("written, or refused as a whole: {other:?}"),
    }
}
