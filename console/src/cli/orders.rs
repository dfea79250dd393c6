//! `sluice orders list`, `sluice order show|requery`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use super::output::Column;
use super::{Context, find, json};
use crate::client::{DEADLINE, REQUERY_WAIT, answer};
use crate::exit::{Exit, Failure};
use crate::text::width::Align::{Left, Right};
use crate::text::{kinds, money, named_diagnosis, time};

/// The daemon's largest page.
const PAGE: u32 = 500;

/// Several orders.
#[derive(Debug, Subcommand)]
pub enum Orders {
    /// List orders, newest first
    #[command(after_help = "Examples:\n  sluice orders list --limbo --json\n  \
                            sluice orders list --kind withdraw --state 1 --state 2\n  \
                            sluice orders list --state 3 --since 1h --channel alipay\n  \
                            sluice orders list --search A-2026 --limit 20")]
    List(List),
}

/// What `orders list` filters by; every filter narrows.
#[derive(Args, Debug)]
pub struct List {
    /// Only orders whose money fact at the channel is unknown for longer than that channel normally takes
    #[arg(long)]
    limbo: bool,
    /// Only orders in this state's number; may be given several times
    #[arg(long, value_name = "N")]
    state: Vec<u32>,
    /// Only orders of this kind; may be given several times
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Vec<Kind>,
    /// Only orders of this channel account
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Only orders of this app
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Only orders of this app's user
    #[arg(long, value_name = "USER_REF")]
    user: Option<String>,
    /// Only orders with this in one of their numbers or their user's name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only orders created since so long ago, such as 30m, 1h or 2d
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

/// The kinds of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// 充值
    Recharge,
    /// 提现
    Withdraw,
    /// 交易
    Trade,
    /// 退款
    Refund,
}

impl Kind {
    /// As in the API.
    const fn name(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Withdraw => "withdraw",
            Self::Trade => "trade",
            Self::Refund => "refund",
        }
    }
}

/// One order.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Show an order with its diagnosis, next step and timeline
    #[command(after_help = "Examples:\n  sluice order show rch_01KBFZ0P5Q7WJQ0C0X3M9N4T2A\n  \
                            sluice order show A-20261124-0007 --json | jq .diagnosis")]
    Show {
        /// Our number, the merchant's, channel_ref, the provider's, or a callback's id
        id: String,
    },
    /// Ask the channel now, and wait up to 10 s for its answer
    ///
    /// A requery can only bring facts, so it needs neither reason nor confirmation; it is audited all the same.
    /// Exit code 0 with an observation, 4 when the channel gave none.
    #[command(after_help = "Example:\n  sluice order requery A-20261124-0007")]
    Requery {
        /// Our number, the merchant's, channel_ref, the provider's, or a callback's id
        id: String,
    },
}

impl Orders {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::List(list) = self;
        let views = list.fetch(context).await?;
        if context.output.json {
            context.output.value(&json::orders(&views)?)?;
        } else {
            table(&views, context)?;
        }
        Ok(Exit::Ok)
    }
}

impl Order {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Show { id } => show(&id, context).await,
            Self::Requery { id } => requery(&id, context).await,
        }
    }
}

impl List {
    async fn fetch(self, context: &Context) -> Result<Vec<pb::OrderView>, Failure> {
        let from_ms = self.since.map_or(0, |d| (context.now() - d).millis());
        let mut request = pb::ListOrdersRequest {
            states: self.state,
            kinds: self.kind.into_iter().map(|kind| kind.name().to_owned()).collect(),
            limbo: self.limbo,
            channel: self.channel.unwrap_or_default(),
            client_id: self.app.unwrap_or_default(),
            user_ref: self.user.unwrap_or_default(),
            text: self.search.map(|s| s.trim().to_owned()).unwrap_or_default(),
            from_ms,
            ..Default::default()
        };
        let mut views = Vec::new();
        let mut wanted = self.limit;
        while wanted > 0 {
            request.limit = wanted.min(PAGE);
            let page = answer(context.client.ops().list_orders(request.clone()), DEADLINE).await?;
            wanted = wanted.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
            let last = page.items.is_empty() || page.next_cursor.is_empty();
            views.extend(page.items);
            if last {
                break;
            }
            if wanted == 0 {
                eprintln!("there are more; --limit shows them");
            }
            request.cursor = page.next_cursor;
        }
        views.truncate(self.limit as usize);
        Ok(views)
    }
}

async fn show(number: &str, context: &Context) -> Result<Exit, Failure> {
    let order_id = find::one_order_id(number, context).await?;
    let detail = answer(context.client.ops().get_order(pb::GetOrderRequest { order_id }), DEADLINE).await?;
    if context.output.json {
        context.output.value(&json::order_detail(&detail)?)?;
    } else {
        print_detail(&detail, context)?;
    }
    Ok(Exit::Ok)
}

async fn requery(number: &str, context: &Context) -> Result<Exit, Failure> {
    context.may_change()?;
    let order_id = find::one_order_id(number, context).await?;
    let wait_ms = u32::try_from(REQUERY_WAIT.as_millis()).unwrap_or(10_000);
    let request = pb::RequeryRequest { request_id: context.request_id(), order_id, wait_ms };
    let reply = answer(context.client.ops().requery(request), REQUERY_WAIT + DEADLINE).await?;
    let view = reply.order.clone().unwrap_or_default();
    if context.output.json {
        context.output.value(&json!({
            "answered": reply.answered,
            "observation": reply.answered.then(|| json!({
                "presence": reply.presence, "code": reply.code, "message": reply.message,
            })),
            "order": json::order(&view)?,
            "audit_seq": reply.audit_seq,
        }))?;
    } else {
        let said = [reply.presence.as_str(), reply.code.as_str(), reply.message.as_str()];
        let said = said.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" · ");
        let observation =
            if reply.answered { said } else { format!("none in time {said}").trim_end().to_owned() };
        context.output.facts(&[("observation", observation), ("audit", format!("#{}", reply.audit_seq))])?;
        context.output.facts(&facts(&view, context))?;
    }
    Ok(if reply.answered { Exit::Ok } else { Exit::NoObservation })
}

/// Prints orders as a table.
pub(super) fn table(views: &[pb::OrderView], context: &Context) -> Result<(), Failure> {
    const COLUMNS: [Column; 11] = [
        ("CREATED", Left),
        ("TYPE", Left),
        ("ORDER", Left),
        ("MERCHANT NO", Left),
        ("APP", Left),
        ("USER", Left),
        ("CHANNEL", Left),
        ("AMOUNT", Right),
        ("STATE", Left),
        ("DIAGNOSIS", Left),
        ("NEXT STEP", Left),
    ];
    let now = context.now();
    let row = |view: &pb::OrderView| {
        let order = view.order.clone().unwrap_or_default();
        let diagnosis = view.diagnosis.clone().unwrap_or_default();
        vec![
            context.clock.short(order.created_at_ms, now),
            order.r#type,
            order.order_id,
            order.merchant_order_no,
            order.client_id,
            order.user_ref,
            order.channel,
            money::full(order.amount.as_ref()),
            format!("{} {}", order.state, order.state_name),
            named_diagnosis(&diagnosis.code, &diagnosis.title),
            next_step(view, now),
        ]
    };
    context.output.table(&COLUMNS, &views.iter().map(row).collect::<Vec<_>>())
}

fn print_detail(detail: &pb::OrderDetail, context: &Context) -> Result<(), Failure> {
    let view = detail.view.clone().unwrap_or_default();
    context.output.facts(&facts(&view, context))?;
    context.output.line("")?;
    let rows: Vec<Vec<String>> = detail
        .timeline
        .iter()
        .map(|e| {
            let at = context.clock.precise(e.at_ms);
            vec![at, e.origin.clone(), e.kind.clone(), e.summary.clone(), e.evidence_id.clone()]
        })
        .collect();
    let columns = [("TIME", Left), ("ORIGIN", Left), ("KIND", Left), ("WHAT", Left), ("EVIDENCE", Left)];
    context.output.table(&columns, &rows)
}

fn facts(view: &pb::OrderView, context: &Context) -> Vec<(&'static str, String)> {
    let now = context.now();
    let order = view.order.clone().unwrap_or_default();
    let diagnosis = view.diagnosis.clone().unwrap_or_default();
    let (to, fee) = (kinds::paid_to(&order), kinds::fee(&order));
    vec![
        ("order", order.order_id),
        ("type", format!("{} {}", order.r#type, order.mode).trim_end().to_owned()),
        ("refund of", order.original_order_id),
        ("merchant number", order.merchant_order_no),
        ("app", order.client_id),
        ("user", order.user_ref),
        ("to", to),
        (
            "state",
            format!("{} {} {}", order.state, order.state_name, order.closed_reason).trim_end().to_owned(),
        ),
        ("flags", order.flags.join(", ")),
        ("amount", money::full(order.amount.as_ref())),
        ("captured", money::full(order.captured.as_ref())),
        ("fee", fee),
        ("fee returned", money::full(order.fee_returned.as_ref())),
        ("refunded", money::full(order.refunded.as_ref().filter(|r| r.minor != 0))),
        ("channel", format!("{} {}", order.channel, order.method).trim().to_owned()),
        ("channel ref", order.channel_ref),
        ("provider number", order.channel_order_no),
        ("created", context.clock.long(order.created_at_ms, now)),
        ("paid", context.clock.long(order.paid_at_ms, now)),
        ("expires", context.clock.long(order.expires_at_ms, now)),
        ("diagnosis", format!("{} — {}", named_diagnosis(&diagnosis.code, &diagnosis.title), diagnosis.text)),
        ("next step", next_step(view, now)),
    ]
}

fn next_step(view: &pb::OrderView, now: Timestamp) -> String {
    match &view.next_step {
        Some(step) if step.at_ms > now.millis() => format!("{} {}", step.text, time::ago(step.at_ms, now)),
        Some(step) => step.text.clone(),
        None => String::new(),
    }
}
