//! `POST /v1/token`: client id and secret for a bearer token.

use serde_json::json;
use sluice_core::code::ApiCode;
use sluice_core::json::parse_strict;
use sluice_core::signing::sha256_hex;
use subtle::ConstantTimeEq;

use super::Parts;
use super::answer::{Answer, Fault};
use super::body::Body;
use super::fields::Fields;
use super::headers;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{Record, Unit};

pub(super) async fn issue(d: &Daemon, parts: &Parts, body: Body) -> Result<Answer, Fault> {
    if parts.headers.contains_key(http::header::CONTENT_ENCODING) {
        return Err(Fault::of(ApiCode::MediaType));
    }
    let body = body.map_err(Fault::of)?;
    headers::content_type(&parts.headers)?;
    let value = parse_strict(&body).map_err(|why| Fault::because(ApiCode::JsonInvalid, why))?;
    let mut fields = Fields::of(value)?;
    let grant = fields.text("grant_type", 1..=64)?;
    let client_id = fields.text("client_id", 1..=128)?;
    let secret = zeroize::Zeroizing::new(fields.text("client_secret", 1..=256)?);
    fields.finish()?;
    if grant != "client_credentials" {
        return Err(Fault::field("grant_type", "only client_credentials"));
    }
    // An unknown client takes the same way as a wrong secret.
    let stored = d.store.app_secret_digest(&client_id).await?;
    let given = sha256_hex(secret.as_bytes());
    let expected = stored.clone().unwrap_or_else(|| sha256_hex(b""));
    let same = bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
    if !same || stored.is_none() {
        return Err(Fault::of(ApiCode::TokenInvalid));
    }
    d.limits.known(parts.source).map_err(Fault::rate_limited)?;
    let token = clock::new_secret("sat");
    let at = clock::now();
    let lifetime = d.config.server.token_lifetime;
    let digest = sha256_hex(token.as_bytes());
    let record = Record::Token { digest, client_id, at, expires_at: at + lifetime };
    d.store.commit(Unit { records: vec![record], ..Unit::default() }).await?;
    Ok(Answer::plain(
        200,
        json!({"access_token": *token, "token_type": "Bearer", "expires_in": lifetime.as_secs()}),
    ))
}
