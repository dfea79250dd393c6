//! `sluice events`: the live feed as lines.

use clap::Args;
use sluice_proto::v1 as pb;
use tokio::sync::mpsc;

use super::output::remark;
use super::{Context, json};
use crate::client::watch::{Feed, follow};
use crate::exit::{Exit, Failure};

/// How long to follow.
#[derive(Args, Debug)]
pub struct Events {
    /// End after so many events; without it, follow for ever
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

impl Events {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (sender, mut feed) = mpsc::channel(256);
        // The state so far is not asked for: only what happens from now on. One order is the least the API gives.
        let task = tokio::spawn(follow(context.client.clone(), 1, sender));
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            match feed.recv().await {
                None => break,
                Some(Feed::Event(event)) => {
                    print(&event, context)?;
                    left -= 1;
                }
                Some(Feed::Up(hello)) => {
                    remark(
                        &format!("connected to {} as {}", hello.daemon, hello.operator),
                        context.output.charset,
                    );
                }
                Some(Feed::Lost { why, retry_in, .. }) => {
                    let again =
                        humantime::format_duration(std::time::Duration::from_secs(retry_in.as_secs().max(1)));
                    remark(&format!("{why}; trying again in {again}"), context.output.charset);
                }
                Some(Feed::Full | Feed::Order(_) | Feed::Ready { .. } | Feed::Heartbeat { .. }) => {}
            }
        }
        task.abort();
        Ok(Exit::Ok)
    }
}

fn print(event: &pb::Event, context: &Context) -> Result<(), Failure> {
    if context.output.json {
        return context.output.value_line(&json::event(event));
    }
    let entry = event.entry.clone().unwrap_or_default();
    let at = context.clock.precise(entry.at_ms);
    let line = format!("{at}  {:12}  {:24}  {}  {}", entry.origin, entry.kind, event.order_id, entry.summary);
    context.output.line(line.trim_end())
}
