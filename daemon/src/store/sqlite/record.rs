//! The edge's records as statements.

use super::{desk, risk};
use crate::store::script::{Script, values};
use crate::store::unit::{AuditDraft, CallbackTried, NewPassword, Record};

pub(super) fn render(script: &mut Script, record: &Record) {
    match record {
        Record::Evidence(e) => script.statement(
            "INSERT INTO evidence (evidence_id, order_id, channel, op, at, latency_ms, http_status, request, response, \
             error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values![
                &e.evidence_id,
                e.order_id.clone(),
                &e.channel,
                e.op,
                e.at,
                e.latency_ms,
                e.http_status,
                e.request.clone(),
                e.response.clone(),
                &e.error
            ],
        ),
        Record::CallbackTried(tried) => callback_tried(script, tried),
        Record::CallbackReplayed { callback_id, by } => script.statement(
            "UPDATE callback SET state = CASE state WHEN 'stuck' THEN 'pending' ELSE state END, \
             schedule_from = attempts, replay_by = ? WHERE callback_id = ?",
            values![by, callback_id],
        ),
        Record::Merchant { merchant_id, name, at } => script.statement(
            "INSERT INTO merchant (merchant_id, name, status, created_at) VALUES (?, ?, 'active', ?)",
            values![merchant_id, name, *at],
        ),
        Record::App(app) => script.statement(
            "INSERT INTO app (client_id, merchant_id, name, secret_digest, callback_url, status, order_types, created_at) \
             VALUES (?, ?, ?, ?, ?, 'active', 'recharge withdraw trade', ?)",
            values![
                &app.client_id,
                &app.merchant_id,
                &app.name,
                &app.secret_digest,
                app.callback_url.clone(),
                app.at
            ],
        ),
        Record::MerchantKey(key) => script.statement(
            "INSERT INTO merchant_key (client_id, key_id, spki_der, fingerprint, bits, created_at, not_after) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            values![
                &key.client_id,
                &key.key_id,
                key.spki_der.clone(),
                &key.fingerprint,
                key.bits,
                key.at,
                key.not_after
            ],
        ),
        Record::RevokeMerchantKey { client_id, key_id, at } => script.statement(
            "UPDATE merchant_key SET revoked_at = coalesce(revoked_at, ?) WHERE client_id = ? AND key_id = ?",
            values![*at, client_id, key_id],
        ),
        Record::Token { digest, client_id, at, expires_at } => script.statement(
            "INSERT INTO access_token (token_digest, client_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
            values![digest, client_id, *at, *expires_at],
        ),
        Record::RevokeTokens { client_id, at } => script.statement(
            "UPDATE access_token SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL AND expires_at > ?",
            values![*at, client_id, *at],
        ),
        Record::Password(password) => new_password(script, password),
        Record::PasswordUsed { client_id, order_type, version, at } => script.statement(
            "UPDATE access_password SET last_used_at = ? WHERE client_id = ? AND order_type = ? AND version = ?",
            values![*at, client_id, order_type.name(), *version],
        ),
        Record::WalletKey(key) => {
            let (former, signature) = key.former.clone().unzip();
            script.statement(
                "INSERT INTO wallet_key (key_id, sealed, spki_pem, not_before, former_key_id, former_signature, created_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                values![
                    &key.key_id,
                    key.sealed.clone(),
                    &key.spki_pem,
                    key.not_before,
                    former,
                    signature,
                    key.at
                ],
            );
        }
        Record::Operator { name, role, token_digest, at, expires_at } => script.statement(
            "INSERT INTO operator (name, role, token_digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (name) DO UPDATE SET role = excluded.role, token_digest = excluded.token_digest, \
             created_at = excluded.created_at, expires_at = excluded.expires_at, disabled_at = NULL",
            values![name, role, token_digest, *at, *expires_at],
        ),
        Record::DisableOperator { name, at } => {
            script.statement("UPDATE operator SET disabled_at = ? WHERE name = ?", values![*at, name]);
        }
        Record::Tariff { client_id, order_type, channel, starts_at, tariff } => {
            let rule = &tariff.rule;
            script.statement(
                "INSERT OR REPLACE INTO tariff (client_id, order_type, channel, starts_at, ppm, fixed_minor, min_minor, \
                 max_minor, bearer, returned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values![
                    client_id,
                    order_type.name(),
                    channel,
                    *starts_at,
                    rule.ppm,
                    rule.fixed,
                    rule.min,
                    rule.max,
                    tariff.terms.bearer.name(),
                    tariff.terms.returned
                ],
            );
        }
        Record::AppRefunds { client_id, app_helps } => script.statement(
            "UPDATE app SET refund_from = ? WHERE client_id = ?",
            values![if *app_helps { "user_then_app" } else { "user" }, client_id],
        ),
        Record::Desk(record) => desk::record(script, record),
        Record::Risk(record) => risk::record(script, record),
        Record::ReleaseLeases => script.statement(
            "UPDATE task SET lease_owner = NULL, lease_until = NULL, fence = fence + 1 WHERE lease_owner IS NOT NULL",
            vec![],
        ),
        Record::Expire { nonces_before, evidence_before, events_before, usage_before } => {
            script.statement("DELETE FROM nonce WHERE until < ?", values![*nonces_before]);
            script.statement("DELETE FROM access_token WHERE expires_at < ?", values![*nonces_before]);
            script.statement("DELETE FROM evidence WHERE at < ?", values![*evidence_before]);
            script.statement("DELETE FROM event WHERE order_id IS NULL AND at < ?", values![*events_before]);
            risk::expire(script, *usage_before);
            desk::expire(script);
        }
    }
}

fn callback_tried(script: &mut Script, tried: &CallbackTried) {
    script.statement(
        "INSERT INTO callback_attempt (callback_id, no, at, latency_ms, status, error, detail, body, key_id, \
         password_version, by) SELECT callback_id, attempts + 1, ?, ?, ?, ?, ?, ?, ?, ?, replay_by \
         FROM callback WHERE callback_id = ?",
        values![
            tried.at,
            tried.latency_ms,
            tried.status,
            tried.error,
            &tried.detail,
            tried.body.clone(),
            &tried.key_id,
            tried.password_version,
            &tried.callback_id
        ],
    );
    script.statement(
        "UPDATE callback SET attempts = attempts + 1, last_attempt_at = ?, last_status = ?, last_error = ?, \
         last_detail = ?, replay_by = '', state = CASE WHEN ? AND state = 'pending' THEN 'stuck' ELSE state END \
         WHERE callback_id = ?",
        values![tried.at, tried.status, tried.error, &tried.detail, tried.stuck, &tried.callback_id],
    );
}

fn new_password(script: &mut Script, p: &NewPassword) {
    script.statement(
        "UPDATE access_password SET current = 0, grace_until = CASE current WHEN 1 THEN ? ELSE NULL END \
         WHERE client_id = ? AND order_type = ?",
        values![p.former_grace_until, &p.client_id, p.order_type.name()],
    );
    script.statement(
        "INSERT INTO access_password (client_id, order_type, version, sealed, digest, created_at, current) \
         VALUES (?, ?, ?, ?, ?, ?, 1)",
        values![&p.client_id, p.order_type.name(), p.version, p.sealed.clone(), &p.digest, p.at],
    );
}

/// The audit row at its place in the chain.
pub(super) fn audit(script: &mut Script, draft: &AuditDraft, seq: i64, hash: &str) {
    script.statement(
        "INSERT INTO audit (seq, at, operator, role, action, target, reason, before, after, request_id, hash) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            seq,
            draft.at,
            &draft.operator,
            &draft.role,
            draft.action,
            &draft.target,
            &draft.reason,
            draft.before.to_string(),
            draft.after.to_string(),
            &draft.request_id,
            hash
        ],
    );
}
