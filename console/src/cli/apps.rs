//! `sluice apps list`.

use clap::Subcommand;
use sluice_proto::v1 as pb;

use super::output::Column;
use super::{Context, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::time;
use crate::text::width::Align::{Left, Right};

/// Apps.
#[derive(Debug, Subcommand)]
pub enum Apps {
    /// List apps with the age and version of their passwords, never the values
    #[command(after_help = "Examples:\n  sluice apps list\n  sluice apps list bookshop --json")]
    List {
        /// Any part of the app's id or name, or its merchant's
        text: Option<String>,
    },
}

impl Apps {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::List { text } = self;
        let items = list(text.unwrap_or_default().trim(), context).await?;
        if context.output.json {
            context.output.value(&items.iter().map(json::app).collect())?;
            return Ok(Exit::Ok);
        }
        const COLUMNS: [Column; 9] = [
            ("APP", Left),
            ("NAME", Left),
            ("MERCHANT", Left),
            ("STATUS", Left),
            ("RECHARGE", Left),
            ("WITHDRAW", Left),
            ("TRADE", Left),
            ("KEYS", Right),
            ("TOKENS", Right),
        ];
        let now = context.now();
        let rows: Vec<Vec<String>> = items
            .iter()
            .map(|a| {
                let password = |kind: &str| {
                    let found = a.passwords.iter().find(|p| p.r#type == kind);
                    found.map_or_else(String::new, |p| {
                        format!("v{} {}", p.version, time::age(p.created_at_ms, now))
                    })
                };
                vec![
                    a.client_id.clone(),
                    a.name.clone(),
                    a.merchant.clone(),
                    a.status.clone(),
                    password("recharge"),
                    password("withdraw"),
                    password("trade"),
                    a.keys.iter().filter(|k| k.state == "active").count().to_string(),
                    a.live_tokens.to_string(),
                ]
            })
            .collect();
        context.output.table(&COLUMNS, &rows)?;
        Ok(Exit::Ok)
    }
}

async fn list(text: &str, context: &Context) -> Result<Vec<pb::App>, Failure> {
    let request = pb::ListAppsRequest { text: text.to_owned() };
    Ok(answer(context.client.ops().list_apps(request), DEADLINE).await?.items)
}

/// The app with exactly this `client_id`.
///
/// # Errors
/// There is none.
pub(super) async fn exactly(client_id: &str, context: &Context) -> Result<pb::App, Failure> {
    let found = list(client_id, context).await?.into_iter().find(|a| a.client_id == client_id);
    found.ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("there is no app {client_id}"))
            .next("`sluice apps list` shows them")
    })
}
