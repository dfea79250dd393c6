//! `sluice ledger accounts|statement|journal|trial`.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;
use sluice_proto::v1::get_journal_request::Which;

use super::output::Column;
use super::{Context, find, json};
use crate::client::{DEADLINE, PROOF_WAIT, answer};
use crate::exit::{Exit, Failure};
use crate::text::money;
use crate::text::width::Align::{Left, Right};

/// The daemon's largest page.
const PAGE: u32 = 500;

/// The books.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// List accounts with their balances, by name
    #[command(after_help = "Examples:\n  sluice ledger accounts\n  sluice ledger accounts u_2071\n  \
                            sluice ledger accounts --prefix user:app_demo: --limit 1000 --json")]
    Accounts(Accounts),
    /// List an account's lines with the running balance, newest first
    #[command(after_help = "Examples:\n  sluice ledger statement user:app_demo:u_2071:available\n  \
                            sluice ledger statement channel:alipay:clearing --since 1d --oldest-first --json")]
    Statement(Statement),
    /// Show the journals of an order, with the balances after each line
    #[command(after_help = "Examples:\n  sluice ledger journal A-20261124-0007\n  \
                            sluice ledger journal --journal-id 1204 --json")]
    Journal(Journal),
    /// Show debits against credits per currency; exit code 1 if the books do not hold
    ///
    /// The sums are at most half a minute old. With --prove the whole ledger is checked now: every journal, balance and
    /// credit; the first entry that breaks the books is named.
    #[command(after_help = "Examples:\n  sluice ledger trial\n  sluice ledger trial --prove --json")]
    Trial {
        /// Prove the whole ledger now; some seconds for a million lines
        #[arg(long)]
        prove: bool,
    },
}

/// Which accounts.
#[derive(Args, Debug)]
pub struct Accounts {
    /// Any part of the account's name
    text: Option<String>,
    /// The beginning of the account's name, such as user:app_demo: or channel:
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Only accounts in this currency
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

/// Which lines of which account.
#[derive(Args, Debug)]
pub struct Statement {
    /// The account's name, as `ledger accounts` lists it
    account: String,
    /// The account's currency; needed only where it has several
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Only lines since so long ago, such as 30m, 1h or 2d
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    since: Option<Duration>,
    /// The oldest line first
    #[arg(long)]
    oldest_first: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

/// Whose journals.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Journal {
    /// Any number of the order
    id: Option<String>,
    /// This journal alone
    #[arg(long, value_name = "ID")]
    journal_id: Option<String>,
}

impl Ledger {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Accounts(which) => which.run(context).await,
            Self::Statement(which) => which.run(context).await,
            Self::Journal(which) => which.run(context).await,
            Self::Trial { prove } => trial(prove, context).await,
        }
    }
}

impl Accounts {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut request = pb::ListAccountsRequest {
            prefix: self.prefix.unwrap_or_default(),
            text: self.text.unwrap_or_default().trim().to_owned(),
            currency: self.currency.unwrap_or_default(),
            ..Default::default()
        };
        let (mut items, limit) = (Vec::new(), self.limit as usize);
        while items.len() < limit {
            request.limit = page(limit - items.len());
            let reply = answer(context.client.ledger().list_accounts(request.clone()), DEADLINE).await?;
            items.extend(reply.items);
            request.cursor = reply.next_cursor;
            if request.cursor.is_empty() {
                break;
            }
        }
        items.truncate(limit);
        if context.output.json {
            context.output.value(&items.iter().map(account).collect())?;
            return Ok(Exit::Ok);
        }
        const COLUMNS: [Column; 4] =
            [("ACCOUNT", Left), ("BALANCE", Right), ("SIDE", Left), ("WHAT IT HOLDS", Left)];
        let row = |a: &pb::Account| {
            vec![a.account.clone(), money::full(a.balance.as_ref()), a.side.clone(), a.text.clone()]
        };
        context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())?;
        Ok(Exit::Ok)
    }
}

impl Statement {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut request = pb::GetStatementRequest {
            account: self.account.trim().to_owned(),
            currency: self.currency.unwrap_or_default(),
            from_ms: self.since.map_or(0, |d| (context.now() - d).millis()),
            oldest_first: self.oldest_first,
            ..Default::default()
        };
        let (mut head, mut lines, limit) = (None, Vec::new(), self.limit as usize);
        while lines.len() < limit {
            request.limit = page(limit - lines.len());
            let reply = answer(context.client.ledger().get_statement(request.clone()), DEADLINE).await?;
            lines.extend(reply.items);
            head = head.or(reply.account);
            request.cursor = reply.next_cursor;
            if request.cursor.is_empty() {
                break;
            }
        }
        lines.truncate(limit);
        let head = head.unwrap_or_default();
        let currency = head.balance.as_ref().map(|b| b.currency.clone()).unwrap_or_default();
        if context.output.json {
            let mut value = account(&head);
            value["lines"] = lines.iter().map(|l| line(l, &currency)).collect();
            context.output.value(&value)?;
            return Ok(Exit::Ok);
        }
        context.output.facts(&[
            ("account", head.account),
            ("balance", money::full(head.balance.as_ref())),
            ("side", head.side),
        ])?;
        context.output.line("")?;
        const COLUMNS: [Column; 7] = [
            ("TIME", Left),
            ("GAIN", Right),
            ("BALANCE", Right),
            ("KIND", Left),
            ("MERCHANT NO", Left),
            ("ORDER", Left),
            ("JOURNAL", Right),
        ];
        let now = context.now();
        let row = |l: &pb::StatementLine| {
            vec![
                context.clock.short(l.at_ms, now),
                money::gain(l.gain_minor, &currency),
                money::minor_digits(l.balance_minor, &currency),
                l.kind.clone(),
                l.merchant_order_no.clone(),
                l.order_id.clone(),
                l.journal_id.clone(),
            ]
        };
        context.output.table(&COLUMNS, &lines.iter().map(row).collect::<Vec<_>>())?;
        Ok(Exit::Ok)
    }
}

impl Journal {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let which = match (self.id, self.journal_id) {
            (Some(number), _) => Which::OrderId(find::one_order_id(&number, context).await?),
            (None, id) => Which::JournalId(id.unwrap_or_default().trim().to_owned()),
        };
        let request = pb::GetJournalRequest { which: Some(which) };
        let reply = answer(context.client.ledger().get_journal(request), DEADLINE).await?;
        if context.output.json {
            let order = reply.order.as_ref().map(json::order).transpose()?;
            let journals: Vec<Value> = reply.items.iter().map(journal).collect();
            context.output.value(&json!({"order": order, "journals": journals}))?;
            return Ok(Exit::Ok);
        }
        let order = reply.order.and_then(|v| v.order).unwrap_or_default();
        context.output.facts(&[
            ("order", order.order_id),
            ("merchant number", order.merchant_order_no),
            ("state", format!("{} {} {}", order.r#type, order.state, order.state_name)),
            ("amount", money::full(order.amount.as_ref())),
        ])?;
        const COLUMNS: [Column; 4] =
            [("ACCOUNT", Left), ("DEBIT", Right), ("CREDIT", Right), ("BALANCE AFTER", Right)];
        for j in &reply.items {
            let at = context.clock.short(j.at_ms, context.now());
            context.output.line("")?;
            context.output.line(&format!("#{}  {at}  {}: {}", j.journal_id, j.kind, j.text))?;
            let row = |l: &pb::JournalLine| {
                let (debit, credit) = money::sides(l.debit_minor, &j.currency);
                vec![l.account.clone(), debit, credit, money::minor_digits(l.balance_minor, &j.currency)]
            };
            context.output.table(&COLUMNS, &j.lines.iter().map(row).collect::<Vec<_>>())?;
        }
        Ok(Exit::Ok)
    }
}

async fn trial(prove: bool, context: &Context) -> Result<Exit, Failure> {
    let request = pb::GetTrialBalanceRequest { prove };
    let deadline = if prove { PROOF_WAIT } else { DEADLINE };
    let t = answer(context.client.ledger().get_trial_balance(request), deadline).await?;
    if context.output.json {
        let lines: Vec<Value> = t
            .lines
            .iter()
            .map(|l| {
                json!({
                    "currency": l.currency, "debit_minor": l.debit_minor, "credit_minor": l.credit_minor,
                    "difference_minor": l.difference_minor,
                })
            })
            .collect();
        context.output.value(&json!({
            "holds": holds(&t), "at": json::time(t.at_ms), "currencies": lines, "journals": t.journals,
            "violation": json::text(&t.violation), "proved_at": json::time(t.proved_at_ms),
        }))?;
    } else {
        const COLUMNS: [Column; 4] =
            [("CURRENCY", Left), ("DEBIT", Right), ("CREDIT", Right), ("DIFFERENCE", Right)];
        let row = |l: &pb::TrialLine| {
            let digits = |minor| money::minor_digits(minor, &l.currency);
            vec![
                l.currency.clone(),
                digits(l.debit_minor),
                digits(l.credit_minor),
                digits(l.difference_minor),
            ]
        };
        context.output.table(&COLUMNS, &t.lines.iter().map(row).collect::<Vec<_>>())?;
        context.output.line("")?;
        let now = context.now();
        context.output.facts(&[
            ("books", if holds(&t) { "hold" } else { "DO NOT HOLD" }.to_owned()),
            ("violation", t.violation.clone()),
            ("journals", money::count(t.journals)),
            ("summed", context.clock.long(t.at_ms, now)),
            ("proved", context.clock.long(t.proved_at_ms, now)),
        ])?;
    }
    Ok(if holds(&t) { Exit::Ok } else { Exit::Unexpected })
}

/// Whether every currency is balanced and nothing was found that breaks the books.
pub(crate) fn holds(t: &pb::TrialBalance) -> bool {
    t.violation.is_empty() && t.lines.iter().all(|l| l.difference_minor == 0)
}

fn page(wanted: usize) -> u32 {
    u32::try_from(wanted).unwrap_or(PAGE).min(PAGE)
}

fn account(a: &pb::Account) -> Value {
    json!({"account": a.account, "balance": json::money(a.balance.as_ref()), "side": a.side, "holds": a.text})
}

fn line(l: &pb::StatementLine, currency: &str) -> Value {
    json!({
        "entry": l.entry, "at": json::time(l.at_ms), "gain_minor": l.gain_minor, "balance_minor": l.balance_minor,
        "currency": currency, "kind": l.kind, "order_id": l.order_id, "merchant_order_no": l.merchant_order_no,
        "journal_id": l.journal_id,
    })
}

fn journal(j: &pb::Journal) -> Value {
    json!({
        "journal_id": j.journal_id, "order_id": j.order_id, "kind": j.kind, "key": json::text(&j.key),
        "at": json::time(j.at_ms), "currency": j.currency, "text": j.text,
        "lines": j.lines.iter().map(|l| json!({
            "account": l.account, "debit_minor": l.debit_minor, "balance_minor": l.balance_minor,
        })).collect::<Vec<_>>(),
    })
}
