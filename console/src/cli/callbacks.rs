//! `sluice callbacks list`, `sluice callback show|replay`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;

use super::output::Column;
use super::{Context, find, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::width::Align::{Left, Right};
use crate::text::{money, time};

/// Several callbacks.
#[derive(Debug, Subcommand)]
pub enum Callbacks {
    /// List undelivered callbacks, the longest undelivered first
    #[command(
        after_help = "Examples:\n  sluice callbacks list --stuck --json\n  sluice callbacks list --app app_demo\n  \
                            sluice callbacks list --order A-20261124-0007"
    )]
    List(List),
}

/// What `callbacks list` filters by.
#[derive(Args, Debug)]
pub struct List {
    /// Only those undelivered for too long, or whose schedule is used up
    #[arg(long)]
    stuck: bool,
    /// Only those of this app
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// All of this order, delivered ones too; any of its numbers
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

/// One callback.
#[derive(Debug, Subcommand)]
pub enum Callback {
    /// Show a callback with its attempts and its body
    #[command(after_help = "Example:\n  sluice callback show cbk_01KBFZ0P5Q7WJQ0C0X3M9N4T2A")]
    Show {
        /// A callback's id, or a number of the order whose only callback it is
        id: String,
    },
    /// Send a callback again now, starting its schedule anew
    ///
    /// The merchant gets the same body signed anew; a merchant that had it already sees the same state_version.
    #[command(
        after_help = "Example:\n  sluice callback replay cbk_01KBFZ0P5Q7WJQ0C0X3M9N4T2A --reason 'endpoint repaired'"
    )]
    Replay {
        /// A callback's id, or a number of the order whose only callback it is
        id: String,
        /// Why; goes into the audit log
        #[arg(long, default_value = "", value_name = "TEXT")]
        reason: String,
    },
}

impl Callbacks {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::List(list) = self;
        let order_id = match &list.order {
            Some(number) => find::one_order_id(number, context).await?,
            None => String::new(),
        };
        let request = pb::ListCallbacksRequest {
            stuck: list.stuck,
            client_id: list.app.unwrap_or_default(),
            undelivered: order_id.is_empty(),
            order_id,
            limit: list.limit,
            ..Default::default()
        };
        let items = answer(context.client.ops().list_callbacks(request), DEADLINE).await?.items;
        if context.output.json {
            context.output.value(&items.iter().map(json::callback).collect())?;
        } else {
            table(&items, context)?;
        }
        Ok(Exit::Ok)
    }
}

impl Callback {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Show { id } => show(&id, context).await,
            Self::Replay { id, reason } => replay(&id, reason, context).await,
        }
    }
}

async fn show(id: &str, context: &Context) -> Result<Exit, Failure> {
    let callback_id = one_callback_id(id, context).await?;
    let detail =
        answer(context.client.ops().get_callback(pb::GetCallbackRequest { callback_id }), DEADLINE).await?;
    if context.output.json {
        context.output.value(&json::callback_detail(&detail))?;
        return Ok(Exit::Ok);
    }
    let callback = detail.callback.unwrap_or_default();
    let now = context.now();
    context.output.facts(&[
        ("callback", callback.callback_id),
        ("type", callback.r#type),
        ("state", callback.state),
        ("order", callback.order_id),
        ("merchant number", callback.merchant_order_no),
        ("app", callback.client_id),
        ("amount", money::full(callback.amount.as_ref())),
        ("url", callback.url),
        ("created", context.clock.long(callback.created_at_ms, now)),
        ("delivered", context.clock.long(callback.delivered_at_ms, now)),
        ("next attempt", context.clock.long(callback.next_attempt_at_ms, now)),
    ])?;
    context.output.line("")?;
    let columns: [Column; 7] = [
        ("NO", Right),
        ("TIME", Left),
        ("LATENCY", Right),
        ("STATUS", Right),
        ("ERROR", Left),
        ("BY", Left),
        ("ANSWER", Left),
    ];
    let rows: Vec<Vec<String>> = detail
        .attempts
        .iter()
        .map(|a| {
            vec![
                a.no.to_string(),
                context.clock.short(a.at_ms, now),
                format!("{} ms", a.latency_ms),
                if a.status == 0 { String::new() } else { a.status.to_string() },
                format!("{} {}", a.error, a.detail).trim().to_owned(),
                if a.by.is_empty() { "schedule".to_owned() } else { a.by.clone() },
                a.body.chars().take(40).collect(),
            ]
        })
        .collect();
    context.output.table(&columns, &rows)?;
    Ok(Exit::Ok)
}

async fn replay(id: &str, reason: String, context: &Context) -> Result<Exit, Failure> {
    context.may_change()?;
    let callback_id = one_callback_id(id, context).await?;
    let request = pb::ReplayCallbackRequest { request_id: context.request_id(), callback_id, reason };
    let reply = answer(context.client.ops().replay_callback(request), DEADLINE).await?;
    let callback = reply.callback.unwrap_or_default();
    if context.output.json {
        let mut value: Value = json::callback(&callback);
        value["audit_seq"] = json!(reply.audit_seq);
        context.output.value(&value)?;
    } else {
        context.output.facts(&[
            ("callback", callback.callback_id),
            ("state", callback.state),
            ("order", callback.order_id),
            ("next attempt", context.clock.long(callback.next_attempt_at_ms, context.now())),
            ("audit", format!("#{}", reply.audit_seq)),
        ])?;
    }
    Ok(Exit::Ok)
}

/// A callback's id as it is, or the only callback of the order with this number.
async fn one_callback_id(id: &str, context: &Context) -> Result<String, Failure> {
    let id = id.trim();
    if id.starts_with("cbk_") {
        return Ok(id.to_owned());
    }
    let order_id = find::one_order_id(id, context).await?;
    let request = pb::ListCallbacksRequest { order_id, limit: 100, ..Default::default() };
    let mut items = answer(context.client.ops().list_callbacks(request), DEADLINE).await?.items;
    items.retain(|c| c.state != "superseded");
    match items.len() {
        0 => Err(Failure::new(Exit::NotFound, format!("the order {id} has no callback"))
            .next(format!("`sluice order show {id}` shows why"))),
        1 => Ok(items.remove(0).callback_id),
        n => {
            if context.output.json {
                context.output.value(&items.iter().map(json::callback).collect())?;
            } else {
                table(&items, context)?;
            }
            Err(Failure::new(Exit::NotFound, format!("the order {id} has {n} callbacks"))
                .next("name the one you mean by its callback_id"))
        }
    }
}

fn table(items: &[pb::Callback], context: &Context) -> Result<(), Failure> {
    const COLUMNS: [Column; 10] = [
        ("AGE", Right),
        ("CALLBACK", Left),
        ("MERCHANT NO", Left),
        ("APP", Left),
        ("TYPE", Left),
        ("AMOUNT", Right),
        ("STATE", Left),
        ("TRIES", Right),
        ("LAST", Left),
        ("ENDPOINT", Left),
    ];
    let now = context.now();
    let row = |c: &pb::Callback| {
        vec![
            time::age(c.created_at_ms, now),
            c.callback_id.clone(),
            c.merchant_order_no.clone(),
            c.client_id.clone(),
            c.r#type.clone(),
            money::full(c.amount.as_ref()),
            if c.stuck { "stuck".to_owned() } else { c.state.clone() },
            c.attempts.to_string(),
            last_answer(c),
            c.endpoint.clone(),
        ]
    };
    context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())
}

/// `500 status`, `timeout`, or nothing yet.
pub(crate) fn last_answer(c: &pb::Callback) -> String {
    let status = if c.last_status == 0 { String::new() } else { c.last_status.to_string() };
    format!("{status} {}", c.last_error).trim().to_owned()
}
