//! `sluiced ledger check`: the trial balance, and whether the books hold.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use sluice_core::money::Amount;

use crate::config::Config;
use crate::store::Store;
use crate::store::read::ledger::AccountRow;
use crate::store::read::ledger_check::LedgerProof;

#[derive(Subcommand)]
pub(super) enum LedgerCommand {
    /// Print the trial balance; exit 1 if anything is off. Also beside a running daemon.
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(config: Config, command: LedgerCommand) -> anyhow::Result<ExitCode> {
    let LedgerCommand::Check { json } = command;
    let store = Store::open(&config.store.url).await?;
    let (proof, accounts) = store.ledger_snapshot().await?;
    if json {
        println!("{}", as_json(&proof, &accounts));
    } else {
        print(&proof, &accounts);
    }
    Ok(if proof.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Users' accounts in one line per kind: the trial balance is for reading.
fn group(account: &str) -> String {
    match account.split(':').collect::<Vec<_>>().as_slice() {
        ["user", .., last] => format!("users' {last}"),
        ["app", .., last] => format!("apps' {last}"),
        _ => account.to_owned(),
    }
}

fn grouped(accounts: &[AccountRow]) -> BTreeMap<(String, String), i64> {
    let mut lines = BTreeMap::new();
    for a in accounts {
        *lines.entry((a.currency.clone(), group(&a.account))).or_insert(0) += a.debit();
    }
    lines
}

fn print(proof: &LedgerProof, accounts: &[AccountRow]) {
    println!("{:<32} {:>20} {:>20}", "account", "debit", "credit");
    let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for ((currency, account), sum) in grouped(accounts) {
        let (debit, credit) = (sum.max(0), (-sum).max(0));
        let total = totals.entry(currency.clone()).or_default();
        *total = (total.0 + debit, total.1 + credit);
        println!("{account:<32} {:>20} {:>20}", shown(debit, &currency), shown(credit, &currency));
    }
    for (currency, (debit, credit)) in &totals {
        println!(
            "{:<32} {:>20} {:>20}",
            format!("total {currency}"),
            shown(*debit, currency),
            shown(*credit, currency)
        );
    }
    println!("{} accounts, {} journals", accounts.len(), proof.journals);
    for fault in &proof.faults {
        println!("OFF: {fault}");
    }
    println!(
        "{}",
        if proof.faults.is_empty() {
            "the books hold: every balance is its lines, every total is zero, every order is booked as its state says"
        } else {
            "the books do NOT hold"
        }
    );
}

fn shown(minor: i64, currency: &str) -> String {
    match currency.parse() {
        _ if minor == 0 => String::new(),
        Ok(currency) => Amount::new(minor, currency).to_decimal(),
        Err(_) => minor.to_string(),
    }
}

fn as_json(proof: &LedgerProof, accounts: &[AccountRow]) -> serde_json::Value {
    let all: Vec<_> = accounts
        .iter()
        .map(|a| json!({"account": a.account, "currency": a.currency, "side": a.side, "balance": a.balance, "debit_minor": a.debit()}))
        .collect();
    json!({"ok": proof.faults.is_empty(), "faults": proof.faults, "journals": proof.journals, "accounts": all})
}
