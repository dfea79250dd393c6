//! What a leak needs: new passwords, a key revoked, all tokens revoked. Each effective when its call returns.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_core::signing::OrderType;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::act::Deed;
use super::apps;
use super::transaction::{facts, no_such_app, told, write};
use super::view::small;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::read::apps::MerchantKeyRow;
use crate::store::read::audit::AuditRow;
use crate::store::unit::{AuditDraft, Record};
use crate::wallet::rotate::{MAX_GRACE, RotateOutcome, Rotation, by_operator};

/// New access passwords of an app.
pub(super) struct RotatePassword {
    client_id: String,
    types: Vec<OrderType>,
    grace: Duration,
    revoke_tokens: bool,
}

impl RotatePassword {
    pub(super) fn new(ask: pb::RotatePasswordRequest) -> Result<Self, Status> {
        let types = match (ask.r#type.as_str(), OrderType::from_name(&ask.r#type)) {
            ("all", _) => OrderType::ALL.to_vec(),
            (_, Some(one)) => vec![one],
            _ => return Err(Status::invalid_argument("type: recharge, withdraw, trade or all")),
        };
        let grace = Duration::from_millis(ask.grace_ms);
        if grace > MAX_GRACE {
            return Err(Status::invalid_argument("grace_ms: at most 24 hours"));
        }
        Ok(Self { client_id: ask.client_id, types, grace, revoke_tokens: ask.revoke_tokens })
    }
}

impl Deed for RotatePassword {
    const ACTION: &'static str = "password.rotate";
    type Reply = pb::RotatePasswordReply;

    fn target(&self) -> String {
        self.client_id.clone()
    }

    async fn carry_out(&self, d: &Arc<Daemon>, audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let rotation = Rotation {
            client_id: self.client_id.clone(),
            types: self.types.clone(),
            grace: self.grace,
            revoke_tokens: self.revoke_tokens,
            audit,
        };
        match by_operator(&d.store, &d.credentials, rotation).await? {
            RotateOutcome::Done { passwords, audit_seq, revoked_tokens } => {
                let shown_once = passwords.iter().map(|p| pb::NewPassword {
                    r#type: p.order_type.name().to_owned(),
                    version: p.version,
                    password: p.password.expose().to_owned(),
                });
                let passwords = shown_once.collect();
                Ok(Some(pb::RotatePasswordReply { passwords, audit_seq, revoked_tokens }))
            }
            RotateOutcome::NoSuchApp => Err(no_such_app()),
            RotateOutcome::Repeated => Ok(None),
        }
    }

    /// The versions that were made then; the passwords were shown once.
    async fn repeat(&self, _: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        let (before, after) = (facts(&row.before), facts(&row.after));
        let versions = OrderType::ALL.into_iter().filter_map(|t| {
            let version = after[t.name()]["version"].as_i64()?;
            Some(pb::NewPassword { r#type: t.name().to_owned(), version, password: String::new() })
        });
        Ok(pb::RotatePasswordReply {
            passwords: versions.collect(),
            audit_seq: row.seq,
            revoked_tokens: small(before["live_tokens"].as_i64().unwrap_or_default()),
        })
    }
}

/// A merchant's key, refused from now on.
pub(super) struct RevokeMerchantKey {
    pub(super) client_id: String,
    pub(super) key_id: String,
}

impl Deed for RevokeMerchantKey {
    const ACTION: &'static str = "merchant_key.revoke";
    type Reply = pb::RevokeMerchantKeyReply;

    fn target(&self) -> String {
        format!("{} {}", self.client_id, self.key_id)
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let now = clock::now();
        let key = self.stored(d).await?;
        if let Some(at) = key.revoked_at {
            return Err(Status::failed_precondition(format!("this key was revoked at {at}")));
        }
        audit.before = json!({"state": apps::key_state(&key, now), "fingerprint": key.fingerprint});
        audit.after = json!({"state": "revoked", "revoked_at": now});
        let (client_id, key_id) = (self.client_id.clone(), self.key_id.clone());
        let told = told(
            "merchant_key.revoked",
            format!("key {key_id} of {client_id} is refused from now on, by {}", audit.operator),
            &client_id,
            json!({"key_id": key_id, "by": audit.operator}),
            now,
        );
        let record = Record::RevokeMerchantKey { client_id, key_id, at: now };
        let Some(audit_seq) = write(d, vec![], vec![record], told, audit).await? else { return Ok(None) };
        self.reply(d, audit_seq).await.map(Some)
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl RevokeMerchantKey {
    async fn stored(&self, d: &Daemon) -> Result<MerchantKeyRow, Status> {
        let keys = d.store.merchant_keys(&self.client_id).await?;
        let found = keys.into_iter().find(|k| k.key_id == self.key_id);
        found.ok_or_else(|| Status::not_found("this app has no such key"))
    }

    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::RevokeMerchantKeyReply, Status> {
        let key = apps::key(self.stored(d).await?, clock::now());
        Ok(pb::RevokeMerchantKeyReply { key: Some(key), audit_seq })
    }
}

/// All tokens of an app that were given out so far.
pub(super) struct RevokeTokens {
    pub(super) client_id: String,
}

impl Deed for RevokeTokens {
    const ACTION: &'static str = "tokens.revoke";
    type Reply = pb::RevokeTokensReply;

    fn target(&self) -> String {
        self.client_id.clone()
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let now = clock::now();
        // Every app has passwords from its first moment.
        if d.store.passwords(&self.client_id, now).await?.is_empty() {
            return Err(no_such_app());
        }
        let revoked = d.store.live_tokens(&self.client_id, now).await?;
        audit.before = json!({"live_tokens": revoked});
        audit.after = json!({"live_tokens": 0});
        let client_id = self.client_id.clone();
        let told = told(
            "tokens.revoked",
            format!("all tokens of {client_id} are refused from now on, by {}", audit.operator),
            &client_id,
            json!({"revoked": revoked, "by": audit.operator}),
            now,
        );
        let record = Record::RevokeTokens { client_id, at: now };
        let audit_seq = write(d, vec![], vec![record], told, audit).await?;
        Ok(audit_seq.map(|audit_seq| pb::RevokeTokensReply { revoked, audit_seq }))
    }

    async fn repeat(&self, _: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        let revoked = small(facts(&row.before)["live_tokens"].as_i64().unwrap_or_default());
        Ok(pb::RevokeTokensReply { revoked, audit_seq: row.seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_rotated() {
        let day = 24 * 3_600_000;
        for (order_type, grace_ms, want) in [
            ("recharge", 0, Some(1)),
            ("all", day, Some(3)),
            ("all", day + 1, None),
            ("refund", 0, None),
            ("", 0, None),
            ("ALL", 0, None),
        ] {
            let ask =
                pb::RotatePasswordRequest { r#type: order_type.to_owned(), grace_ms, ..Default::default() };
            let types = RotatePassword::new(ask).ok().map(|r| r.types.len());
            assert_eq!(types, want, "{order_type} {grace_ms}");
        }
    }
}
