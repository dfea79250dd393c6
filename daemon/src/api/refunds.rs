//! `/v1/recharges/{order_id}/refunds` and `/v1/trades/{order_id}/refunds`: create, list.

use std::sync::Arc;

use serde_json::json;
use sluice_core::id::OrderKind;
use sluice_core::order::refund::NewRefund;
use sluice_core::signing::sha256_hex;

use super::answer::{Answer, Fault};
use super::fields::Fields;
use super::gate::Verified;
use super::order_fields;
use super::orders::{self, Place};
use crate::daemon::Daemon;
use crate::order;
use crate::order::create::Original;

pub(super) async fn create(
    d: &Arc<Daemon>,
    v: &Verified,
    original: Place<'_>,
    body: &[u8],
) -> Result<Answer, Fault> {
    let mut fields = Fields::parse(body)?;
    let merchant_order_no = order_fields::merchant_order_no(&mut fields)?;
    let amount = order_fields::amount(&mut fields)?;
    let reason = fields.text("reason", 1..=128)?;
    fields.finish()?;
    let paid = orders::mine(d, v, original).await?;
    if amount.currency != paid.amount().currency {
        return Err(Fault::field("amount.currency", "not the order's"));
    }
    let asked = json!({"original_order_id": paid.id(), "merchant_order_no": merchant_order_no, "amount": amount,
                       "reason": reason});
    let content_digest = sha256_hex(asked.to_string().as_bytes());
    let new = NewRefund { merchant_order_no, amount, reason, content_digest };
    let original = Original { id: paid.id(), client_id: v.check.client_id.clone(), app_helps: v.app_refunds };
    orders::created(order::create::refund(d, original, new, v.admission()).await?)
}

pub(super) async fn list(
    d: &Daemon,
    v: &Verified,
    original: Place<'_>,
    query: &str,
) -> Result<Answer, Fault> {
    let paid = orders::mine(d, v, original).await?;
    orders::list(d, v, OrderKind::Refund, Some(paid.id()), query).await
}
