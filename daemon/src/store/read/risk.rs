//! What operators see of risk: rules, users, payees, suspensions, and what is used of daily limits.

use sluice_core::money::{Amount, Currency};
use sluice_core::risk::{Day, UserState};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::script::{Script, values};
use crate::store::{Store, StoreError};

/// An app's document.
#[derive(Clone, Debug)]
pub(crate) struct RulesRow {
    pub(crate) client_id: String,
    pub(crate) version: i64,
    pub(crate) document: String,
    pub(crate) changed_at: Timestamp,
    pub(crate) changed_by: String,
}

/// A user of an app.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    pub(crate) client_id: String,
    pub(crate) user_ref: String,
    pub(crate) state: UserState,
    pub(crate) opened_at: Timestamp,
}

/// Which users a list holds, by name. Empty fields do not filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserFilter {
    pub(crate) client_id: String,
    /// Only those in this state.
    pub(crate) state: Option<UserState>,
    /// Only those in another state than normal.
    pub(crate) restricted: bool,
    /// After this one.
    pub(crate) after: String,
    pub(crate) limit: u32,
}

/// An app, or one order type of it, that is stopped.
#[derive(Clone, Debug)]
pub(crate) struct SuspensionRow {
    pub(crate) client_id: String,
    /// `None`: the whole app.
    pub(crate) order_type: Option<OrderType>,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    pub(crate) reason: String,
}

/// A payee on an app's list.
#[derive(Clone, Debug)]
pub(crate) struct PayeeRow {
    pub(crate) payee_key: String,
    pub(crate) masked: String,
    pub(crate) added_at: Timestamp,
    pub(crate) added_by: String,
}

/// What was counted of a day.
#[derive(Clone, Debug)]
pub(crate) struct UsageRow {
    pub(crate) order_type: OrderType,
    pub(crate) amount: Amount,
    pub(crate) orders: i64,
}

impl Store {
    /// An app's document, if it ever had one.
    pub(crate) async fn risk_rules(&self, client_id: &str) -> Result<Option<RulesRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM risk_rules WHERE client_id = $1")
            .bind(client_id.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(rules).transpose()
    }

    /// Every app's document.
    pub(crate) async fn all_risk_rules(&self) -> Result<Vec<RulesRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM risk_rules").fetch_all(self.readers()).await?;
        rows.iter().map(rules).collect()
    }

    /// Whether there is such an app.
    pub(crate) async fn is_app(&self, client_id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM app WHERE client_id = $1)")
            .bind(client_id.to_owned())
            .fetch_one(self.readers())
            .await?;
        Ok(row.try_get::<i64, _>(0)? != 0)
    }

    /// A user of an app, if it was ever named.
    pub(crate) async fn app_user(
        &self,
        client_id: &str,
        user_ref: &str,
    ) -> Result<Option<UserRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM app_user WHERE client_id = $1 AND user_ref = $2")
            .bind(client_id.to_owned())
            .bind(user_ref.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(user).transpose()
    }

    /// A page of an app's users.
    pub(crate) async fn app_users(&self, filter: &UserFilter) -> Result<Vec<UserRow>, StoreError> {
        let mut script = Script::default();
        script.add(
            "SELECT * FROM app_user WHERE client_id = ? AND user_ref > ?",
            values![&filter.client_id, &filter.after],
        );
        if filter.restricted {
            script.add(" AND state <> 'normal'", vec![]);
        }
        if let Some(state) = filter.state {
            script.add(" AND state = ?", values![state.name()]);
        }
        script.add(" ORDER BY user_ref LIMIT ?", values![filter.limit]);
        let rows = script.query()?.fetch_all(self.readers()).await?;
        rows.iter().map(user).collect()
    }

    /// What is stopped, of an app or ('') of all.
    pub(crate) async fn suspensions(&self, client_id: &str) -> Result<Vec<SuspensionRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM app_suspension WHERE $1 IN ('', client_id) ORDER BY client_id, order_type LIMIT 1000",
        )
        .bind(client_id.to_owned())
        .fetch_all(self.readers())
        .await?;
        rows.iter()
            .map(|r| {
                let order_type: String = r.try_get("order_type")?;
                Ok(SuspensionRow {
                    client_id: r.try_get("client_id")?,
                    order_type: match order_type.as_str() {
                        "" => None,
                        name => Some(OrderType::from_name(name).ok_or(StoreError::Row("order_type"))?),
                    },
                    at: Timestamp(r.try_get("suspended_at")?),
                    by: r.try_get("suspended_by")?,
                    reason: r.try_get("reason")?,
                })
            })
            .collect()
    }

    /// A page of an app's listed payees, by key.
    pub(crate) async fn payees(
        &self,
        client_id: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<PayeeRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM risk_payee WHERE client_id = $1 AND payee_key > $2 ORDER BY payee_key LIMIT $3",
        )
        .bind(client_id.to_owned())
        .bind(after.to_owned())
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(payee).collect()
    }

    /// A payee on an app's list, if it is there.
    pub(crate) async fn payee(
        &self,
        client_id: &str,
        payee_key: &str,
    ) -> Result<Option<PayeeRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM risk_payee WHERE client_id = $1 AND payee_key = $2")
            .bind(client_id.to_owned())
            .bind(payee_key.to_owned())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(payee).transpose()
    }

    /// What was counted of a user's day; of the whole app's, where no user is named.
    pub(crate) async fn risk_usage(
        &self,
        client_id: &str,
        user_ref: Option<&str>,
        day: Day,
    ) -> Result<Vec<UsageRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT order_type, currency, amount_minor, orders FROM risk_usage \
             WHERE day = $1 AND client_id = $2 AND user_ref = $3 AND order_type IN ('recharge', 'withdraw', 'trade') \
             ORDER BY order_type, currency",
        )
        .bind(day.number())
        .bind(client_id.to_owned())
        .bind(user_ref.unwrap_or_default().to_owned())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(usage).collect()
    }
}

fn rules(r: &SqliteRow) -> Result<RulesRow, StoreError> {
    Ok(RulesRow {
        client_id: r.try_get("client_id")?,
        version: r.try_get("version")?,
        document: r.try_get("document")?,
        changed_at: Timestamp(r.try_get("changed_at")?),
        changed_by: r.try_get("changed_by")?,
    })
}

fn user(r: &SqliteRow) -> Result<UserRow, StoreError> {
    let state = UserState::from_name(&r.try_get::<String, _>("state")?);
    Ok(UserRow {
        client_id: r.try_get("client_id")?,
        user_ref: r.try_get("user_ref")?,
        state: state.ok_or(StoreError::Row("state"))?,
        opened_at: Timestamp(r.try_get("opened_at")?),
    })
}

fn payee(r: &SqliteRow) -> Result<PayeeRow, StoreError> {
    Ok(PayeeRow {
        payee_key: r.try_get("payee_key")?,
        masked: r.try_get("masked")?,
        added_at: Timestamp(r.try_get("added_at")?),
        added_by: r.try_get("added_by")?,
    })
}

fn usage(r: &SqliteRow) -> Result<UsageRow, StoreError> {
    let order_type = OrderType::from_name(&r.try_get::<String, _>("order_type")?);
    let currency: Currency =
        r.try_get::<String, _>("currency")?.parse().map_err(|_| StoreError::Row("currency"))?;
    Ok(UsageRow {
        order_type: order_type.ok_or(StoreError::Row("order_type"))?,
        amount: Amount::new(r.try_get("amount_minor")?, currency),
        orders: r.try_get("orders")?,
    })
}
