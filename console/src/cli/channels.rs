//! `sluice channels list`.

use clap::Subcommand;
use sluice_proto::v1 as pb;

use super::output::Column;
use super::{Context, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::time;
use crate::text::width::Align::{Left, Right};

/// Channels.
#[derive(Debug, Subcommand)]
pub enum Channels {
    /// List the channel accounts with their health over the last five minutes
    #[command(after_help = "Example:\n  sluice channels list --json")]
    List,
}

impl Channels {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::List = self;
        let items =
            answer(context.client.ops().list_channels(pb::ListChannelsRequest {}), DEADLINE).await?.items;
        if context.output.json {
            context.output.value(&items.iter().map(json::channel).collect())?;
            return Ok(Exit::Ok);
        }
        const COLUMNS: [Column; 9] = [
            ("CHANNEL", Left),
            ("PROVIDER", Left),
            ("HEALTH", Left),
            ("BREAKER", Left),
            ("CALLS 5m", Right),
            ("SUCCESS", Right),
            ("P50", Right),
            ("P99", Right),
            ("LIMBO", Right),
        ];
        let rows: Vec<Vec<String>> = items
            .iter()
            .map(|c| {
                vec![
                    c.channel.clone(),
                    c.provider.clone(),
                    c.health.clone(),
                    breaker(c, context),
                    c.calls.to_string(),
                    percent(c.success_ppm, c.calls > 0),
                    format!("{} ms", c.p50_ms),
                    format!("{} ms", c.p99_ms),
                    c.limbo.to_string(),
                ]
            })
            .collect();
        context.output.table(&COLUMNS, &rows)?;
        Ok(Exit::Ok)
    }
}

fn breaker(c: &pb::Channel, context: &Context) -> String {
    let now = context.now();
    if c.breaker_until_ms > now.millis() {
        return format!("{}, probe {}", c.breaker, time::ago(c.breaker_until_ms, now));
    }
    c.breaker.clone()
}

/// Parts per million as `99.41 %`; a dash where nothing was counted.
pub(crate) fn percent(ppm: u32, counted: bool) -> String {
    if !counted {
        return "-".to_owned();
    }
    format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100)
}
