//! `sluice payee list|add|remove`.

use std::io::BufRead;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;

use super::confirm::confirm;
use super::output::Column;
use super::{Context, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::time;
use crate::text::width::Align::{Left, Right};

/// How much of a key is shown: enough to tell the payees of an app apart.
const SHOWN: usize = 12;

/// The payees that an app's withdrawals may go to.
#[derive(Debug, Subcommand)]
pub enum Payee {
    /// List an app's payees, and from when on each may be paid
    #[command(after_help = "Example:\n  sluice payee list app_demo")]
    List {
        /// The app
        client_id: String,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Put a payee on an app's list; the waiting time of its rule begins
    #[command(
        after_help = "Examples:\n  sluice payee add app_demo --kind bank --account 6222021234567890 --reason 'form of 25 May'\n  \
                            sluice payee add app_demo --kind alipay --account - --reason INC-50 --yes < account.txt"
    )]
    Add(Add),
    /// Take a payee off an app's list
    #[command(
        after_help = "Example:\n  sluice payee remove app_demo 8f3c21d09a1e --reason 'account closed' --yes"
    )]
    Remove(Remove),
}

/// Whom to list.
#[derive(Args, Debug)]
pub struct Add {
    /// The app
    client_id: String,
    /// What kind of payee
    #[arg(long, value_enum, value_name = "KIND")]
    kind: PayeeKind,
    /// The account exactly as withdrawals name it (for wechat the openid); `-` reads it from standard input
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Whom to take off.
#[derive(Args, Debug)]
pub struct Remove {
    /// The app
    client_id: String,
    /// The payee's key, or its beginning, as `payee list` shows it
    key: String,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// The kinds of payees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PayeeKind {
    /// An Alipay account
    Alipay,
    /// A bank account
    Bank,
    /// A WeChat user
    Wechat,
}

impl PayeeKind {
    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alipay => "alipay",
            Self::Bank => "bank",
            Self::Wechat => "wechat",
        }
    }
}

impl Payee {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List { client_id, limit } => list(client_id, limit, context).await,
            Self::Add(add) => add.run(context).await,
            Self::Remove(remove) => remove.run(context).await,
        }
    }
}

async fn list(client_id: String, limit: u32, context: &Context) -> Result<Exit, Failure> {
    let request = pb::ListPayeesRequest { client_id, limit, ..Default::default() };
    let items = answer(context.client.risk().list_payees(request), DEADLINE).await?.items;
    if context.output.json {
        context.output.value(&items.iter().map(payee).collect())?;
        return Ok(Exit::Ok);
    }
    const COLUMNS: [Column; 5] =
        [("KEY", Left), ("PAYEE", Left), ("ADDED", Right), ("BY", Left), ("PAYABLE", Left)];
    let now = context.now();
    let row = |p: &pb::ListedPayee| {
        vec![
            p.key.chars().take(SHOWN).collect(),
            p.masked.clone(),
            format!("{} ago", time::age(p.added_at_ms, now)),
            p.added_by.clone(),
            payable(p, context),
        ]
    };
    context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Ok)
}

/// From when on a payee may be paid.
fn payable(p: &pb::ListedPayee, context: &Context) -> String {
    match p.payable_at_ms {
        0 => "no rule asks for the list".to_owned(),
        at if at <= context.now().millis() => "yes".to_owned(),
        at => time::ago(at, context.now()),
    }
}

impl Add {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let account = match self.account.as_str() {
            "-" => from_standard_input()?,
            account => account.to_owned(),
        };
        let effect = format!(
            "lets withdrawals of {} go to this {} payee, once its waiting time is over",
            self.client_id,
            self.kind.name()
        );
        confirm(&effect, &self.client_id, self.yes, context)?;
        let request = pb::AddPayeeRequest {
            request_id: context.request_id(),
            client_id: self.client_id,
            kind: self.kind.name().to_owned(),
            account,
            reason: self.reason,
        };
        let reply = answer(context.client.risk().add_payee(request), DEADLINE).await?;
        let added = reply.payee.unwrap_or_default();
        if context.output.json {
            let mut value = payee(&added);
            value["audit_seq"] = json!(reply.audit_seq);
            context.output.value(&value)?;
        } else {
            context.output.facts(&[
                ("key", added.key.chars().take(SHOWN).collect()),
                ("payee", added.masked.clone()),
                ("payable", payable(&added, context)),
                ("audit", format!("#{}", reply.audit_seq)),
            ])?;
        }
        Ok(Exit::Ok)
    }
}

/// The first line: an account need not stand in a shell's history.
fn from_standard_input() -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|e| Failure::new(Exit::Usage, format!("standard input cannot be read: {e}")))?;
    Ok(line.trim().to_owned())
}

impl Remove {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let found = exactly(&self.client_id, self.key.trim(), context).await?;
        let effect = format!(
            "takes {} off the list of {}: its withdrawals to it are refused at once",
            found.masked, self.client_id
        );
        confirm(&effect, &self.client_id, self.yes, context)?;
        let request = pb::RemovePayeeRequest {
            request_id: context.request_id(),
            client_id: self.client_id,
            key: found.key.clone(),
            reason: self.reason,
        };
        let reply = answer(context.client.risk().remove_payee(request), DEADLINE).await?;
        if context.output.json {
            context
                .output
                .value(&json!({"key": found.key, "removed": true, "audit_seq": reply.audit_seq}))?;
        } else {
            context
                .output
                .facts(&[("removed", found.masked.clone()), ("audit", format!("#{}", reply.audit_seq))])?;
        }
        Ok(Exit::Ok)
    }
}

/// The one payee of an app whose key begins so.
async fn exactly(client_id: &str, beginning: &str, context: &Context) -> Result<pb::ListedPayee, Failure> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = pb::ListPayeesRequest { client_id: client_id.to_owned(), limit: 500, cursor };
        let reply = answer(context.client.risk().list_payees(request), DEADLINE).await?;
        found.extend(reply.items.into_iter().filter(|p| p.key.starts_with(beginning)));
        cursor = reply.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    match (found.len(), found.pop()) {
        (1, Some(payee)) => Ok(payee),
        (n, _) => Err(Failure::new(
            Exit::NotFound,
            format!("{n} payees of {client_id} have a key that begins with {beginning}"),
        )
        .next(format!("`sluice payee list {client_id}` shows them"))),
    }
}

fn payee(p: &pb::ListedPayee) -> Value {
    json!({"key": p.key, "payee": p.masked, "added_at": json::time(p.added_at_ms), "added_by": p.added_by,
           "payable_at": json::time(p.payable_at_ms)})
}
