//! `service Ledger`, the books (流水): every call with the role that it needs, and what it does.

use sluice_core::id::OrderId;
use sluice_core::ledger::{Account, PostingKind};
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;
use sluice_proto::v1::get_journal_request::Which;
use sluice_proto::v1::ledger_server::Ledger;
use tonic::{Request, Response, Status};

use super::auth::Role;
use super::cursor::{page, page_key, page_size};
use super::figures::Figures;
use super::orders::{MAX_TEXT, no_such_order, parse_id};
use super::service::{Answer, Service};
use super::view;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::view::views;
use crate::store::read::ledger::{AccountFilter, AccountRow, JournalRow, LinesPage};
use crate::store::read::statements::StatementLine;

#[tonic::async_trait]
impl Ledger for Service {
    async fn list_accounts(
        &self,
        request: Request<pb::ListAccountsRequest>,
    ) -> Answer<pb::ListAccountsReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        accounts(&self.d, ask).await.map(Response::new)
    }

    async fn get_statement(&self, request: Request<pb::GetStatementRequest>) -> Answer<pb::Statement> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        statement(&self.d, ask).await.map(Response::new)
    }

    async fn get_journal(&self, request: Request<pb::GetJournalRequest>) -> Answer<pb::GetJournalReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        journals(&self.d, ask).await.map(Response::new)
    }

    async fn get_trial_balance(
        &self,
        request: Request<pb::GetTrialBalanceRequest>,
    ) -> Answer<pb::TrialBalance> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        if ask.prove {
            let _turn = self.heavy().await?;
            self.figures.prove(&self.d).await?;
        }
        Ok(Response::new(trial(&self.figures)))
    }
}

/// A page of accounts, by name.
async fn accounts(d: &Daemon, ask: pb::ListAccountsRequest) -> Result<pb::ListAccountsReply, Status> {
    let size = page_size(ask.limit);
    for (name, value) in [("prefix", &ask.prefix), ("text", &ask.text), ("currency", &ask.currency)] {
        if value.len() > MAX_TEXT {
            return Err(Status::invalid_argument(format!("{name}: at most {MAX_TEXT} bytes")));
        }
    }
    let filter = AccountFilter {
        prefix: ask.prefix,
        text: ask.text.trim().to_owned(),
        currency: ask.currency,
        after: page_key(&ask.cursor)?.map(|key| after(&key)).transpose()?,
        limit: size + 1,
    };
    let rows = d.store.accounts(&filter).await?;
    // A currency is a word, an account's name may be anything.
    let (rows, next_cursor) = page(rows, size, |a| format!("{} {}", a.currency, a.account));
    Ok(pb::ListAccountsReply { items: rows.into_iter().map(account).collect(), next_cursor })
}

fn after(key: &str) -> Result<(String, String), Status> {
    let (currency, account) = key.split_once(' ').ok_or_else(of_another_list)?;
    Ok((account.to_owned(), currency.to_owned()))
}

fn of_another_list() -> Status {
    Status::invalid_argument("cursor: of another list")
}

/// A page of an account's lines.
async fn statement(d: &Daemon, ask: pb::GetStatementRequest) -> Result<pb::Statement, Status> {
    let size = page_size(ask.limit);
    let row = one_account(d, ask.account.trim(), ask.currency.trim()).await?;
    let entry = |key: String| key.parse().map_err(|_| of_another_list());
    let lines = d
        .store
        .account_lines(&LinesPage {
            account: row.account.clone(),
            currency: row.currency.clone(),
            from: (ask.from_ms != 0).then_some(Timestamp(ask.from_ms)),
            to: (ask.to_ms != 0).then_some(Timestamp(ask.to_ms)),
            oldest_first: ask.oldest_first,
            after: page_key(&ask.cursor)?.map(entry).transpose()?,
            limit: size + 1,
        })
        .await?;
    let (lines, next_cursor) = page(lines, size, |l| l.entry.to_string());
    let items = lines.into_iter().map(line).collect();
    Ok(pb::Statement { account: Some(account(row)), items, next_cursor })
}

/// The account of this name; where it has several currencies, one must be named.
async fn one_account(d: &Daemon, name: &str, currency: &str) -> Result<AccountRow, Status> {
    if name.is_empty() || name.len() > MAX_TEXT {
        return Err(Status::invalid_argument(format!("account: 1 to {MAX_TEXT} bytes")));
    }
    let mut rows = d.store.account(name).await?;
    if !currency.is_empty() {
        rows.retain(|a| a.currency == currency);
    }
    match rows.len() {
        0 => Err(Status::not_found("nothing was ever booked on this account; ListAccounts has all")),
        1 => Ok(rows.remove(0)),
        _ => {
            let all: Vec<_> = rows.iter().map(|a| a.currency.as_str()).collect();
            Err(Status::invalid_argument(format!("currency: the account has several: {}", all.join(", "))))
        }
    }
}

/// The journals of an order, or one journal, with the order.
async fn journals(d: &Daemon, ask: pb::GetJournalRequest) -> Result<pb::GetJournalReply, Status> {
    let (order, rows) = match ask.which {
        Some(Which::OrderId(id)) => {
            let id = parse_id(&id)?;
            (id, d.store.journals(id).await?)
        }
        Some(Which::JournalId(id)) => {
            let no_such = || Status::not_found("there is no journal with this number");
            let number = id.trim().parse().map_err(|_| no_such())?;
            let row = d.store.journal(number).await?.ok_or_else(no_such)?;
            (row.order, vec![row])
        }
        None => return Err(Status::invalid_argument("which: order_id or journal_id")),
    };
    let order = order_view(d, order).await?;
    Ok(pb::GetJournalReply { items: rows.into_iter().map(journal).collect(), order: Some(order) })
}

async fn order_view(d: &Daemon, id: OrderId) -> Result<pb::OrderView, Status> {
    let order = d.store.order(id).await?.ok_or_else(|| no_such_order(&id.to_string()))?;
    let view = views(d, vec![order], clock::now()).await?.pop().map(view::order);
    view.ok_or_else(|| no_such_order(&id.to_string()))
}

/// Debits against credits as they were last summed, and what the last proof found.
fn trial(figures: &Figures) -> pb::TrialBalance {
    let look = figures.ledger();
    let line = |sums: &crate::store::read::ledger::TrialSums| pb::TrialLine {
        currency: sums.currency.clone(),
        debit_minor: sums.debit,
        credit_minor: sums.credit,
        difference_minor: sums.debit - sums.credit,
    };
    pb::TrialBalance {
        at_ms: view::millis(look.at),
        lines: look.sums.iter().map(line).collect(),
        journals: u64::try_from(look.journals).unwrap_or_default(),
        violation: look.violation.unwrap_or_default(),
        proved_at_ms: view::millis(look.proved_at),
    }
}

fn account(row: AccountRow) -> pb::Account {
    pb::Account {
        text: Account::from_name(&row.account).map_or("", |a| a.meaning()).to_owned(),
        account: row.account,
        balance: Some(pb::Money { minor: row.balance, currency: row.currency }),
        side: row.side,
    }
}

fn line(line: StatementLine) -> pb::StatementLine {
    pb::StatementLine {
        entry: line.entry,
        at_ms: line.at.millis(),
        journal_id: line.journal_id.to_string(),
        kind: line.kind,
        order_id: line.order_id,
        merchant_order_no: line.merchant_order_no,
        gain_minor: line.gain,
        balance_minor: line.balance,
    }
}

fn journal(row: JournalRow) -> pb::Journal {
    let kind = PostingKind::ALL.into_iter().find(|kind| kind.name() == row.kind);
    let lines = row.lines.into_iter().map(|line| pb::JournalLine {
        account: line.account,
        debit_minor: line.minor,
        balance_minor: line.balance,
    });
    pb::Journal {
        journal_id: row.journal_id.to_string(),
        order_id: row.order.to_string(),
        text: kind.map_or("", PostingKind::meaning).to_owned(),
        kind: row.kind,
        key: row.key,
        at_ms: row.at.millis(),
        currency: row.currency,
        lines: lines.collect(),
    }
}
