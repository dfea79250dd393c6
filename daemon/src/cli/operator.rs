//! `sluiced operator`: people at the console.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use sluice_core::signing::sha256_hex;

use crate::clock;
use crate::config::Config;
use crate::store::Store;
use crate::store::unit::{AuditDraft, Record, Unit};

#[derive(Subcommand)]
pub(super) enum OperatorCommand {
    /// Add an operator, or give one a new token and role. The token is shown once.
    Add {
        /// The operator's name, as in the audit log.
        name: String,
        /// What the operator may do.
        #[arg(long)]
        role: Role,
        /// How long the token is valid, such as 30d; without it, until it is replaced.
        #[arg(long, value_parser = humantime::parse_duration)]
        expires: Option<Duration>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Refuse an operator from now on.
    Disable {
        /// The operator's name.
        name: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Role {
    /// Sees everything but secrets.
    Viewer,
    /// Also requeries and replays.
    Operator,
    /// Also rotates and revokes.
    Admin,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

pub(super) async fn run(config: Config, command: OperatorCommand) -> anyhow::Result<ExitCode> {
    let store = Store::open(&config.store.url).await?;
    let at = clock::now();
    match command {
        OperatorCommand::Add { name, role, expires, json } => {
            let plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
            anyhow::ensure!(
                (1..=64).contains(&name.chars().count()) && name.chars().all(plain),
                "an operator's name has 1 to 64 letters, digits and . _ -"
            );
            let token = clock::new_secret("sop");
            let expires_at = expires.map(|e| at + e);
            let record = Record::Operator {
                name: name.clone(),
                role: role.name().to_owned(),
                token_digest: sha256_hex(token.as_bytes()),
                at,
                expires_at,
            };
            let audit = audit("operator.add", &name, json!({"role": role.name(), "expires_at": expires_at}));
            store.commit(Unit { records: vec![record], audit: Some(audit), ..Unit::default() }).await?;
            if json {
                let shown =
                    json!({"name": name, "role": role.name(), "token": *token, "expires_at": expires_at});
                println!("{shown}");
            } else {
                println!("{}", *token);
                eprintln!(
                    "This token of {name} ({}) is shown once; keep it in a file of mode 0600.",
                    role.name()
                );
            }
        }
        OperatorCommand::Disable { name } => {
            let record = Record::DisableOperator { name: name.clone(), at };
            let audit = audit("operator.disable", &name, json!({"disabled_at": at}));
            store.commit(Unit { records: vec![record], audit: Some(audit), ..Unit::default() }).await?;
            println!("{name} is refused from now on");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An audit row of whoever has the database's files in hand.
pub(super) fn audit(action: &'static str, target: &str, after: serde_json::Value) -> AuditDraft {
    AuditDraft {
        at: clock::now(),
        operator: "offline".to_owned(),
        role: "admin".to_owned(),
        action,
        target: target.to_owned(),
        reason: "by the sluiced command on the daemon's host".to_owned(),
        before: json!({}),
        after,
        request_id: clock::new_id("cmd"),
    }
}
