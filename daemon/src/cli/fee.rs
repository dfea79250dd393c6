//! `sluiced app fee`: what we charge an app.

use clap::Args;
use serde_json::json;
use sluice_core::fee::{Bearer, FeeRule, FeeTerms, Tariff};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

use super::app::known;
use super::operator::audit;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{Record, Unit};

/// What `sluiced app fee` takes.
#[derive(Args)]
pub(super) struct FeeArgs {
    /// The app.
    client_id: String,
    /// For which orders: recharge, withdraw or trade.
    #[arg(long = "type", default_value = "recharge", value_parser = order_type)]
    order_type: OrderType,
    /// Only on this channel; without it, on every channel without a rule of its own. Trades have no channel.
    #[arg(long, default_value = "")]
    channel: String,
    /// Parts per million of the amount; 6000 is 0.6 %.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=1_000_000))]
    ppm: i64,
    /// Added to it, in minor units.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=1_000_000_000))]
    fixed: i64,
    /// At least this, in minor units.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=1_000_000_000))]
    min: i64,
    /// At most this, in minor units.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=1_000_000_000))]
    max: Option<i64>,
    /// Who bears it. Users: out of a recharge, on top of a withdrawal or a trade. The app: booked as owed by it.
    #[arg(long, default_value = "user", value_parser = bearer)]
    borne_by: Bearer,
    /// A refund gives its part of the fee back.
    #[arg(long)]
    returned: bool,
    /// From when on (RFC 3339); without it, from now on. What is agreed for later leaves today's as it is.
    #[arg(long, value_parser = time)]
    from: Option<Timestamp>,
}

/// Writes the fee down; it counts for orders created from its start on.
pub(super) async fn set(d: &Daemon, args: FeeArgs) -> anyhow::Result<()> {
    anyhow::ensure!(args.max.is_none_or(|max| max >= args.min), "--max is below --min");
    let now = clock::now();
    let starts_at = args.from.unwrap_or(now);
    anyhow::ensure!(starts_at >= now, "--from is in the past: orders have been made with the fee of then");
    if args.order_type == OrderType::Trade {
        anyhow::ensure!(args.channel.is_empty(), "--channel: trades need no channel");
    }
    anyhow::ensure!(
        args.channel.is_empty() || d.channels.get(&args.channel).is_some(),
        "no channel `{}` is configured",
        args.channel
    );
    known(d, &args.client_id).await?;
    let rule = FeeRule { ppm: args.ppm, fixed: args.fixed, min: args.min, max: args.max };
    let terms = FeeTerms { bearer: args.borne_by, returned: args.returned };
    let after = json!({"order_type": args.order_type.name(), "channel": args.channel, "rule": rule,
                       "borne_by": terms.bearer, "returned": terms.returned, "starts_at": starts_at});
    let record = Record::Tariff {
        client_id: args.client_id.clone(),
        order_type: args.order_type,
        channel: args.channel,
        starts_at,
        tariff: Tariff { rule, terms },
    };
    let audit = audit("fee.set", &args.client_id, after);
    d.store.commit(Unit { records: vec![record], audit: Some(audit), ..Unit::default() }).await?;
    println!(
        "{} orders of {} created from {starts_at} on carry this fee",
        args.order_type.name(),
        args.client_id
    );
    Ok(())
}

fn order_type(text: &str) -> Result<OrderType, String> {
    OrderType::from_name(text).ok_or_else(|| "recharge, withdraw or trade".to_owned())
}

fn bearer(text: &str) -> Result<Bearer, String> {
    Bearer::from_name(text).ok_or_else(|| "user or app".to_owned())
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text)
        .ok_or_else(|| "an RFC 3339 time such as 2026-12-01T00:00:00+08:00".to_owned())
}
