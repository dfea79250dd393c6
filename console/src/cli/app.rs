//! `sluice app suspend|resume|suspensions`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;

use super::confirm::confirm;
use super::output::Column;
use super::{Context, apps, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::time;
use crate::text::width::Align::{Left, Right};

/// One app, stopped or going on.
#[derive(Debug, Subcommand)]
pub enum App {
    /// Stop an app, or one order type of it; when this returns, its requests are refused
    ///
    /// What is under way settles all the same, and its callbacks leave.
    #[command(
        after_help = "Examples:\n  sluice app suspend app_demo --reason 'key in a public repository, INC-60'\n  \
                            sluice app suspend app_demo --type withdraw --reason INC-61 --yes --json"
    )]
    Suspend(Suspend),
    /// Let an app, or one order type of it, go on
    #[command(after_help = "Examples:\n  sluice app resume app_demo --reason 'INC-60 closed'\n  \
                            sluice app resume app_demo --type withdraw --reason INC-61 --yes")]
    Resume(Suspend),
    /// List what is suspended, of one app or of all
    #[command(after_help = "Examples:\n  sluice app suspensions\n  sluice app suspensions app_demo --json")]
    Suspensions {
        /// The app
        client_id: Option<String>,
    },
}

/// What to stop, or to let go on.
#[derive(Args, Debug)]
pub struct Suspend {
    /// The app
    client_id: String,
    /// Only this order type; without it, the whole app
    #[arg(long, value_enum, value_name = "TYPE")]
    r#type: Option<OrderType>,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// The order types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderType {
    /// 充值
    Recharge,
    /// 提现
    Withdraw,
    /// 交易
    Trade,
}

impl OrderType {
    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Withdraw => "withdraw",
            Self::Trade => "trade",
        }
    }
}

impl App {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Suspend(ask) => ask.suspend(context).await,
            Self::Resume(ask) => ask.resume(context).await,
            Self::Suspensions { client_id } => {
                let request = pb::ListSuspensionsRequest { client_id: client_id.unwrap_or_default() };
                let items = answer(context.client.risk().list_suspensions(request), DEADLINE).await?.items;
                list(&items, context)
            }
        }
    }
}

impl Suspend {
    async fn suspend(self, context: &Context) -> Result<Exit, Failure> {
        let (client_id, kind) = self.ask("stops", "its requests are refused at once", context).await?;
        let request_id = context.request_id();
        let request = pb::SuspendAppRequest { request_id, client_id, r#type: kind, reason: self.reason };
        let reply = answer(context.client.risk().suspend_app(request), DEADLINE).await?;
        let suspension = reply.suspension.unwrap_or_default();
        if context.output.json {
            let mut value = self::suspension(&suspension);
            value["audit_seq"] = json!(reply.audit_seq);
            context.output.value(&value)?;
        } else {
            context.output.facts(&[
                ("suspended", what(&suspension)),
                ("by", suspension.by.clone()),
                ("audit", format!("#{}", reply.audit_seq)),
            ])?;
        }
        Ok(Exit::Ok)
    }

    async fn resume(self, context: &Context) -> Result<Exit, Failure> {
        let (client_id, kind) = self.ask("lets", "its requests are taken again", context).await?;
        let request_id = context.request_id();
        let request = pb::ResumeAppRequest { request_id, client_id, r#type: kind, reason: self.reason };
        let reply = answer(context.client.risk().resume_app(request), DEADLINE).await?;
        if context.output.json {
            let left: Vec<_> = reply.left.iter().map(suspension).collect();
            context.output.value(&json!({"left": left, "audit_seq": reply.audit_seq}))?;
        } else {
            let left: Vec<_> = reply.left.iter().map(what).collect();
            let left = if left.is_empty() { "nothing".to_owned() } else { left.join(", ") };
            context.output.facts(&[("still suspended", left), ("audit", format!("#{}", reply.audit_seq))])?;
        }
        Ok(Exit::Ok)
    }

    /// Asks before the act; what it acts on.
    async fn ask(&self, verb: &str, effect: &str, context: &Context) -> Result<(String, String), Failure> {
        context.may_change()?;
        let app = apps::exactly(self.client_id.trim(), context).await?;
        let kind = self.r#type.map_or("", OrderType::name);
        let whole = if kind.is_empty() { "everything".to_owned() } else { format!("every {kind}") };
        let go_on = if verb == "lets" { " go on" } else { "" };
        let what =
            format!("{verb} {whole} of {} ({}, {}){go_on}: {effect}", app.client_id, app.name, app.merchant);
        confirm(&what, &app.client_id, self.yes, context)?;
        Ok((app.client_id, kind.to_owned()))
    }
}

fn list(items: &[pb::Suspension], context: &Context) -> Result<Exit, Failure> {
    if context.output.json {
        context.output.value(&items.iter().map(suspension).collect())?;
        return Ok(Exit::Ok);
    }
    const COLUMNS: [Column; 5] =
        [("APP", Left), ("TYPE", Left), ("SINCE", Right), ("BY", Left), ("REASON", Left)];
    let now = context.now();
    let row = |s: &pb::Suspension| {
        let kind = if s.r#type.is_empty() { "all" } else { &s.r#type };
        vec![
            s.client_id.clone(),
            kind.to_owned(),
            format!("{} ago", time::age(s.at_ms, now)),
            s.by.clone(),
            s.reason.clone(),
        ]
    };
    context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Ok)
}

/// What is stopped, for people.
fn what(s: &pb::Suspension) -> String {
    if s.r#type.is_empty() { s.client_id.clone() } else { format!("{} of {}", s.r#type, s.client_id) }
}

fn suspension(s: &pb::Suspension) -> Value {
    json!({"client_id": s.client_id, "type": json::text(&s.r#type), "at": json::time(s.at_ms), "by": s.by,
           "reason": s.reason})
}
