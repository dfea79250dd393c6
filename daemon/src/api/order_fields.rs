//! Fields that several kinds of orders are asked for with.

use std::time::Duration;

use serde_json::Value;
use sluice_core::money::{Amount, Currency, MAX_MINOR};

use super::answer::Fault;
use super::fields::{Fields, is_unprintable};
use crate::config::Expiry;

/// The most that `metadata` may hold, in bytes.
pub(super) const METADATA: usize = 2048;

pub(super) fn is_merchant_order_no(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

pub(super) fn is_user_ref(text: &str) -> bool {
    (1..=64).contains(&text.chars().count()) && !text.chars().any(|c| c.is_whitespace() || is_unprintable(c))
}

pub(super) fn merchant_order_no(fields: &mut Fields) -> Result<String, Fault> {
    let text = fields.text("merchant_order_no", 1..=64)?;
    if is_merchant_order_no(&text) {
        Ok(text)
    } else {
        Err(Fault::field("merchant_order_no", "1 to 64 of A-Z a-z 0-9 _ -"))
    }
}

pub(super) fn user_ref(fields: &mut Fields, name: &'static str) -> Result<String, Fault> {
    let text = fields.text(name, 1..=64)?;
    if is_user_ref(&text) { Ok(text) } else { Err(Fault::field(name, "1 to 64 visible characters")) }
}

pub(super) fn amount(fields: &mut Fields) -> Result<Amount, Fault> {
    optional_amount(fields)?.ok_or_else(|| Fault::field("amount", "missing"))
}

pub(super) fn optional_amount(fields: &mut Fields) -> Result<Option<Amount>, Fault> {
    let Some(value) = fields.take("amount") else { return Ok(None) };
    if !value.is_object() {
        return Err(Fault::field("amount", "an object of `minor` and `currency`"));
    }
    let mut amount = Fields::of(value)?;
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
    Ok(Some(Amount::new(minor, currency)))
}

pub(super) fn url(
    fields: &mut Fields,
    name: &'static str,
    allow_http: bool,
) -> Result<Option<String>, Fault> {
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

pub(super) fn expires_in(fields: &mut Fields, bounds: Expiry) -> Result<Duration, Fault> {
    let Some(text) = fields.optional_text("expires_in", 1..=64)? else {
        return Ok(bounds.usual);
    };
    let wait = humantime::parse_duration(&text)
        .map_err(|_| Fault::field("expires_in", "a duration such as \"30m\""))?;
    if wait < bounds.min || wait > bounds.max {
        let show = |d| humantime::format_duration(d);
        let (from, to) = (show(bounds.min), show(bounds.max));
        return Err(Fault::field("expires_in", format_args!("not within {from} to {to}")));
    }
    Ok(wait)
}
