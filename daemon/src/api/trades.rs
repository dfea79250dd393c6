//! `/v1/trades`: create, capture, void.

use serde_json::json;
use sluice_core::id::OrderKind;
use sluice_core::order::TradeMode;
use sluice_core::order::trade::{self, NewTrade};
use sluice_core::signing::sha256_hex;

use super::answer::{Answer, Fault};
use super::fields::Fields;
use super::gate::Verified;
use super::order_fields::{self, METADATA};
use super::orders::{self, Place};
use crate::daemon::Daemon;
use crate::order::{self, Extra, decide};

pub(super) async fn create(d: &Daemon, v: &Verified, body: &[u8]) -> Result<Answer, Fault> {
    let new = read(d, v, body)?;
    orders::created(order::create::trade(d, &new, v.asking()).await?)
}

/// Once, partly or whole; the rest is free again. Without an amount: all.
pub(super) async fn capture(d: &Daemon, v: &Verified, id: &str, body: &[u8]) -> Result<Answer, Fault> {
    let amount = if body.is_empty() {
        None
    } else {
        let mut fields = Fields::parse(body)?;
        let amount = order_fields::optional_amount(&mut fields)?;
        fields.finish()?;
        amount
    };
    let order = orders::mine(d, v, Place::of(OrderKind::Trade, id)).await?;
    if amount.is_some_and(|a| a.currency != order.amount().currency) {
        return Err(Fault::field("amount.currency", "not the trade's"));
    }
    let admission = v.admission();
    let capturing = decide(d, order.id(), Extra::default(), |subject, ctx| {
        trade::capture(subject.order.trade()?, amount.map(|a| a.minor), &admission, ctx)
    });
    let order = orders::decided(capturing.await)?;
    Ok(Answer::plain(200, json!(order.object())))
}

pub(super) async fn void(d: &Daemon, v: &Verified, id: &str, body: &[u8]) -> Result<Answer, Fault> {
    orders::empty(body)?;
    let order = orders::mine(d, v, Place::of(OrderKind::Trade, id)).await?;
    let admission = v.admission();
    let voiding = decide(d, order.id(), Extra::default(), |subject, ctx| {
        trade::void(subject.order.trade()?, &admission, ctx)
    });
    let order = orders::decided(voiding.await)?;
    Ok(Answer::plain(200, json!(order.object())))
}

fn read(d: &Daemon, v: &Verified, body: &[u8]) -> Result<NewTrade, Fault> {
    let mut fields = Fields::parse(body)?;
    let merchant_order_no = order_fields::merchant_order_no(&mut fields)?;
    let from_user_ref = order_fields::user_ref(&mut fields, "from_user_ref")?;
    let to_user_ref = to(fields.object("to")?)?;
    let amount = order_fields::amount(&mut fields)?;
    let mode = TradeMode::from_name(&fields.text("mode", 1..=16)?);
    let mode = mode.ok_or_else(|| Fault::field("mode", "direct or authorise"))?;
    let asked_expiry = fields.has("expires_in");
    let expires_in = order_fields::expires_in(&mut fields, d.config.trade.expiry())?;
    let notify_url = order_fields::url(&mut fields, "notify_url", d.config.callback.allow_http)?;
    let metadata = fields.texts("metadata", METADATA)?;
    fields.finish()?;
    if asked_expiry && mode == TradeMode::Direct {
        return Err(Fault::field("expires_in", "a direct trade is done at once"));
    }
    if to_user_ref.as_ref() == Some(&from_user_ref) {
        return Err(Fault::field("to", "the payer pays itself"));
    }
    let notify_url = notify_url.or_else(|| v.callback_url.clone());
    let asked = json!({
        "merchant_order_no": merchant_order_no, "from_user_ref": from_user_ref, "to_user_ref": to_user_ref,
        "amount": amount, "mode": mode, "notify_url": notify_url, "metadata": metadata,
        "expires_in_ms": u64::try_from(expires_in.as_millis()).unwrap_or(u64::MAX),
    });
    Ok(NewTrade {
        client_id: v.check.client_id.clone(),
        content_digest: sha256_hex(asked.to_string().as_bytes()),
        merchant_order_no,
        from_user_ref,
        to_user_ref,
        amount,
        mode,
        expires_in,
        notify_url,
        metadata,
    })
}

/// The user who is paid; none: the app.
fn to(mut fields: Fields) -> Result<Option<String>, Fault> {
    let app = fields.take("app");
    let user =
        if fields.has("user_ref") { Some(order_fields::user_ref(&mut fields, "user_ref")?) } else { None };
    fields.finish()?;
    match (app, user) {
        (Some(serde_json::Value::Bool(true)), None) => Ok(None),
        (None, Some(user)) => Ok(Some(user)),
        _ => Err(Fault::field("to", "either {\"user_ref\": …} or {\"app\": true}")),
    }
}
