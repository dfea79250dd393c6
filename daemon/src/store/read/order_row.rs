//! A row of `orders`, with its attempts, callbacks and suspense, as the core's order.

use serde::Deserialize;
use sluice_core::fee::{Bearer, FeeTerms};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::money::Amount;
use sluice_core::order::{
    AnyOrder, Attempt, AttemptState, CallbackBrief, CallbackState, ClosedReason, Kind, Order, Refunds,
    State as _, recharge, refund, trade, withdraw,
};
use sluice_core::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::StoreError;

/// The columns of an order `o`, one row each.
pub(super) const COLUMNS: &str = "o.order_id, o.kind, o.client_id, o.merchant_order_no, o.user_ref, o.amount_minor, \
    o.currency, o.fee_minor, o.fee_bearer, o.fee_returnable, o.notify_url, o.metadata, o.content_digest, \
    o.machine_state, o.closed_reason, o.state_version, o.row_version, o.flags, o.created_at, o.paid_at, o.expires_at, \
    o.refunds_open, o.refunds_failed, o.refunding_minor, o.refunded_minor, o.refund_fee_minor, o.refund_next_at, \
    o.details, \
    (SELECT json_group_array(json_object('no', no, 'channel', channel, 'channel_ref', channel_ref, \
      'channel_order_no', channel_order_no, 'state', state, 'sends', sends, 'queries', queries, 'sent_at', sent_at, \
      'answered_at', answered_at, 'presence', presence, 'unknown_since', unknown_since, 'code', code, \
      'message', message)) \
      FROM (SELECT * FROM attempt WHERE order_id = o.order_id ORDER BY no)) AS attempts, \
    (SELECT json_group_array(json_object('callback_id', callback_id, 'type', kind, 'state', state, \
      'attempts', attempts)) \
      FROM (SELECT * FROM callback WHERE order_id = o.order_id ORDER BY created_at, callback_id)) AS callbacks, \
    (SELECT json_group_array(key) FROM suspense WHERE order_id = o.order_id) AS suspense_keys, \
    (SELECT count(*) FROM suspense WHERE order_id = o.order_id AND state = 'open') AS undecided";

/// The row as the order that its id says.
pub(super) fn order(row: &SqliteRow) -> Result<AnyOrder, StoreError> {
    let id: OrderId =
        row.try_get::<String, _>("order_id")?.parse().map_err(|_| StoreError::Row("order_id"))?;
    Ok(match id.kind() {
        OrderKind::Recharge => AnyOrder::Recharge(of_kind::<recharge::Details>(id, row)?),
        OrderKind::Withdraw => AnyOrder::Withdraw(of_kind::<withdraw::Details>(id, row)?),
        OrderKind::Trade => AnyOrder::Trade(of_kind::<trade::Details>(id, row)?),
        OrderKind::Refund => AnyOrder::Refund(of_kind::<refund::Details>(id, row)?),
    })
}

fn of_kind<K: Kind>(id: OrderId, row: &SqliteRow) -> Result<Order<K>, StoreError> {
    let currency = row.try_get::<String, _>("currency")?.parse().map_err(|_| StoreError::Row("currency"))?;
    let time = |column| row.try_get::<Option<i64>, _>(column).map(|t| t.map(Timestamp));
    let state = u8::try_from(row.try_get::<i64, _>("machine_state")?).ok().and_then(K::State::from_number);
    let bearer = Bearer::from_name(&row.try_get::<String, _>("fee_bearer")?);
    Ok(Order {
        id,
        client_id: row.try_get("client_id")?,
        merchant_order_no: row.try_get("merchant_order_no")?,
        user_ref: row.try_get("user_ref")?,
        amount: Amount::new(row.try_get("amount_minor")?, currency),
        fee: row.try_get("fee_minor")?,
        fee_terms: FeeTerms {
            bearer: bearer.ok_or(StoreError::Row("fee_bearer"))?,
            returned: row.try_get::<i64, _>("fee_returnable")? != 0,
        },
        notify_url: row.try_get("notify_url")?,
        metadata: json(row, "metadata")?,
        content_digest: row.try_get("content_digest")?,
        state: state.ok_or(StoreError::Row("machine_state"))?,
        closed_reason: row
            .try_get::<Option<String>, _>("closed_reason")?
            .map(|r| ClosedReason::from_name(&r).ok_or(StoreError::Row("closed_reason")))
            .transpose()?,
        state_version: row.try_get("state_version")?,
        row_version: row.try_get("row_version")?,
        flags: json(row, "flags")?,
        created_at: Timestamp(row.try_get("created_at")?),
        paid_at: time("paid_at")?,
        expires_at: time("expires_at")?,
        attempts: json::<Vec<AttemptRow>>(row, "attempts")?
            .into_iter()
            .map(AttemptRow::attempt)
            .collect::<Result<_, _>>()?,
        callbacks: json::<Vec<CallbackRow>>(row, "callbacks")?
            .into_iter()
            .map(CallbackRow::brief)
            .collect::<Result<_, _>>()?,
        refunds: Refunds {
            open: row.try_get("refunds_open")?,
            failed: row.try_get("refunds_failed")?,
            refunding: row.try_get("refunding_minor")?,
            refunded: row.try_get("refunded_minor")?,
            fee_returned: row.try_get("refund_fee_minor")?,
            next_at: time("refund_next_at")?,
        },
        suspense_keys: json(row, "suspense_keys")?,
        undecided: row.try_get("undecided")?,
        details: json(row, "details")?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| StoreError::Row(column))
}

#[derive(Deserialize)]
struct AttemptRow {
    no: u16,
    channel: String,
    channel_ref: String,
    channel_order_no: Option<String>,
    state: String,
    sends: u32,
    queries: u32,
    sent_at: i64,
    answered_at: Option<i64>,
    presence: Option<String>,
    unknown_since: Option<i64>,
    code: String,
    message: String,
}

impl AttemptRow {
    fn attempt(self) -> Result<Attempt, StoreError> {
        let presence = self.presence.map(|p| serde_json::from_value(serde_json::Value::String(p)));
        Ok(Attempt {
            no: self.no,
            channel: self.channel,
            channel_ref: self.channel_ref,
            channel_order_no: self.channel_order_no,
            state: AttemptState::from_name(&self.state).ok_or(StoreError::Row("attempt.state"))?,
            sends: self.sends,
            queries: self.queries,
            sent_at: Timestamp(self.sent_at),
            answered_at: self.answered_at.map(Timestamp),
            presence: presence.transpose().map_err(|_| StoreError::Row("attempt.presence"))?,
            unknown_since: self.unknown_since.map(Timestamp),
            code: self.code,
            message: self.message,
        })
    }
}

#[derive(Deserialize)]
struct CallbackRow {
    callback_id: String,
    r#type: String,
    state: String,
    attempts: u32,
}

impl CallbackRow {
    fn brief(self) -> Result<CallbackBrief, StoreError> {
        Ok(CallbackBrief {
            state: CallbackState::from_name(&self.state).ok_or(StoreError::Row("callback.state"))?,
            callback_id: self.callback_id,
            r#type: self.r#type,
            attempts: self.attempts,
        })
    }
}
