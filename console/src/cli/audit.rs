//! `sluice audit list|verify`.

use clap::Subcommand;
use serde_json::json;
use sluice_proto::v1 as pb;

use super::output::Column;
use super::{Context, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::width::Align::{Left, Right};

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List what operators did, newest first
    #[command(after_help = "Example:\n  sluice audit list --limit 20")]
    List {
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Walk the log's hash chain; exit code 1 if it is broken
    #[command(after_help = "Example:\n  sluice audit verify")]
    Verify,
}

impl Audit {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { limit } => list(limit, context).await,
            Self::Verify => verify(context).await,
        }
    }
}

async fn list(limit: u32, context: &Context) -> Result<Exit, Failure> {
    let request = pb::ListAuditRequest { limit, ..Default::default() };
    let items = answer(context.client.ops().list_audit(request), DEADLINE).await?.items;
    if context.output.json {
        context.output.value(&items.iter().map(json::audit).collect())?;
        return Ok(Exit::Ok);
    }
    const COLUMNS: [Column; 6] = [
        ("SEQ", Right),
        ("TIME", Left),
        ("OPERATOR", Left),
        ("ACTION", Left),
        ("TARGET", Left),
        ("REASON", Left),
    ];
    let now = context.now();
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|e| {
            vec![
                e.seq.to_string(),
                context.clock.short(e.at_ms, now),
                format!("{} ({})", e.operator, e.role),
                e.action.clone(),
                e.target.clone(),
                e.reason.clone(),
            ]
        })
        .collect();
    context.output.table(&COLUMNS, &rows)?;
    Ok(Exit::Ok)
}

async fn verify(context: &Context) -> Result<Exit, Failure> {
    let reply = answer(context.client.ops().verify_audit(pb::VerifyAuditRequest {}), DEADLINE * 6).await?;
    if context.output.json {
        let broken_at = (reply.broken_at != 0).then_some(reply.broken_at);
        context.output.value(&json!({"ok": reply.ok, "entries": reply.entries, "broken_at": broken_at}))?;
    } else if reply.ok {
        context.output.line(&format!("the chain of {} entries holds", reply.entries))?;
    } else {
        context
            .output
            .line(&format!("the chain is broken at entry {} of {}", reply.broken_at, reply.entries))?;
    }
    Ok(if reply.ok { Exit::Ok } else { Exit::Unexpected })
}
