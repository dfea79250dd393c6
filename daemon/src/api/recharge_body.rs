//! The body of `POST /v1/recharges`, read and checked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_core::code::ApiCode;
use sluice_core::json::parse_strict;
use sluice_core::money::{Amount, Currency, MAX_MINOR};
use sluice_core::order::Method;
use sluice_core::order::recharge::NewRecharge;
use sluice_core::signing::sha256_hex;

use super::answer::Fault;
use super::fields::{Fields, is_unprintable};
use super::gate::Verified;
use crate::channel::Channel;
use crate::config::Config;
use crate::daemon::Daemon;

/// The most that `metadata` may hold.
const METADATA: usize = 2048;

/// Reads what a merchant asks for, and fills in the defaults.
pub(super) fn read(d: &Daemon, verified: &Verified, body: &[u8]) -> Result<NewRecharge, Fault> {
    let value = parse_strict(body).map_err(|why| Fault::because(ApiCode::JsonInvalid, why))?;
    let mut fields = Fields::of(value)?;
    let merchant_order_no = merchant_order_no(&mut fields)?;
    let user_ref = user_ref(&mut fields)?;
    let amount = amount(&mut fields)?;
    let subject = fields.text("subject", 1..=128)?;
    let method = method(&mut fields)?;
    let channel = fields.optional_text("channel", 1..=32)?;
    let notify_url = url(&mut fields, "notify_url", d.config.callback.allow_http)?;
    let return_url = url(&mut fields, "return_url", true)?;
    let expires_in = expires_in(&mut fields, &d.config)?;
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

pub(super) fn is_merchant_order_no(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

pub(super) fn is_user_ref(text: &str) -> bool {
    (1..=64).contains(&text.chars().count()) && !text.chars().any(|c| c.is_whitespace() || is_unprintable(c))
}

fn merchant_order_no(fields: &mut Fields) -> Result<String, Fault> {
    let text = fields.text("merchant_order_no", 1..=64)?;
    if is_merchant_order_no(&text) {
        Ok(text)
    } else {
        Err(Fault::field("merchant_order_no", "1 to 64 of A-Z a-z 0-9 _ -"))
    }
}

fn user_ref(fields: &mut Fields) -> Result<String, Fault> {
    let text = fields.text("user_ref", 1..=64)?;
    if is_user_ref(&text) { Ok(text) } else { Err(Fault::field("user_ref", "1 to 64 visible characters")) }
}

fn amount(fields: &mut Fields) -> Result<Amount, Fault> {
    let value = fields.take("amount").ok_or_else(|| Fault::field("amount", "missing"))?;
    let Value::Object(members) = value else {
        return Err(Fault::field("amount", "an object of `minor` and `currency`"));
    };
    let mut amount = Fields::of(Value::Object(members))?;
    let minor = amount.take("minor").as_ref().and_then(Value::as_i64);
    let minor = minor.ok_or_else(|| Fault::field("amount.minor", "a whole number of minor units"))?;
    let code =
        amount.text("currency", 3..=3).map_err(|_| Fault::field("amount.currency", "an ISO 4217 code"))?;
    amount.finish()?;
    if !(1..=MAX_MINOR).contains(&minor) {
        return Err(Fault::field("amount.minor", format_args!("not within 1 to {MAX_MINOR}")));
    }
    let currency: Currency =
        code.parse().map_err(|_| Fault::field("amount.currency", "not an ISO 4217 code"))?;
    Ok(Amount::new(minor, currency))
}

fn method(fields: &mut Fields) -> Result<Method, Fault> {
    let name = fields.text("method", 1..=16)?;
    Method::from_name(&name).ok_or_else(|| {
        let known: Vec<_> = Method::ALL.iter().map(|m| m.name()).collect();
        Fault::field("method", format_args!("one of {}", known.join(", ")))
    })
}

fn url(fields: &mut Fields, name: &'static str, allow_http: bool) -> Result<Option<String>, Fault> {
    let Some(text) = fields.optional_text(name, 1..=512)? else { return Ok(None) };
    let wrong = || {
        let which = if allow_http { "http or https" } else { "https" };
        Fault::field(name, format_args!("an absolute {which} URL without user, password and fragment"))
    };
    let url = url::Url::parse(&text).map_err(|_| wrong())?;
    let scheme_fits = url.scheme() == "https" || (allow_http && url.scheme() == "http");
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !scheme_fits || !bare || url.host_str().is_none_or(str::is_empty) || !text.is_ascii() {
        return Err(wrong());
    }
    Ok(Some(text))
}

fn expires_in(fields: &mut Fields, config: &Config) -> Result<Duration, Fault> {
    let bounds = &config.recharge;
    let Some(text) = fields.optional_text("expires_in", 1..=64)? else {
        return Ok(bounds.default_expires_in);
    };
    let wait = humantime::parse_duration(&text)
        .map_err(|_| Fault::field("expires_in", "a duration such as \"30m\""))?;
    if wait < bounds.min_expires_in || wait > bounds.max_expires_in {
        let show = |d| humantime::format_duration(d);
        let (from, to) = (show(bounds.min_expires_in), show(bounds.max_expires_in));
        return Err(Fault::field("expires_in", format_args!("not within {from} to {to}")));
    }
    Ok(wait)
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
