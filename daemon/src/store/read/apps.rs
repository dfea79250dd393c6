//! Apps with the age and version of their credentials, never the values.

use sluice_core::time::Timestamp;
use sqlx::Row;

use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

#[derive(Clone, Debug)]
pub(crate) struct AppRow {
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) merchant: String,
    pub(crate) status: String,
    pub(crate) callback_url: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) live_tokens: u32,
    pub(crate) passwords: Vec<PasswordRow>,
    pub(crate) keys: Vec<MerchantKeyRow>,
}

#[derive(Clone, Debug)]
pub(crate) struct PasswordRow {
    pub(crate) order_type: String,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    /// Until when the former version still counts.
    pub(crate) former_grace_until: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(crate) struct MerchantKeyRow {
    pub(crate) key_id: String,
    pub(crate) fingerprint: String,
    pub(crate) bits: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
}

impl Store {
    /// Apps whose id or name, or whose merchant's name, holds `text`; at most 500.
    pub(crate) async fn list_apps(&self, text: &str, now: Timestamp) -> Result<Vec<AppRow>, StoreError> {
        let mut script = Script::default();
        script.add(
            "SELECT a.*, m.name AS merchant, CASE WHEN m.status <> 'active' THEN m.status WHEN EXISTS (SELECT 1 FROM app_suspension s \
              WHERE s.client_id = a.client_id AND s.order_type = '') THEN 'suspended' ELSE a.status || coalesce((SELECT ', ' || group_concat(s.order_type, ' and ') || ' suspended' \
              FROM app_suspension s WHERE s.client_id = a.client_id), '') END AS standing, \
             (SELECT count(*) FROM access_token t WHERE t.client_id = a.client_id AND t.expires_at > ? \
              AND t.revoked_at IS NULL) AS live_tokens \
             FROM app a JOIN merchant m USING (merchant_id) \
             WHERE instr(lower(a.client_id), lower(?)) OR instr(lower(a.name), lower(?)) OR instr(lower(m.name), lower(?)) \
             ORDER BY m.name, a.name, a.client_id LIMIT 500",
            values![now, text, text, text],
        );
        let rows = script.query()?.fetch_all(self.readers()).await?;
        let mut apps = Vec::with_capacity(rows.len());
        for r in &rows {
            let client_id: String = r.try_get("client_id")?;
            apps.push(AppRow {
                name: r.try_get("name")?,
                merchant: r.try_get("merchant")?,
                status: r.try_get("standing")?,
                callback_url: r.try_get("callback_url")?,
                created_at: Timestamp(r.try_get("created_at")?),
                live_tokens: r.try_get("live_tokens")?,
                passwords: self.passwords(&client_id, now).await?,
                keys: self.merchant_keys(&client_id).await?,
                client_id,
            });
        }
        Ok(apps)
    }

    /// The current passwords of an app, one per order type.
    pub(crate) async fn passwords(
        &self,
        client_id: &str,
        now: Timestamp,
    ) -> Result<Vec<PasswordRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT p.order_type, p.version, p.created_at, p.last_used_at, \
             (SELECT max(f.grace_until) FROM access_password f WHERE f.client_id = p.client_id \
              AND f.order_type = p.order_type AND f.current = 0 AND f.grace_until > $2) AS former_grace_until \
             FROM access_password p WHERE p.client_id = $1 AND p.current = 1 ORDER BY p.order_type",
        )
        .bind(client_id.to_owned())
        .bind(now.millis())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                Ok(PasswordRow {
                    order_type: r.try_get("order_type")?,
                    version: r.try_get("version")?,
                    created_at: Timestamp(r.try_get("created_at")?),
                    former_grace_until: r.try_get::<Option<i64>, _>("former_grace_until")?.map(Timestamp),
                    last_used_at: r.try_get::<Option<i64>, _>("last_used_at")?.map(Timestamp),
                })
            })
            .collect()
    }

    /// An app's keys, oldest first.
    pub(crate) async fn merchant_keys(&self, client_id: &str) -> Result<Vec<MerchantKeyRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT key_id, fingerprint, bits, created_at, not_after, revoked_at FROM merchant_key \
             WHERE client_id = $1 ORDER BY created_at, key_id",
        )
        .bind(client_id.to_owned())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                Ok(MerchantKeyRow {
                    key_id: r.try_get("key_id")?,
                    fingerprint: r.try_get("fingerprint")?,
                    bits: r.try_get("bits")?,
                    created_at: Timestamp(r.try_get("created_at")?),
                    not_after: r.try_get::<Option<i64>, _>("not_after")?.map(Timestamp),
                    revoked_at: r.try_get::<Option<i64>, _>("revoked_at")?.map(Timestamp),
                })
            })
            .collect()
    }

    /// How many tokens of an app are valid now.
    pub(crate) async fn live_tokens(&self, client_id: &str, now: Timestamp) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) FROM access_token WHERE client_id = $1 AND expires_at > $2 AND revoked_at IS NULL",
        )
        .bind(client_id.to_owned())
        .bind(now.millis())
        .fetch_one(self.readers())
        .await?;
        Ok(row.try_get(0)?)
    }

    /// A merchant's id by its name.
    pub(crate) async fn merchant_id(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT merchant_id FROM merchant WHERE name = $1")
            .bind(name.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.map(|r| r.try_get(0).map_err(StoreError::from)).transpose()
    }
}
