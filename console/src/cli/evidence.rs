//! `sluice evidence show`.

use clap::Subcommand;
use serde_json::json;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use super::Context;
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};

/// Exchanges with channels.
#[derive(Debug, Subcommand)]
pub enum Evidence {
    /// Show one exchange with a channel, masked
    #[command(
        after_help = "Example:\n  sluice order show A-20261124-0007 --json | jq -r '.timeline[].evidence_id | values' \\\n    \
                            | xargs -n1 sluice evidence show"
    )]
    Show {
        /// An evidence id from an order's timeline
        id: String,
    },
}

impl Evidence {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::Show { id } = self;
        let request = pb::GetEvidenceRequest { evidence_id: id.trim().to_owned() };
        let e = answer(context.client.ops().get_evidence(request), DEADLINE).await?;
        if context.output.json {
            context.output.value(&json!({
                "evidence_id": e.evidence_id, "order_id": e.order_id, "channel": e.channel, "op": e.op,
                "at": Timestamp(e.at_ms), "latency_ms": e.latency_ms, "http_status": e.http_status,
                "request": e.request, "response": e.response, "error": e.error,
            }))?;
            return Ok(Exit::Ok);
        }
        context.output.facts(&[
            ("evidence", e.evidence_id),
            ("order", e.order_id),
            ("exchange", format!("{} {}", e.channel, e.op)),
            ("at", context.clock.long(e.at_ms, context.now())),
            ("latency", format!("{} ms", e.latency_ms)),
            ("http status", if e.http_status == 0 { String::new() } else { e.http_status.to_string() }),
            ("error", e.error),
        ])?;
        for (title, text) in [("request", e.request), ("response", e.response)] {
            context.output.line("")?;
            context.output.line(title)?;
            for line in text.lines() {
                context.output.line(&format!("  {line}"))?;
            }
        }
        Ok(Exit::Ok)
    }
}
