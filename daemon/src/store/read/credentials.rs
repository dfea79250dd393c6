//! What the gate needs to know of an app, in one statement.

use sluice_core::fee::{Bearer, FeeRule, FeeTerms, Tariff};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

/// An app as a request's token, type and key id find it.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) client_id: String,
    /// The app and its merchant are active, the app may use the order type, and neither is suspended.
    pub(crate) allowed: bool,
    pub(crate) callback_url: Option<String>,
    /// Whether a refund takes the app's money where the user's does not suffice.
    pub(crate) app_refunds: bool,
    /// The key, if it is active: SPKI DER.
    pub(crate) key: Option<Vec<u8>>,
    /// Versions that count now, the current one first.
    pub(crate) passwords: Vec<SealedPassword>,
    /// The risk rules' version and document, if the app ever had any.
    pub(crate) rules: Option<(i64, String)>,
}

/// A password as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct SealedPassword {
    pub(crate) version: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) last_used_at: Option<Timestamp>,
}

impl Store {
    /// Who a valid token belongs to, with what else the gate checks.
    pub(crate) async fn caller(
        &self,
        token_digest: &str,
        order_type: OrderType,
        key_id: &str,
        now: Timestamp,
    ) -> Result<Option<Caller>, StoreError> {
        let mut script = Script::default();
        script.add(
            "SELECT a.client_id, a.callback_url, a.refund_from, \
             a.status = 'active' AND m.status = 'active' AND instr(' ' || a.order_types || ' ', ' ' || ? || ' ') \
               AND NOT EXISTS (SELECT 1 FROM app_suspension s WHERE s.client_id = a.client_id \
                 AND s.order_type IN ('', ?)) AS allowed, \
             k.spki_der, p.version, p.sealed, p.last_used_at, r.version AS rules_version, r.document AS rules \
             FROM access_token t JOIN app a USING (client_id) JOIN merchant m USING (merchant_id) \
             LEFT JOIN merchant_key k ON k.client_id = a.client_id AND k.key_id = ? AND k.revoked_at IS NULL \
               AND (k.not_after IS NULL OR k.not_after > ?) \
             LEFT JOIN access_password p ON p.client_id = a.client_id AND p.order_type = ? \
               AND (p.current = 1 OR p.grace_until > ?) \
             LEFT JOIN risk_rules r ON r.client_id = a.client_id \
             WHERE t.token_digest = ? AND t.expires_at > ? AND t.revoked_at IS NULL ORDER BY p.version DESC",
            values![
                order_type.name(),
                order_type.name(),
                key_id,
                now,
                order_type.name(),
                now,
                token_digest,
                now
            ],
        );
        let rows = script.query()?.fetch_all(self.readers()).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let mut passwords = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(version) = row.try_get::<Option<i64>, _>("version")? {
                passwords.push(SealedPassword {
                    version,
                    sealed: row.try_get("sealed")?,
                    last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(Timestamp),
                });
            }
        }
        Ok(Some(Caller {
            client_id: first.try_get("client_id")?,
            allowed: first.try_get::<i64, _>("allowed")? != 0,
            callback_url: first.try_get("callback_url")?,
            app_refunds: first.try_get::<String, _>("refund_from")? == "user_then_app",
            key: first.try_get("spki_der")?,
            passwords,
            rules: first.try_get::<Option<i64>, _>("rules_version")?.zip(first.try_get("rules")?),
        }))
    }

    /// Whether a nonce was used. The transaction checks again.
    pub(crate) async fn nonce_used(&self, client_id: &str, nonce: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM nonce WHERE client_id = $1 AND nonce = $2)")
            .bind(client_id.to_owned())
            .bind(nonce.to_owned())
            .fetch_one(self.readers())
            .await?;
        Ok(row.try_get::<i64, _>(0)? != 0)
    }

    /// The current password of an app and type, for signing callbacks.
    pub(crate) async fn current_password(
        &self,
        client_id: &str,
        order_type: OrderType,
    ) -> Result<Option<SealedPassword>, StoreError> {
        let row = sqlx::query(
            "SELECT version, sealed, last_used_at FROM access_password \
             WHERE client_id = $1 AND order_type = $2 AND current = 1",
        )
        .bind(client_id.to_owned())
        .bind(order_type.name())
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SealedPassword {
            version: row.try_get("version")?,
            sealed: row.try_get("sealed")?,
            last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(Timestamp),
        }))
    }

    /// Digests of passwords that an app may not choose for a type: all current ones of the app, and the type's last ten.
    pub(crate) async fn used_password_digests(
        &self,
        client_id: &str,
        order_type: OrderType,
    ) -> Result<Vec<String>, StoreError> {
        let limit = i64::try_from(sluice_core::password::REMEMBERED).unwrap_or(10) + 1;
        let mut script = Script::default();
        script.add(
            "SELECT digest FROM (SELECT digest FROM access_password WHERE client_id = ? AND order_type = ? \
             ORDER BY version DESC LIMIT ?) \
             UNION SELECT digest FROM access_password WHERE client_id = ? AND (current = 1 OR grace_until IS NOT NULL)",
            values![client_id, order_type.name(), limit, client_id],
        );
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(|r| r.try_get(0).map_err(StoreError::from)).collect()
    }

    /// An app's secret digest, if app and merchant are active.
    pub(crate) async fn app_secret_digest(&self, client_id: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT a.secret_digest FROM app a JOIN merchant m USING (merchant_id) \
             WHERE a.client_id = $1 AND a.status = 'active' AND m.status = 'active'",
        )
        .bind(client_id.to_owned())
        .fetch_optional(self.readers())
        .await?;
        row.map(|r| r.try_get(0).map_err(StoreError::from)).transpose()
    }

    /// Our fee for an app, type and channel at a time: the channel's own tariff goes before the general one.
    pub(crate) async fn tariff(
        &self,
        client_id: &str,
        order_type: OrderType,
        channel: &str,
        at: Timestamp,
    ) -> Result<Tariff, StoreError> {
        let row = sqlx::query(
            "SELECT ppm, fixed_minor, min_minor, max_minor, bearer, returned FROM tariff \
             WHERE client_id = $1 AND order_type = $2 AND channel IN ($3, '') AND starts_at <= $4 \
             ORDER BY channel DESC, starts_at DESC LIMIT 1",
        )
        .bind(client_id.to_owned())
        .bind(order_type.name())
        .bind(channel.to_owned())
        .bind(at.millis())
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(Tariff::default()) };
        let bearer = Bearer::from_name(&row.try_get::<String, _>("bearer")?);
        Ok(Tariff {
            rule: FeeRule {
                ppm: row.try_get("ppm")?,
                fixed: row.try_get("fixed_minor")?,
                min: row.try_get("min_minor")?,
                max: row.try_get("max_minor")?,
            },
            terms: FeeTerms {
                bearer: bearer.ok_or(StoreError::Row("bearer"))?,
                returned: row.try_get::<i64, _>("returned")? != 0,
            },
        })
    }
}
