//! `/v1/withdrawals`: create, cancel.

use std::sync::Arc;

use serde_json::json;
use sluice_core::code::ApiCode;
use sluice_core::id::OrderKind;
use sluice_core::order::withdraw::{self, NewWithdraw};
use sluice_core::order::{Payee, PayeeKind};
use sluice_core::signing::sha256_hex;

use super::answer::{Answer, Fault};
use super::fields::Fields;
use super::gate::Verified;
use super::order_fields::{self, METADATA};
use super::orders::{self, Place};
use crate::daemon::Daemon;
use crate::order::{self, Extra, decide};

pub(super) async fn create(d: &Arc<Daemon>, v: &Verified, body: &[u8]) -> Result<Answer, Fault> {
    let new = read(d, v, body)?;
    orders::created(order::create::withdraw(d, &new, v.asking()).await?)
}

/// Possible only while nothing was sent.
pub(super) async fn cancel(d: &Daemon, v: &Verified, id: &str, body: &[u8]) -> Result<Answer, Fault> {
    orders::empty(body)?;
    let order = orders::mine(d, v, Place::of(OrderKind::Withdraw, id)).await?;
    let admission = v.admission();
    let cancelling = decide(d, order.id(), Extra::default(), |subject, ctx| {
        withdraw::cancel(subject.order.withdraw()?, &admission, ctx)
    });
    let order = orders::decided(cancelling.await)?;
    Ok(Answer::plain(200, json!(order.object())))
}

fn read(d: &Daemon, v: &Verified, body: &[u8]) -> Result<NewWithdraw, Fault> {
    let mut fields = Fields::parse(body)?;
    let merchant_order_no = order_fields::merchant_order_no(&mut fields)?;
    let user_ref = order_fields::user_ref(&mut fields, "user_ref")?;
    let amount = order_fields::amount(&mut fields)?;
    let payee = payee(fields.object("payee")?)?;
    let channel = fields.optional_text("channel", 1..=32)?;
    let notify_url = order_fields::url(&mut fields, "notify_url", d.config.callback.allow_http)?;
    let metadata = fields.texts("metadata", METADATA)?;
    fields.finish()?;

    let channel = channel_for(d, channel.as_deref(), payee.kind(), amount.currency.code())?;
    let notify_url = notify_url.or_else(|| v.callback_url.clone());
    let asked = json!({
        "merchant_order_no": merchant_order_no, "user_ref": user_ref, "amount": amount, "payee": payee,
        "channel": channel, "notify_url": notify_url, "metadata": metadata,
    });
    Ok(NewWithdraw {
        client_id: v.check.client_id.clone(),
        content_digest: sha256_hex(asked.to_string().as_bytes()),
        merchant_order_no,
        user_ref,
        amount,
        payee,
        channel,
        notify_url,
        metadata,
    })
}

fn payee(mut fields: Fields) -> Result<Payee, Fault> {
    let kind = fields.text("kind", 1..=16)?;
    let payee = match kind.as_str() {
        "alipay" => {
            Payee::Alipay { account: fields.text("account", 1..=100)?, name: fields.text("name", 1..=100)? }
        }
        "bank" => Payee::Bank {
            account: fields.text("account", 1..=64)?,
            name: fields.text("name", 1..=100)?,
            bank: fields.text("bank", 1..=100)?,
        },
        "wechat" => Payee::Wechat {
            openid: fields.text("openid", 1..=128)?,
            name: fields.optional_text("name", 1..=100)?,
        },
        _ => return Err(Fault::field("payee.kind", "one of alipay, bank, wechat")),
    };
    fields.finish()?;
    Ok(payee)
}

/// The named channel, or the first one that pays such payees in the currency.
fn channel_for(d: &Daemon, named: Option<&str>, payee: PayeeKind, currency: &str) -> Result<String, Fault> {
    let fits = |c: &crate::channel::Channel| {
        let can = c.protocol.capabilities();
        can.payees.contains(&payee) && can.currencies.contains(&currency)
    };
    let found = match named {
        Some(name) => Some(d.channels.get(name).ok_or_else(|| Fault::of(ApiCode::ChannelUnknown))?),
        None => d.channels.iter().find(|c| fits(c)),
    };
    found.filter(|c| fits(c)).map(|c| c.name.clone()).ok_or_else(|| {
        let who = named.unwrap_or("no channel");
        let verb = if named.is_some() { "does not pay" } else { "pays" };
        Fault::because(ApiCode::ChannelCannot, format!("{who} {verb} {} payees in {currency}", payee.name()))
    })
}
