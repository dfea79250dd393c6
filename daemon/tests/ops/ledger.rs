//! The books: accounts, statements, journals, the trial balance and what breaks it.

use sluice_proto::v1 as pb;
use sluice_proto::v1::get_journal_request::Which;
use sluice_sim::client::{NewTrade, NewWithdrawal, Party};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tonic::Code;

use crate::client::{Ledger, admin, complete, ledger, refused};
use crate::support::stand;

fn all() -> pb::ListAccountsRequest {
    pb::ListAccountsRequest::default()
}

async fn names(books: &mut Ledger, ask: pb::ListAccountsRequest) -> Vec<String> {
    let items = books.list_accounts(ask).await.unwrap().into_inner().items;
    items.into_iter().map(|a| a.account).collect()
}

fn journal(which: Which) -> pb::GetJournalRequest {
    pb::GetJournalRequest { which: Some(which) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_statements_and_journals() {
    let stand = stand(&[]).await;
    let merchant = stand.merchant(0).await.unwrap();
    let mut books = ledger(&stand).await;
    complete(&stand, &merchant, "L-1").await;
    complete(&stand, &merchant, "L-2").await;
    for (number, user, minor) in [("L-3", "U_1%", 1_000), ("L-4", "u2:held", 500)] {
        let trade = NewTrade::direct(number, "u1", Party::user(user), minor);
        merchant.create_trade(&trade).await.unwrap();
    }
    let withdrawal = merchant.create_withdrawal(&NewWithdrawal::new("L-5", 1_095)).await.unwrap();

    // By the beginning, by any part in any case, letter by letter; a page at a time.
    let app = format!("user:{}:", merchant.client_id());
    let (u1, u1_held) = (format!("{app}u1:available"), format!("{app}u1:held"));
    let everything = names(&mut books, all()).await;
    assert!(everything.is_sorted() && everything.len() >= 5, "{everything:?}");
    for (ask, want) in [
        (
            pb::ListAccountsRequest { prefix: app.clone(), ..all() },
            vec!["U_1%:available", "u1:available", "u1:held", "u2:held:available"],
        ),
        (pb::ListAccountsRequest { prefix: format!("{app}u1:"), ..all() }, vec!["u1:available", "u1:held"]),
        (pb::ListAccountsRequest { text: "_1%:AVAIL".to_owned(), ..all() }, vec!["U_1%:available"]),
        (pb::ListAccountsRequest { text: "_1:".to_owned(), ..all() }, vec![]),
        (
            pb::ListAccountsRequest { prefix: app.clone(), text: "held:a".to_owned(), ..all() },
            vec!["u2:held:available"],
        ),
        (pb::ListAccountsRequest { prefix: app.clone(), currency: "USD".to_owned(), ..all() }, vec![]),
    ] {
        let found = names(&mut books, ask).await;
        let short: Vec<_> = found.iter().map(|name| name.trim_start_matches(&app)).collect();
        assert_eq!(short, want);
    }
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = books
            .list_accounts(pb::ListAccountsRequest { limit: 2, cursor, ..all() })
            .await
            .unwrap()
            .into_inner();
        paged.extend(page.items.into_iter().map(|a| a.account));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(paged, everything);
    let accounts =
        books.list_accounts(pb::ListAccountsRequest { prefix: "channel:".to_owned(), ..all() }).await;
    let clearing = accounts.unwrap().into_inner().items.remove(0);
    assert_eq!((clearing.side.as_str(), clearing.balance.unwrap().minor), ("debit", 17_776));
    assert!(clearing.text.contains("what a channel has taken"), "{}", clearing.text);

    // Newest first and oldest first are the same lines; each balance follows from the one before.
    let ask = pb::GetStatementRequest { account: u1.clone(), ..Default::default() };
    let newest = books.get_statement(ask.clone()).await.unwrap().into_inner();
    let gains: Vec<_> = newest.items.iter().map(|line| (line.kind.as_str(), line.gain_minor)).collect();
    assert_eq!(
        gains,
        [
            ("withdraw_hold", -1_095),
            ("trade_settle", -500),
            ("trade_settle", -1_000),
            ("recharge_credit", 8_888),
            ("recharge_credit", 8_888)
        ]
    );
    assert_eq!(newest.items[0].balance_minor, newest.account.unwrap().balance.unwrap().minor);
    let mut lines = Vec::new();
    let mut cursor = String::new();
    loop {
        let ask = pb::GetStatementRequest { oldest_first: true, limit: 2, cursor, ..ask.clone() };
        let page = books.get_statement(ask).await.unwrap().into_inner();
        lines.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let mut balance = 0;
    for line in &lines {
        balance += line.gain_minor;
        assert_eq!(line.balance_minor, balance);
    }
    lines.reverse();
    assert_eq!(lines, newest.items);
    let (from_ms, to_ms) = (lines[2].at_ms, lines[1].at_ms);
    let between = pb::GetStatementRequest { from_ms, to_ms, ..ask.clone() };
    let between = books.get_statement(between).await.unwrap().into_inner().items;
    assert_eq!(between.first().map(|line| line.merchant_order_no.as_str()), Some("L-3"));
    assert!(between.iter().all(|line| (from_ms..to_ms).contains(&line.at_ms)));

    // The journals of an order, and one of them by its number, with the order.
    let of_order =
        books.get_journal(journal(Which::OrderId(withdrawal.order_id.clone()))).await.unwrap().into_inner();
    let hold = &of_order.items[0];
    assert_eq!(
        (hold.kind.as_str(), hold.text.as_str()),
        ("withdraw_hold", "a withdrawal holds the user's money, our fee on top")
    );
    let posted: Vec<_> = hold.lines.iter().map(|line| (line.account.as_str(), line.debit_minor)).collect();
    assert_eq!(posted, [(u1.as_str(), 1_095), (u1_held.as_str(), -1_095)]);
    assert_eq!(hold.lines[1].balance_minor, 1_095);
    let alone =
        books.get_journal(journal(Which::JournalId(hold.journal_id.clone()))).await.unwrap().into_inner();
    assert_eq!(alone.items, std::slice::from_ref(hold));
    assert_eq!(alone.order.unwrap().order.unwrap().order_id, withdrawal.order_id);

    for (answer, code, says) in [
        (
            books
                .get_statement(pb::GetStatementRequest { account: "user:x".to_owned(), ..ask.clone() })
                .await
                .map(drop),
            Code::NotFound,
            "nothing was ever booked",
        ),
        (
            books
                .get_statement(pb::GetStatementRequest { account: String::new(), ..ask.clone() })
                .await
                .map(drop),
            Code::InvalidArgument,
            "account",
        ),
        (
            books
                .get_statement(pb::GetStatementRequest { cursor: "x".to_owned(), ..ask.clone() })
                .await
                .map(drop),
            Code::InvalidArgument,
            "cursor",
        ),
        (
            books.list_accounts(pb::ListAccountsRequest { text: "x".repeat(201), ..all() }).await.map(drop),
            Code::InvalidArgument,
            "text",
        ),
        (
            books.get_journal(pb::GetJournalRequest::default()).await.map(drop),
            Code::InvalidArgument,
            "order_id or journal_id",
        ),
        (
            books.get_journal(journal(Which::JournalId("999999".to_owned()))).await.map(drop),
            Code::NotFound,
            "no journal",
        ),
        (
            books.get_journal(journal(Which::OrderId("rch_1".to_owned()))).await.map(drop),
            Code::NotFound,
            "no order",
        ),
    ] {
        refused(answer, code, says);
    }

    // A second currency has to be named.
    let mut hand = SqliteConnection::connect(&stand.file().store).await.unwrap();
    let second = "INSERT INTO account SELECT account, 'USD', side, guarded, 0 FROM account \
                  WHERE account = 'fee:service' OR account GLOB 'user:*:u1:available'";
    hand.execute(second).await.unwrap();
    refused(books.get_statement(ask.clone()).await, Code::InvalidArgument, "CNY, USD");
    let named = pb::GetStatementRequest { currency: "USD".to_owned(), ..ask };
    assert_eq!(books.get_statement(named).await.unwrap().into_inner().items, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trial_balance_names_what_breaks_it() {
    let stand = stand(&[]).await;
    let merchant = stand.merchant(0).await.unwrap();
    let (mut books, mut ops) = (ledger(&stand).await, admin(&stand).await);
    complete(&stand, &merchant, "B-1").await;
    let mut trial = async |prove| {
        books.get_trial_balance(pb::GetTrialBalanceRequest { prove }).await.unwrap().into_inner()
    };
    assert_eq!(trial(false).await.proved_at_ms, 0, "nobody has asked");
    let proved = trial(true).await;
    assert_eq!((proved.violation.as_str(), proved.journals, proved.lines.len()), ("", 1, 1));
    let line = &proved.lines[0];
    assert_eq!(
        (line.currency.as_str(), line.debit_minor, line.credit_minor, line.difference_minor),
        ("CNY", 8_888, 8_888, 0)
    );
    assert!(proved.proved_at_ms > 0 && proved.at_ms >= proved.proved_at_ms);

    // What does not show in the sums shows in the proof, and then on the first screen.
    let mut hand = SqliteConnection::connect(&stand.file().store).await.unwrap();
    hand.execute("UPDATE posting SET minor = minor + 1 WHERE posting_id = 1").await.unwrap();
    assert_eq!(trial(false).await.violation, "");
    let broken = trial(true).await;
    assert!(broken.violation.starts_with("journal 1 of rch_"), "{}", broken.violation);
    assert!(broken.violation.ends_with("(recharge_credit) is not balanced: it sums to 1, not to zero"));
    assert_eq!(
        (trial(false).await.violation, broken.lines[0].difference_minor),
        (broken.violation.clone(), 0)
    );
    let overview = ops.overview(pb::OverviewRequest {}).await.unwrap().into_inner();
    let alert = overview.alerts.iter().find(|alert| alert.kind == "ledger").unwrap();
    assert!(alert.severity == "critical" && alert.text.contains(&broken.violation), "{alert:?}");
    let shown = stand.sluice(&["ledger", "trial", "--prove"]).await.unwrap();
    assert_eq!(shown.status.code(), Some(1), "{shown:?}");
    hand.execute("UPDATE posting SET minor = minor - 1 WHERE posting_id = 1").await.unwrap();
    assert_eq!(trial(true).await.violation, "");
    assert_eq!(stand.sluice(&["ledger", "trial"]).await.unwrap().status.code(), Some(0));
    let overview = ops.overview(pb::OverviewRequest {}).await.unwrap().into_inner();
    assert!(overview.alerts.iter().all(|alert| alert.kind != "ledger"), "{:?}", overview.alerts);
}
