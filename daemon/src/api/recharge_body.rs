//! The body of `POST /v1/recharges`, read and checked.

use std::collections::BTreeMap;

use serde_json::json;
use sluice_core::code::ApiCode;
use sluice_core::money::Currency;
use sluice_core::order::Method;
use sluice_core::order::recharge::NewRecharge;
use sluice_core::signing::sha256_hex;

use super::answer::Fault;
use super::fields::Fields;
use super::gate::Verified;
use super::order_fields::{self, METADATA};
use crate::channel::Channel;
use crate::daemon::Daemon;

/// Reads what a merchant asks for, and fills in the defaults.
pub(super) fn read(d: &Daemon, verified: &Verified, body: &[u8]) -> Result<NewRecharge, Fault> {
    let mut fields = Fields::parse(body)?;
    let merchant_order_no = order_fields::merchant_order_no(&mut fields)?;
    let user_ref = order_fields::user_ref(&mut fields, "user_ref")?;
    let amount = order_fields::amount(&mut fields)?;
    let subject = fields.text("subject", 1..=128)?;
    let method = method(&mut fields)?;
    let channel = fields.optional_text("channel", 1..=32)?;
    let notify_url = order_fields::url(&mut fields, "notify_url", d.config.callback.allow_http)?;
    let return_url = order_fields::url(&mut fields, "return_url", true)?;
    let expires_in = order_fields::expires_in(&mut fields, d.config.recharge.expiry())?;
    let metadata = fields.texts("metadata", METADATA)?;
    fields.finish()?;

    let channel = channel_for(d, channel.as_deref(), method, amount.currency)?;
    let notify_url = notify_url.or_else(|| verified.callback_url.clone());
    let asked = json!({
        "merchant_order_no": merchant_order_no, "user_ref": user_ref, "amount": amount, "subject": subject,
        "method": method, "channel": channel, "notify_url": notify_url, "return_url": return_url,
        "expires_in_ms": u64::try_from(expires_in.as_millis()).unwrap_or(u64::MAX), "metadata": metadata,
    });
    Ok(NewRecharge {
        client_id: verified.check.client_id.clone(),
        content_digest: sha256_hex(asked.to_string().as_bytes()),
        merchant_order_no,
        user_ref,
        amount,
        subject,
        method,
        channel,
        notify_url,
        return_url,
        expires_in,
        metadata: metadata.into_iter().collect::<BTreeMap<_, _>>(),
    })
}

fn method(fields: &mut Fields) -> Result<Method, Fault> {
    let name = fields.text("method", 1..=16)?;
    Method::from_name(&name).ok_or_else(|| {
        let known: Vec<_> = Method::ALL.iter().map(|m| m.name()).collect();
        Fault::field("method", format_args!("one of {}", known.join(", ")))
    })
}

/// The named channel, or the first one that has the method and the currency.
fn channel_for(d: &Daemon, named: Option<&str>, method: Method, currency: Currency) -> Result<String, Fault> {
    let fits = |c: &Channel| {
        let can = c.protocol.capabilities();
        can.methods.contains(&method) && can.currencies.contains(&currency.code())
    };
    let found = match named {
        Some(name) => Some(d.channels.get(name).ok_or_else(|| Fault::of(ApiCode::ChannelUnknown))?),
        None => d.channels.iter().find(|c| fits(c)),
    };
    found.filter(|c| fits(c)).map(|c| c.name.clone()).ok_or_else(|| {
        let who = named.unwrap_or("no channel");
        let verb = if named.is_some() { "does not have" } else { "has" };
        Fault::because(ApiCode::ChannelCannot, format!("{who} {verb} {} in {currency}", method.name()))
    })
}
