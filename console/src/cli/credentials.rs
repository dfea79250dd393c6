//! What a leak needs: `sluice password rotate`, `sluice merchant-key list|revoke`, `sluice tokens revoke`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;
use zeroize::Zeroizing;

use super::confirm::confirm;
use super::output::{Column, remark};
use super::{Context, apps, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::width::Align::{Left, Right};

/// Access passwords.
#[derive(Debug, Subcommand)]
pub enum Password {
    /// Make a new access password; when this returns, no daemon accepts the old one
    ///
    /// The new password is shown once. Callbacks not yet delivered are signed with it at their next attempt.
    #[command(
        after_help = "Examples:\n  sluice password rotate app_demo --type trade --reason 'leaked in a log, INC-17'\n  \
                            sluice password rotate app_demo --type all --reason INC-17 --revoke-tokens --yes --json"
    )]
    Rotate(Rotate),
}

/// What to rotate.
#[derive(Args, Debug)]
pub struct Rotate {
    /// The app
    client_id: String,
    /// Which password
    #[arg(long, value_enum, value_name = "TYPE")]
    r#type: PasswordType,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Accept the old password in requests for so long (at most 24h); without it, not for a moment
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    grace: Option<Duration>,
    /// Also refuse all of the app's access tokens
    #[arg(long)]
    revoke_tokens: bool,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// The order types that have an access password, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PasswordType {
    /// 充值
    Recharge,
    /// 提现
    Withdraw,
    /// 交易
    Trade,
    /// All three at once
    All,
}

impl PasswordType {
    /// Every choice, in the order of the documents.
    pub const ALL: [Self; 4] = [Self::Recharge, Self::Withdraw, Self::Trade, Self::All];

    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Withdraw => "withdraw",
            Self::Trade => "trade",
            Self::All => "all",
        }
    }
}

/// Merchants' public keys.
#[derive(Debug, Subcommand)]
pub enum MerchantKey {
    /// List an app's keys
    #[command(after_help = "Example:\n  sluice merchant-key list app_demo")]
    List {
        /// The app
        client_id: String,
    },
    /// Refuse a key from now on
    #[command(
        after_help = "Example:\n  sluice merchant-key revoke app_demo key_1 --reason 'laptop stolen, INC-18' --yes"
    )]
    Revoke {
        /// The app
        client_id: String,
        /// The key's id
        key_id: String,
        /// Why; goes into the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Don't ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

/// Apps' access tokens.
#[derive(Debug, Subcommand)]
pub enum Tokens {
    /// Refuse all of an app's access tokens given out so far
    #[command(
        after_help = "Example:\n  sluice tokens revoke app_demo --reason 'token in a public gist' --yes"
    )]
    Revoke {
        /// The app
        client_id: String,
        /// Why; goes into the audit log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Don't ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

impl Password {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::Rotate(rotate) = self;
        context.may_change()?;
        let app = apps::exactly(rotate.client_id.trim(), context).await?;
        let kind = rotate.r#type.name();
        let what = if rotate.r#type == PasswordType::All {
            "all three access passwords"
        } else {
            "the access password"
        };
        let tokens = if rotate.revoke_tokens {
            format!("; its {} tokens are refused", app.live_tokens)
        } else {
            String::new()
        };
        let effect = format!(
            "makes new {what} ({kind}) of {} ({}, {}); requests signed with the old one are refused {}{tokens}",
            app.client_id,
            app.name,
            app.merchant,
            rotate
                .grace
                .map_or_else(|| "at once".to_owned(), |g| format!("after {}", humantime::format_duration(g))),
        );
        confirm(&effect, &app.client_id, rotate.yes, context)?;
        let request = pb::RotatePasswordRequest {
            request_id: context.request_id(),
            client_id: app.client_id.clone(),
            r#type: kind.to_owned(),
            reason: rotate.reason,
            grace_ms: rotate.grace.map_or(0, |g| u64::try_from(g.as_millis()).unwrap_or(u64::MAX)),
            revoke_tokens: rotate.revoke_tokens,
        };
        let reply = answer(context.client.ops().rotate_password(request), DEADLINE).await?;
        print_passwords(&app.client_id, rotate.r#type, reply, context)?;
        Ok(Exit::Ok)
    }
}

impl MerchantKey {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { client_id } => list_keys(client_id.trim(), context).await,
            Self::Revoke { client_id, key_id, reason, yes } => {
                context.may_change()?;
                let effect =
                    format!("requests of {client_id} signed with the key {key_id} are refused from now on");
                confirm(&effect, &client_id, yes, context)?;
                let request = pb::RevokeMerchantKeyRequest {
                    request_id: context.request_id(),
                    client_id,
                    key_id,
                    reason,
                };
                let reply = answer(context.client.ops().revoke_merchant_key(request), DEADLINE).await?;
                let key = reply.key.unwrap_or_default();
                if context.output.json {
                    let mut value: Value = json::merchant_key(&key);
                    value["audit_seq"] = json!(reply.audit_seq);
                    context.output.value(&value)?;
                } else {
                    context
                        .output
                        .line(&format!("{} is {} (audit #{})", key.key_id, key.state, reply.audit_seq))?;
                }
                Ok(Exit::Ok)
            }
        }
    }
}

impl Tokens {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::Revoke { client_id, reason, yes } = self;
        context.may_change()?;
        let effect =
            format!("all access tokens of {client_id} are refused from now on; it has to fetch new ones");
        confirm(&effect, &client_id, yes, context)?;
        let request = pb::RevokeTokensRequest {
            request_id: context.request_id(),
            client_id: client_id.clone(),
            reason,
        };
        let reply = answer(context.client.ops().revoke_tokens(request), DEADLINE).await?;
        if context.output.json {
            context.output.value(
                &json!({"client_id": client_id, "revoked": reply.revoked, "audit_seq": reply.audit_seq}),
            )?;
        } else {
            context.output.line(&format!("{} tokens revoked (audit #{})", reply.revoked, reply.audit_seq))?;
        }
        Ok(Exit::Ok)
    }
}

async fn list_keys(client_id: &str, context: &Context) -> Result<Exit, Failure> {
    let app = apps::exactly(client_id, context).await?;
    if context.output.json {
        context.output.value(&app.keys.iter().map(json::merchant_key).collect())?;
        return Ok(Exit::Ok);
    }
    const COLUMNS: [Column; 5] =
        [("KEY", Left), ("STATE", Left), ("BITS", Right), ("CREATED", Left), ("FINGERPRINT (SHA-256)", Left)];
    let now = context.now();
    let rows: Vec<Vec<String>> = app
        .keys
        .iter()
        .map(|k| {
            let created = context.clock.short(k.created_at_ms, now);
            vec![k.key_id.clone(), k.state.clone(), k.bits.to_string(), created, k.fingerprint.clone()]
        })
        .collect();
    context.output.table(&COLUMNS, &rows)?;
    Ok(Exit::Ok)
}

/// The one place where the console writes a password.
fn print_passwords(
    client_id: &str,
    kind: PasswordType,
    reply: pb::RotatePasswordReply,
    context: &Context,
) -> Result<(), Failure> {
    let made: Vec<(String, i64, Zeroizing<String>)> =
        reply.passwords.into_iter().map(|p| (p.r#type, p.version, Zeroizing::new(p.password))).collect();
    if context.output.json {
        let entry = |(kind, version, password): &(String, i64, Zeroizing<String>)| json!({"type": kind, "version": version, "password": password.as_str()});
        let mut value = match (kind, made.as_slice()) {
            (PasswordType::All, all) => json!({"passwords": all.iter().map(entry).collect::<Vec<_>>()}),
            (_, [one]) => entry(one),
            (_, other) => {
                let what = format!("the daemon answered with {} passwords instead of one", other.len());
                return Err(Failure::new(Exit::Unexpected, what));
            }
        };
        value["client_id"] = json!(client_id);
        value["audit_seq"] = json!(reply.audit_seq);
        value["revoked_tokens"] = json!(reply.revoked_tokens);
        return context.output.value(&value);
    }
    let columns = [("TYPE", Left), ("VERSION", Right), ("PASSWORD", Left)];
    let rows: Vec<Vec<String>> = made
        .iter()
        .map(|(kind, version, password)| vec![kind.clone(), version.to_string(), password.to_string()])
        .collect();
    context.output.table(&columns, &rows)?;
    remark(
        &format!(
            "audit #{}. This is shown once: hand it over by a safe way, and clear this screen.",
            reply.audit_seq
        ),
        context.output.charset,
    );
    Ok(())
}
