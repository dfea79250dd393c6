//! `docs/ledger.md`: the chart of accounts, and a worked journal for each posting kind, made by the code that posts.

use super::postings::{self, Fee, Lines, User};
use super::{Account, Journal, PostingKind};
use crate::fee::Bearer;
use crate::id::{OrderId, OrderKind};
use crate::money::{Amount, Currency};
use crate::time::Timestamp;

const CLIENT: &str = "app_1";
const CHANNEL: &str = "alipay";

/// The page, whole.
pub fn markdown() -> String {
    let mut page = "# The ledger (流水)\n\n\
        <!-- Generated from daemon/core/src/ledger/: UPDATE=1 cargo test -p sluice-core --test docs -->\n\n\
        Double entry, append-only, integers of minor units with a currency. A debit is positive, a credit negative; \
        each journal sums to zero, and is unique per order, kind and key, so that a replay posts nothing. Balances \
        stand on each account's normal side.\n\n\
        `sluiced ledger check` proves all of it in one snapshot, also beside the running daemon, and names the entries \
        that break it; `sluice ledger trial --prove` names the first:\n\n\
        - each journal sums to zero; each line leaves the balance before it and its own sum; each account holds what its \
        last line left, and is one of the chart; debits equal credits in each currency;\n\
        - each order has exactly the journals that its state demands, of its own user and app, and they come to its \
        amount and its fee;\n\
        - what is held is what the open orders hold, order by order;\n\
        - money in suspense is booked as the desk lists it, and what was decided was carried out;\n\
        - what an order keeps of its refunds is what they come to, and no more than was paid.\n\n\
        ## Chart of accounts\n\n\
        | account | normal side | never below zero | meaning |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for account in chart() {
        let guarded = if account.is_guarded() { "yes" } else { "no" };
        page.push_str(&format!(
            "| `{account}` | {} | {guarded} | {} |\n",
            account.side().name(),
            account.meaning()
        ));
    }
    page.push_str(
        "\nFees borne by users are taken from what a recharge credits, and come on top of a withdrawal or a trade. \
         Fees borne by the app are earned at once and owed by it (`fees_due`). The part that goes back with a refund \
         is the difference of the fee's shares of what is refunded so far, so that parts add up.\n\n\
         ## Journals\n",
    );
    for kind in PostingKind::ALL {
        for (what, lines) in examples(kind) {
            journal(&mut page, kind, what, lines);
        }
    }
    page
}

fn chart() -> Vec<Account> {
    let user = User { client_id: CLIENT, user_ref: "u1" };
    let client_id = || CLIENT.to_owned();
    vec![
        user.available(),
        user.held(),
        Account::AppSettlement { client_id: client_id() },
        Account::AppHeld { client_id: client_id() },
        Account::AppFeesDue { client_id: client_id() },
        Account::ChannelClearing { channel: CHANNEL.to_owned() },
        Account::ChannelFee { channel: CHANNEL.to_owned() },
        Account::ServiceFee,
        Account::Suspense,
    ]
}

/// The worked examples of a kind: what happened, and the lines.
pub fn examples(kind: PostingKind) -> Vec<(&'static str, Lines)> {
    let user = User { client_id: CLIENT, user_ref: "u1" };
    let other = User { client_id: CLIENT, user_ref: "u2" };
    let settlement = || Account::AppSettlement { client_id: CLIENT.to_owned() };
    let app_held = || Account::AppHeld { client_id: CLIENT.to_owned() };
    let by_user = |minor| Fee { minor, bearer: Bearer::User };
    let by_app = |minor| Fee { minor, bearer: Bearer::App };
    match kind {
        PostingKind::RechargeCredit => vec![
            (
                "88.88 paid; fee 0.53 borne by the user; the channel charges 0.33",
                postings::recharge_credit(user, CHANNEL, 8888, by_user(53), 33),
            ),
            (
                "the same with the fee borne by the app",
                postings::recharge_credit(user, CHANNEL, 8888, by_app(53), 33),
            ),
        ],
        PostingKind::RechargeSuspense => {
            vec![("50.00 paid for an order of 88.88", postings::recharge_suspense(CHANNEL, 5000))]
        }
        PostingKind::SuspenseApply => {
            vec![("late 88.88, applied with its fee", postings::suspense_apply(user, 8888, by_user(53)))]
        }
        PostingKind::SuspenseRefund => vec![("50.00 given back", postings::suspense_refund(CHANNEL, 5000))],
        PostingKind::WithdrawHold => {
            vec![("a withdrawal of 20.00 with a fee of 0.20 on top", postings::hold(user, 2020))]
        }
        PostingKind::WithdrawPaid => vec![(
            "paid out; the channel charges 0.10",
            postings::withdraw_paid(user, CHANNEL, 2000, by_user(20), 10),
        )],
        PostingKind::WithdrawRelease => vec![("definitely not paid out", postings::release(user, 2020))],
        PostingKind::WithdrawReturned => vec![
            (
                "returned by the bank; the fee goes back",
                postings::withdraw_returned(user, CHANNEL, 2000, by_user(20)),
            ),
            (
                "what was paid out after the hold had ended, returned by the bank",
                postings::uncovered_returned(CHANNEL, 2000),
            ),
        ],
        PostingKind::WithdrawUncovered => {
            vec![("20.00 paid out after the hold had ended", postings::withdraw_uncovered(CHANNEL, 2000, 0))]
        }
        PostingKind::UncoveredCharge => vec![("charged to the user", postings::uncovered_charge(user, 2000))],
        PostingKind::TradeSettle => vec![
            (
                "30.00 to the app, fee 0.30 borne by the payer",
                postings::trade_settle(user, settlement(), 3000, by_user(30)),
            ),
            (
                "30.00 to another user, fee borne by the app",
                postings::trade_settle(user, other.available(), 3000, by_app(30)),
            ),
        ],
        PostingKind::TradeHold => vec![("30.00 authorised, fee 0.30 on top", postings::hold(user, 3030))],
        PostingKind::TradeCapture => vec![(
            "10.00 of it captured, with its fee of 0.10; the rest is free again",
            postings::trade_capture(user, settlement(), 3030, 1000, by_user(10)),
        )],
        PostingKind::TradeRelease => vec![("voided or expired", postings::release(user, 3030))],
        PostingKind::RefundHold => vec![
            (
                "40.00 of a recharge go back, 0.24 of the fee with it",
                postings::refund_hold(user.available(), user.held(), 3976),
            ),
            (
                "the same from the app's settlement account",
                postings::refund_hold(settlement(), app_held(), 3976),
            ),
        ],
        PostingKind::RefundPaid => vec![(
            "the payer has it back",
            postings::refund_paid(user.available(), user.held(), CLIENT, CHANNEL, 4000, by_user(24)),
        )],
        PostingKind::RefundRelease => {
            vec![("it failed", postings::refund_release(user.available(), user.held(), 3976))]
        }
        PostingKind::TradeRefund => vec![(
            "10.00 back to the payer, 0.10 of the fee with it",
            postings::trade_refund(user, settlement(), 1000, by_user(10)),
        )],
    }
}

fn journal(page: &mut String, kind: PostingKind, what: &str, lines: Lines) {
    let order = OrderId::new(OrderKind::Recharge, Timestamp(0), 0);
    let journal: Journal = lines.journal(order, kind, String::new(), Currency::CNY, Timestamp(0));
    let first = page.rsplit("### ").next().is_none_or(|s| !s.starts_with(&format!("`{}`", kind.name())));
    if first {
        page.push_str(&format!("\n### `{}`\n\n{}.\n", kind.name(), upper(kind.meaning())));
    }
    page.push_str(&format!("\n{}:\n\n| account | debit | credit |\n| --- | ---: | ---: |\n", upper(what)));
    for posting in &journal.postings {
        let amount = Amount::new(posting.minor.abs(), journal.currency).to_decimal();
        let (debit, credit) =
            if posting.minor > 0 { (amount, String::new()) } else { (String::new(), amount) };
        page.push_str(&format!("| `{}` | {debit} | {credit} |\n", posting.account));
    }
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
