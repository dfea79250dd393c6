//! `sluiced app`: merchants' integrations, the offline way.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;
use sluice_channels::rsa::VerifyingKey;
use sluice_core::password::AccessPassword;
use sluice_core::signing::{OrderType, sha256_hex};

use super::fee;
use super::operator::audit;
use crate::clock;
use crate::config::Config;
use crate::daemon::Daemon;
use crate::store::unit::{NewApp, NewMerchantKey, Record, Unit};
use crate::wallet::rotate::new_password;

#[derive(Subcommand)]
pub(super) enum AppCommand {
    /// Add an app of a merchant. Secret and passwords are shown once.
    Add {
        /// The merchant's name; it is added if there is none of that name.
        #[arg(long)]
        merchant: String,
        /// The app's name.
        #[arg(long)]
        name: String,
        /// Where callbacks go if an order names no URL.
        #[arg(long)]
        callback_url: Option<String>,
        /// The merchant's public key, SPKI PEM, RSA of 2048 to 4096 bits.
        #[arg(long, value_name = "PEM")]
        public_key_file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Add a public key to an app: old and new are both taken until the old one is revoked.
    AddKey {
        /// The app.
        client_id: String,
        /// The merchant's new public key, SPKI PEM, RSA of 2048 to 4096 bits.
        #[arg(long, value_name = "PEM")]
        public_key_file: PathBuf,
        /// For how long the key is taken, such as 365d; without it, until it is revoked.
        #[arg(long, value_parser = humantime::parse_duration)]
        expires: Option<Duration>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set an app's fee for a type of orders, from now on or from a later time.
    Fee(fee::FeeArgs),
    /// Say whether a refund takes the app's money where the user's does not suffice.
    Refunds {
        /// The app.
        client_id: String,
        /// Whose money it takes.
        #[arg(long, value_enum)]
        from: RefundFrom,
    },
}

/// Whose money a refund takes.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum RefundFrom {
    /// The user's alone.
    User,
    /// The user's, and where it does not suffice the app's settlement account.
    UserThenApp,
}

pub(super) async fn run(config: Config, command: AppCommand) -> anyhow::Result<ExitCode> {
    let d = Daemon::start(config).await?;
    match command {
        AppCommand::Add { merchant, name, callback_url, public_key_file, json } => {
            let key = public_key(&public_key_file)?;
            if let Some(url) = &callback_url {
                let url: url::Url = url.parse().context("--callback-url")?;
                let fits =
                    url.scheme() == "https" || (url.scheme() == "http" && d.config.callback.allow_http);
                anyhow::ensure!(fits, "--callback-url: not https (http only if callback.allow_http is set)");
            }
            add(&d, merchant, name, callback_url, key, json).await?;
        }
        AppCommand::AddKey { client_id, public_key_file, expires, json } => {
            let key = public_key(&public_key_file)?;
            add_key(&d, client_id, key, expires, json).await?;
        }
        AppCommand::Fee(args) => fee::set(&d, args).await?,
        AppCommand::Refunds { client_id, from } => {
            known(&d, &client_id).await?;
            let app_helps = matches!(from, RefundFrom::UserThenApp);
            let after = json!({"refund_from": if app_helps { "user_then_app" } else { "user" }});
            let record = Record::AppRefunds { client_id: client_id.clone(), app_helps };
            let audit = audit("app.refunds.set", &client_id, after);
            d.store.commit(Unit { records: vec![record], audit: Some(audit), ..Unit::default() }).await?;
            println!("set; refunds of {client_id} asked for from now on go by it");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(
    d: &Daemon,
    merchant: String,
    name: String,
    callback_url: Option<String>,
    key: VerifyingKey,
    json: bool,
) -> anyhow::Result<()> {
    let at = clock::now();
    let client_id = clock::new_id("app").to_lowercase();
    let secret = clock::new_secret("ssc");
    let key = merchant_key(&client_id, &key, None);
    let key_id = key.key_id.clone();
    let mut unit = Unit::default();
    let merchant_id = match d.store.merchant_id(&merchant).await? {
        Some(id) => id,
        None => {
            let merchant_id = clock::new_id("mer");
            let record = Record::Merchant { merchant_id: merchant_id.clone(), name: merchant.clone(), at };
            unit.records.push(record);
            merchant_id
        }
    };
    unit.records.push(Record::App(NewApp {
        client_id: client_id.clone(),
        merchant_id,
        name: name.clone(),
        secret_digest: sha256_hex(secret.as_bytes()),
        callback_url,
        at,
    }));
    unit.records.push(Record::MerchantKey(key));
    let mut passwords = serde_json::Map::new();
    for order_type in OrderType::ALL {
        let password = AccessPassword::generate(&clock::random_bytes());
        unit.records.push(Record::Password(new_password(
            &d.credentials,
            &client_id,
            order_type,
            1,
            &password,
            at,
            None,
        )?));
        passwords.insert(order_type.name().to_owned(), password.expose().into());
    }
    unit.audit =
        Some(audit("app.add", &client_id, json!({"merchant": merchant, "name": name, "key_id": key_id})));
    d.store.commit(unit).await?;
    let shown =
        json!({"client_id": client_id, "client_secret": *secret, "key_id": key_id, "passwords": passwords});
    if json {
        println!("{shown}");
    } else {
        println!("{}", serde_json::to_string_pretty(&shown)?);
        eprintln!("Secret and passwords are shown once. Hand them to the merchant on separate ways.");
    }
    Ok(())
}

async fn add_key(
    d: &Daemon,
    client_id: String,
    key: VerifyingKey,
    expires: Option<Duration>,
    json: bool,
) -> anyhow::Result<()> {
    known(d, &client_id).await?;
    let key = merchant_key(&client_id, &key, expires);
    let (key_id, fingerprint) = (key.key_id.clone(), key.fingerprint.clone());
    let there = d.store.merchant_keys(&client_id).await?;
    anyhow::ensure!(there.iter().all(|k| k.key_id != key_id), "{client_id} has this key already: {key_id}");
    let after = json!({"key_id": key_id, "fingerprint": fingerprint, "not_after": key.not_after});
    let unit = Unit {
        records: vec![Record::MerchantKey(key)],
        audit: Some(audit("merchant_key.add", &client_id, after.clone())),
        ..Unit::default()
    };
    d.store.commit(unit).await?;
    if json {
        println!("{after}");
    } else {
        println!("{key_id}");
        eprintln!("Compare the fingerprint with the merchant: {fingerprint}");
    }
    Ok(())
}

fn public_key(file: &Path) -> anyhow::Result<VerifyingKey> {
    let pem = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    VerifyingKey::from_spki_pem(&pem).with_context(|| format!("{}: the public key", file.display()))
}

fn merchant_key(client_id: &str, key: &VerifyingKey, expires: Option<Duration>) -> NewMerchantKey {
    let at = clock::now();
    NewMerchantKey {
        client_id: client_id.to_owned(),
        key_id: format!("mk_{}", &key.fingerprint()[..16]),
        spki_der: key.spki_der().to_vec(),
        fingerprint: key.fingerprint(),
        bits: i64::from(key.bits()),
        at,
        not_after: expires.map(|e| at + e),
    }
}

pub(super) async fn known(d: &Daemon, client_id: &str) -> anyhow::Result<()> {
    anyhow::ensure!(!d.store.passwords(client_id, clock::now()).await?.is_empty(), "no app `{client_id}`");
    Ok(())
}
