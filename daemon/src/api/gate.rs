//! The gate: what every signed request passes, in this order; the first failure answers.
//!
//! Token → header shape → timestamp → app, merchant and order type → key id → signature → nonce → strict JSON.
//! Up to and including the signature the answer is unsigned and says no more than its code.

use std::net::IpAddr;
use std::sync::Arc;

use sluice_core::change::CredentialCheck;
use sluice_core::code::ApiCode;
use sluice_core::order::Admission;
use sluice_core::password::AccessPassword;
use sluice_core::risk::InForce;
use sluice_core::signing::{
    NONCE_KEPT_SECS, OrderType, RequestText, TIMESTAMP_WINDOW_SECS, check_target, sha256_hex,
};
use sluice_core::time::Timestamp;

use super::answer::Fault;
use super::body::Body;
use super::{Parts, headers};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::create::Asking;
use crate::store::read::credentials::Caller;
use crate::store::unit::{Record, Unit};

/// A request whose signature holds.
pub(super) struct Verified {
    pub(super) check: CredentialCheck,
    pub(super) nonce: String,
    /// By the request's own timestamp.
    nonce_until: Timestamp,
    /// Hex SHA-256 of the signed bytes, which the answer's signature covers.
    pub(super) digest: String,
    /// The password that verified it; it signs the answer.
    pub(super) password: AccessPassword,
    /// Where callbacks go if an order names no URL.
    pub(super) callback_url: Option<String>,
    /// Whether a refund takes the app's money where the user's does not suffice.
    pub(super) app_refunds: bool,
    /// The app's risk rules as they stand.
    pub(super) rules: Arc<InForce>,
    /// Where the request came from.
    pub(super) source: IpAddr,
    pub(super) request_id: String,
}

impl Verified {
    /// What a mutating request brings into its transaction.
    pub(super) fn admission(&self) -> Admission {
        Admission {
            check: self.check.clone(),
            nonce: self.nonce.clone(),
            nonce_until: self.nonce_until,
            request_id: self.request_id.clone(),
            conditions: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// What a request for a new order brings besides, to be judged by the risk rules.
    pub(super) fn asking(&self) -> Asking {
        Asking::new(self.admission(), self.rules.clone(), self.source)
    }
}

/// Only the first step: for targets that have no order type.
pub(super) async fn known_token(d: &Daemon, parts: &Parts) -> Result<(), Fault> {
    caller(d, parts, OrderType::Trade, "").await.map(|_| ())
}

/// Passes a request, with its body, or says why not.
pub(super) async fn verify(
    d: &Arc<Daemon>,
    parts: &Parts,
    order_type: OrderType,
    body: Body,
) -> Result<(Verified, Vec<u8>), Fault> {
    // One statement reads all that the steps need; what it found is looked at in the order of the steps.
    let claimed_key = parts.headers.get("sluice-key").and_then(|k| k.to_str().ok()).unwrap_or_default();
    let caller = caller(d, parts, order_type, claimed_key).await?;
    let of_app = |fault: Fault| fault.of_app(&caller.client_id);

    let signing = headers::signing(&parts.headers).map_err(of_app)?;
    check_target(&parts.target).map_err(|why| of_app(Fault::because(ApiCode::BadTarget, why.to_string())))?;
    let body = body.map_err(|code| of_app(Fault::of(code)))?;
    if !body.is_empty() {
        headers::content_type(&parts.headers).map_err(of_app)?;
    }

    let now = clock::now();
    if now.secs().abs_diff(signing.seconds) > TIMESTAMP_WINDOW_SECS.unsigned_abs() {
        return Err(of_app(Fault::of(ApiCode::TimestampOutOfWindow)));
    }
    if !caller.allowed {
        return Err(of_app(Fault::of(ApiCode::AccessDenied)));
    }
    let invalid = || of_app(Fault::of(ApiCode::SignatureInvalid));
    let key = d.credentials.key(caller.key.as_deref().ok_or_else(invalid)?)?;
    let target = format!("{}{}", d.config.server.public_prefix, parts.target);
    let text = RequestText {
        client_id: &caller.client_id,
        key_id: signing.key_id,
        order_type,
        method: parts.method.as_str(),
        target: &target,
        timestamp: signing.timestamp,
        nonce: signing.nonce,
        body: &body,
    };
    for row in &caller.passwords {
        let password = d.credentials.password(&caller.client_id, order_type, row)?;
        let bytes = text.signed_bytes(password.expose());
        if !key.verify_sha256(&bytes, &signing.signature) {
            continue;
        }
        let check = CredentialCheck {
            client_id: caller.client_id.clone(),
            order_type,
            password_version: row.version,
            key_id: signing.key_id.to_owned(),
            at: now,
        };
        note_use(d, &check, row.last_used_at);
        let verified = Verified {
            check,
            nonce: signing.nonce.to_owned(),
            nonce_until: Timestamp::from_secs(signing.seconds.saturating_add(NONCE_KEPT_SECS)),
            digest: sha256_hex(&bytes),
            password,
            callback_url: caller.callback_url.clone(),
            app_refunds: caller.app_refunds,
            rules: caller_rules(d, &caller)?,
            source: parts.source,
            request_id: parts.request_id.clone(),
        };
        return Ok((verified, body));
    }
    Err(invalid())
}

/// The nonce of a mutating request, before its body is looked at. The transaction checks it again.
pub(super) async fn fresh_nonce(d: &Daemon, verified: &Verified) -> Result<(), Fault> {
    if d.store.nonce_used(&verified.check.client_id, &verified.nonce).await? {
        return Err(Fault::of(ApiCode::NonceReused));
    }
    Ok(())
}

/// Rules that can't be read are a fault of ours: an app must not do without them.
fn caller_rules(d: &Daemon, caller: &Caller) -> Result<Arc<InForce>, Fault> {
    let stored = caller.rules.as_ref().map(|(version, document)| (*version, document.as_str()));
    d.rules.of(&caller.client_id, stored).map_err(|why| Fault::internal(format!("stored rules: {why}")))
}

async fn caller(d: &Daemon, parts: &Parts, order_type: OrderType, key_id: &str) -> Result<Caller, Fault> {
    let token = headers::token(&parts.headers)?;
    let digest = sha256_hex(token.as_bytes());
    let caller = d.store.caller(&digest, order_type, key_id, clock::now()).await?;
    caller.ok_or_else(|| Fault::of(ApiCode::TokenInvalid))
}

/// Notes when a password last verified something, to the minute; nobody waits for it.
fn note_use(d: &Arc<Daemon>, check: &CredentialCheck, last: Option<Timestamp>) {
    const MINUTE: std::time::Duration = std::time::Duration::from_secs(60);
    if last.is_some_and(|last| check.at.since(last) < MINUTE) {
        return;
    }
    let record = Record::PasswordUsed {
        client_id: check.client_id.clone(),
        order_type: check.order_type,
        version: check.password_version,
        at: check.at,
    };
    let store = d.store.clone();
    d.under_way.spawn(async move {
        let unit = Unit { records: vec![record], ..Unit::default() };
        if let Err(error) = store.commit(unit).await {
            tracing::warn!(%error, "a password's last use was not noted");
        }
    });
}
