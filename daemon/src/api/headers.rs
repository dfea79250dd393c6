//! The signing headers, each once and in its form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use sluice_core::code::ApiCode;
use sluice_core::signing::is_nonce;

use super::answer::Fault;

/// What a signed request's headers say.
#[derive(Debug)]
pub(super) struct SigningHeaders<'a> {
    pub(super) key_id: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) seconds: i64,
    pub(super) nonce: &'a str,
    pub(super) signature: Vec<u8>,
}

/// The bearer token.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Fault> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Err(Fault::of(ApiCode::TokenMissing)) };
    let invalid = || Fault::of(ApiCode::TokenInvalid);
    if values.next().is_some() {
        return Err(invalid());
    }
    let (scheme, token) = value.to_str().ok().and_then(|v| v.split_once(' ')).ok_or_else(invalid)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    if !scheme.eq_ignore_ascii_case("bearer")
        || !(1..=256).contains(&token.len())
        || !token.bytes().all(plain)
    {
        return Err(invalid());
    }
    Ok(token)
}

/// The signing headers.
pub(super) fn signing(headers: &HeaderMap) -> Result<SigningHeaders<'_>, Fault> {
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(Fault::because(ApiCode::MediaType, "Content-Encoding: not taken; send the body plain"));
    }
    let key_id = once(headers, "sluice-key")?;
    let timestamp = once(headers, "sluice-timestamp")?;
    let nonce = once(headers, "sluice-nonce")?;
    let signature = once(headers, "sluice-signature")?;

    let name = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    if !(1..=64).contains(&key_id.len()) || !key_id.bytes().all(name) {
        return Err(malformed("Sluice-Key", "1 to 64 of A-Z a-z 0-9 _ . -"));
    }
    // One spelling: the text holds what was sent.
    let seconds: Option<i64> = timestamp.parse().ok().filter(|s: &i64| s.to_string() == timestamp);
    let seconds = seconds.ok_or_else(|| malformed("Sluice-Timestamp", "whole Unix seconds"))?;
    if !is_nonce(nonce) {
        return Err(malformed("Sluice-Nonce", "16 to 64 of A-Z a-z 0-9 _ -"));
    }
    let signature = signature
        .strip_prefix("v1=")
        .and_then(|text| STANDARD.decode(text).ok())
        .filter(|bytes| (1..=512).contains(&bytes.len()))
        .ok_or_else(|| malformed("Sluice-Signature", "v1= and standard padded base64"))?;
    Ok(SigningHeaders { key_id, timestamp, seconds, nonce, signature })
}

/// A body is JSON, if its sender says what it is.
pub(super) fn content_type(headers: &HeaderMap) -> Result<(), Fault> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Fault::because(ApiCode::MediaType, "Content-Type: only application/json is taken"))
    }
}

fn once<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Fault> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or_else(|| malformed(name, "missing"))?;
    if values.next().is_some() {
        return Err(malformed(name, "sent twice"));
    }
    value.to_str().map_err(|_| malformed(name, "holds a byte that is no visible ASCII"))
}

fn malformed(name: &str, reason: &str) -> Fault {
    Fault::because(ApiCode::HeaderMalformed, format!("{name}: {reason}"))
}
