//! Rotation: a new access password, effective at the instant that its transaction commits.

use std::time::Duration;

use serde_json::json;
use sluice_core::change::{Change, CredentialCheck, Event, Guard, Origin, Write};
use sluice_core::password::{AccessPassword, WeakPassword};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

use super::credentials::Credentials;
use super::{WalletError, off_thread};
use crate::clock;
use crate::store::Store;
use crate::store::unit::{AuditDraft, NewPassword, Outcome, Record, Unit};

/// The longest time that a former password may still be accepted.
pub(crate) const MAX_GRACE: Duration = Duration::from_secs(24 * 3600);

/// An operator's order to rotate.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    pub(crate) client_id: String,
    pub(crate) types: Vec<OrderType>,
    pub(crate) grace: Duration,
    pub(crate) revoke_tokens: bool,
    /// Who asks, and why. Its `before` and `after` are filled in here.
    pub(crate) audit: AuditDraft,
}

/// A password that was made, shown once.
#[derive(Debug)]
pub(crate) struct Rotated {
    pub(crate) order_type: OrderType,
    pub(crate) version: i64,
    pub(crate) password: AccessPassword,
}

/// What came of a rotation.
#[derive(Debug)]
pub(crate) enum RotateOutcome {
    Done {
        passwords: Vec<Rotated>,
        audit_seq: i64,
        revoked_tokens: u32,
    },
    NoSuchApp,
    /// This request was carried out before; the passwords are not shown again.
    Repeated,
}

/// Makes new passwords for an operator, all in one transaction.
pub(crate) async fn by_operator(
    store: &Store,
    credentials: &Credentials,
    order: Rotation,
) -> Result<RotateOutcome, WalletError> {
    loop {
        // Somebody else rotated in the same moment: ours follows theirs.
        if let Some(outcome) = try_by_operator(store, credentials, order.clone()).await? {
            return Ok(outcome);
        }
    }
}

/// One try; `None`: a version was not the current one any more.
async fn try_by_operator(
    store: &Store,
    credentials: &Credentials,
    mut order: Rotation,
) -> Result<Option<RotateOutcome>, WalletError> {
    let now = clock::now();
    let current = store.passwords(&order.client_id, now).await?;
    let tokens = store.live_tokens(&order.client_id, now).await?;
    let version = |t: OrderType| current.iter().find(|p| p.order_type == t.name()).map(|p| p.version);
    let grace_until = (!order.grace.is_zero()).then(|| now + order.grace);
    let mut unit = Unit::default();
    let (mut passwords, mut before, mut after) = (Vec::new(), serde_json::Map::new(), serde_json::Map::new());
    for order_type in order.types.iter().copied() {
        let Some(former) = version(order_type) else { return Ok(Some(RotateOutcome::NoSuchApp)) };
        unit.change.guards.push(is_current(&order.client_id, order_type, former));
        let password = AccessPassword::generate(&clock::random_bytes());
        let new =
            new_password(credentials, &order.client_id, order_type, former + 1, &password, now, grace_until)?;
        unit.records.push(Record::Password(new));
        unit.change.events.push(event(&order.client_id, order_type, former + 1, &order.audit.operator, now));
        before.insert(order_type.name().to_owned(), json!({"version": former}));
        after.insert(
            order_type.name().to_owned(),
            json!({"version": former + 1, "former_accepted_until": grace_until}),
        );
        passwords.push(Rotated { order_type, version: former + 1, password });
    }
    let mut revoked_tokens = 0;
    if order.revoke_tokens {
        unit.records.push(Record::RevokeTokens { client_id: order.client_id.clone(), at: now });
        before.insert("live_tokens".to_owned(), tokens.into());
        after.insert("live_tokens".to_owned(), 0.into());
        revoked_tokens = tokens;
    }
    order.audit.before = before.into();
    order.audit.after = after.into();
    unit.audit = Some(order.audit);
    Ok(match store.commit(unit).await? {
        Outcome::Done { audit_seq } => {
            let audit_seq = audit_seq.unwrap_or_default();
            Some(RotateOutcome::Done { passwords, audit_seq, revoked_tokens })
        }
        Outcome::Repeated => Some(RotateOutcome::Repeated),
        Outcome::Refused(_) => None,
    })
}

fn is_current(client_id: &str, order_type: OrderType, version: i64) -> Guard {
    Guard::PasswordIsCurrent { client_id: client_id.to_owned(), order_type, version }
}

/// What came of a merchant's own rotation.
#[derive(Debug)]
pub(crate) enum MerchantRotation {
    Done { version: i64, password: AccessPassword },
    Weak(WeakPassword),
    Refused(Guard),
}

/// Takes a password of the merchant's choice. Only a request that the current password has verified may do this: a
/// former one, in its grace, may have leaked.
pub(crate) async fn by_merchant(
    store: &Store,
    credentials: &Credentials,
    check: &CredentialCheck,
    nonce: (String, Timestamp),
    chosen: String,
) -> Result<MerchantRotation, WalletError> {
    let judged = off_thread(move || AccessPassword::chosen(chosen)).await;
    let password = match judged.ok_or_else(|| WalletError::Key("the password was not judged".to_owned()))? {
        Ok(password) => password,
        Err(weak) => return Ok(MerchantRotation::Weak(weak)),
    };
    let (client_id, order_type) = (&check.client_id, check.order_type);
    let used = store.used_password_digests(client_id, order_type).await?;
    if used.contains(&credentials.digest(&password)) {
        return Ok(MerchantRotation::Weak(WeakPassword::Reused));
    }
    let now = clock::now();
    let version = check.password_version + 1;
    let new = new_password(credentials, client_id, order_type, version, &password, now, None)?;
    let change = Change {
        guards: vec![
            Guard::Credentials(check.clone()),
            is_current(client_id, order_type, check.password_version),
            Guard::NonceUnused { client_id: client_id.clone(), nonce: nonce.0.clone() },
        ],
        writes: vec![Write::Nonce { client_id: client_id.clone(), nonce: nonce.0, until: nonce.1 }],
        tasks: vec![],
        events: vec![event(client_id, order_type, version, "merchant", now)],
    };
    let unit = Unit { change, records: vec![Record::Password(new)], audit: None };
    Ok(match store.commit(unit).await? {
        Outcome::Done { .. } | Outcome::Repeated => MerchantRotation::Done { version, password },
        Outcome::Refused(guard) => MerchantRotation::Refused(guard),
    })
}

/// A sealed row for a new password; also used when an app is added.
pub(crate) fn new_password(
    credentials: &Credentials,
    client_id: &str,
    order_type: OrderType,
    version: i64,
    password: &AccessPassword,
    at: Timestamp,
    former_grace_until: Option<Timestamp>,
) -> Result<NewPassword, WalletError> {
    Ok(NewPassword {
        client_id: client_id.to_owned(),
        order_type,
        version,
        sealed: credentials.seal(client_id, order_type, version, password)?,
        digest: credentials.digest(password),
        at,
        former_grace_until,
    })
}

fn event(client_id: &str, order_type: OrderType, version: i64, by: &str, at: Timestamp) -> Event {
    Event {
        at,
        origin: Origin::Operator,
        kind: "password.rotated",
        summary: format!("{order_type} password of {client_id} is now version {version}, by {by}"),
        order: None,
        client_id: Some(client_id.to_owned()),
        evidence_id: None,
        detail: json!({"order_type": order_type.name(), "version": version, "by": by}),
    }
}
