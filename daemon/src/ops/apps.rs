//! Apps with the age and version of their credentials, never the values.

use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::view::millis;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::read::apps::{AppRow, MerchantKeyRow, PasswordRow};

/// Apps by any part of their id or name, or their merchant's name.
pub(super) async fn list(d: &Daemon, text: &str) -> Result<pb::ListAppsReply, Status> {
    let now = clock::now();
    let apps = d.store.list_apps(text.trim(), now).await?;
    Ok(pb::ListAppsReply { items: apps.into_iter().map(|a| app(a, now)).collect() })
}

fn app(a: AppRow, now: Timestamp) -> pb::App {
    pb::App {
        client_id: a.client_id,
        name: a.name,
        merchant: a.merchant,
        status: a.status,
        callback_url: a.callback_url.unwrap_or_default(),
        created_at_ms: a.created_at.millis(),
        passwords: a.passwords.into_iter().map(password).collect(),
        keys: a.keys.into_iter().map(|k| key(k, now)).collect(),
        live_tokens: a.live_tokens,
    }
}

fn password(p: PasswordRow) -> pb::PasswordInfo {
    pb::PasswordInfo {
        r#type: p.order_type,
        version: p.version,
        created_at_ms: p.created_at.millis(),
        grace_until_ms: millis(p.former_grace_until),
        last_used_at_ms: millis(p.last_used_at),
    }
}

pub(super) fn key(k: MerchantKeyRow, now: Timestamp) -> pb::MerchantKey {
    pb::MerchantKey {
        state: key_state(&k, now).to_owned(),
        key_id: k.key_id,
        fingerprint: k.fingerprint,
        bits: k.bits,
        created_at_ms: k.created_at.millis(),
        not_after_ms: millis(k.not_after),
        revoked_at_ms: millis(k.revoked_at),
    }
}

/// `active`, `revoked` or `expired`.
pub(super) fn key_state(k: &MerchantKeyRow, now: Timestamp) -> &'static str {
    match (k.revoked_at, k.not_after) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        (None, _) => "active",
    }
}
