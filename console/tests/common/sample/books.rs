//! The books, and what waits at the desk.

use sluice::tui::state::desk::DeskRow;
use sluice_proto::v1 as pb;

use super::{DAY, HOUR, MINUTE, SECOND, ago, money};

/// The user whose statement is shown.
pub(crate) const ACCOUNT: &str = "user:app_bookshop:u_2071:available";

pub(crate) fn accounts() -> Vec<pb::Account> {
    [
        (
            "app:app_bookshop:fees_due",
            5_300,
            "debit",
            "fees that an app bears itself and has not paid us yet",
        ),
        ("app:app_bookshop:settlement", 128_840, "credit", "what an app has earned and not yet taken out"),
        (
            "channel:alipay:clearing",
            98_412_207,
            "debit",
            "what a channel has taken and not yet paid out to us",
        ),
        ("fee:service", 612_044, "credit", "our fees"),
        ("suspense", 21_108, "credit", "money that belongs to nobody yet, and waits for a decision"),
        (ACCOUNT, 61_920, "credit", "what a user can spend"),
        ("user:app_bookshop:u_2071:held", 35_200, "credit", "what is held for a user's open orders"),
        ("user:app_bookshop:李小龙:available", 8_888, "credit", "what a user can spend"),
    ]
    .into_iter()
    .map(|(name, minor, side, text)| pb::Account {
        account: name.into(),
        balance: money(minor),
        side: side.into(),
        text: text.into(),
    })
    .collect()
}

pub(crate) fn trial() -> pb::TrialBalance {
    let line = |currency: &str, sum, off| pb::TrialLine {
        currency: currency.into(),
        debit_minor: sum,
        credit_minor: sum - off,
        difference_minor: off,
    };
    pb::TrialBalance {
        at_ms: ago(9 * SECOND),
        lines: vec![line("CNY", 98_417_507, 0), line("USD", 1_204_000, 0)],
        journals: 71_312,
        violation: String::new(),
        proved_at_ms: ago(3 * HOUR),
    }
}

/// The same with an entry that breaks it.
pub(crate) fn broken_trial() -> pb::TrialBalance {
    let mut trial = trial();
    trial.lines[1].credit_minor -= 1_250;
    trial.lines[1].difference_minor = 1_250;
    trial.violation =
        "journal 71209 of rch_01KBFZ0P5Q7WJQ0C0X3M9N0231 (recharge_credit) is not balanced".into();
    trial
}

pub(crate) fn statement() -> pb::Statement {
    let line = |entry, age, kind: &str, order: &str, gain, balance| pb::StatementLine {
        entry,
        at_ms: ago(age),
        journal_id: (entry / 3).to_string(),
        kind: kind.into(),
        order_id: order.into(),
        merchant_order_no: format!("A-20261124-{}", &order[order.len() - 4..]),
        gain_minor: gain,
        balance_minor: balance,
    };
    pb::Statement {
        account: accounts().into_iter().find(|a| a.account == ACCOUNT),
        items: vec![
            line(213_930, 46 * MINUTE, "withdraw_hold", "wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003", -35_200, 61_920),
            line(213_411, 2 * HOUR, "trade_settle", "trd_01KBFZ0P5Q7WJQ0C0X3M9N0181", -19_900, 97_120),
            line(208_002, 26 * HOUR, "recharge_credit", "rch_01KBFZ0P5Q7WJQ0C0X3M9N0019", 117_020, 117_020),
        ],
        next_cursor: "older".into(),
    }
}

/// What lies before it.
pub(crate) fn older_statement() -> pb::Statement {
    let mut statement = statement();
    statement.next_cursor.clear();
    for (line, entry) in statement.items.iter_mut().zip([120_300, 120_200, 120_100]) {
        line.entry = entry;
        line.at_ms = ago(9 * DAY);
    }
    statement
}

pub(crate) fn journals() -> pb::GetJournalReply {
    let line = |account: &str, debit_minor, balance_minor| pb::JournalLine {
        account: account.into(),
        debit_minor,
        balance_minor,
    };
    let journal = |id: &str, age, kind: &str, text: &str, lines| pb::Journal {
        journal_id: id.into(),
        order_id: "wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003".into(),
        kind: kind.into(),
        key: String::new(),
        at_ms: ago(age),
        currency: "CNY".into(),
        text: text.into(),
        lines,
    };
    let mut order = super::orders::unknown_payout().view;
    for order in order.iter_mut().filter_map(|view| view.order.as_mut()) {
        (order.state, order.state_name) = (3, "paid".into());
    }
    pb::GetJournalReply {
        items: vec![
            journal(
                "71310",
                46 * MINUTE,
                "withdraw_hold",
                "a withdrawal holds the user's money, our fee on top",
                vec![line(ACCOUNT, 35_200, 61_920), line("user:app_bookshop:u_2071:held", -35_200, 35_200)],
            ),
            journal(
                "71311",
                44 * MINUTE,
                "withdraw_paid",
                "the channel paid it out",
                vec![
                    line("user:app_bookshop:u_2071:held", 35_200, 0),
                    line("fee:service", -200, 612_044),
                    line("channel:alipay:clearing", -35_000, 98_412_207),
                ],
            ),
        ],
        order,
    }
}

pub(crate) fn suspense() -> Vec<pb::Suspense> {
    let action = |name: &str, effect: &str| pb::Action {
        name: name.into(),
        enabled: true,
        why_not: String::new(),
        effect: effect.into(),
    };
    let open = pb::Suspense {
        order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N0012".into(),
        key: "2026112422001400012".into(),
        client_id: "app_xingchen".into(),
        merchant_order_no: "A-20261124-0012".into(),
        user_ref: "李小龙".into(),
        channel: "alipay".into(),
        amount: money(13_332),
        reason: "paid_twice".into(),
        text: "The order was paid before; this is a second payment of it.".into(),
        proposal: "refund".into(),
        evidence_id: "ev_1".into(),
        state: "open".into(),
        at_ms: ago(5 * HOUR),
        actions: vec![
            action("apply", "credits 133.32 CNY to user 李小龙 a second time"),
            action("refund", "gives 133.32 CNY back to the payer through alipay"),
            action("keep", "leaves it in suspense, knowingly; nothing moves"),
        ],
        ..Default::default()
    };
    let proposed = pb::Suspense {
        order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N0031".into(),
        key: "2026112422001400031".into(),
        client_id: "app_bookshop".into(),
        merchant_order_no: "A-20261124-0031".into(),
        user_ref: "u_88".into(),
        amount: money(1_200_000),
        reason: "late_after_merchant_close".into(),
        text: "The merchant had closed the order before the payment came.".into(),
        state: "proposed".into(),
        at_ms: ago(70 * MINUTE),
        four_eyes: true,
        waiting: Some(pb::Proposal {
            kind: "suspense".into(),
            order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N0031".into(),
            key: "2026112422001400031".into(),
            merchant_order_no: "A-20261124-0031".into(),
            amount: money(1_200_000),
            decision: "refund".into(),
            reason: "the merchant does not want it, INC-21".into(),
            by: "bob".into(),
            at_ms: ago(12 * MINUTE),
            ..Default::default()
        }),
        actions: vec![
            pb::Action {
                name: "apply".into(),
                enabled: false,
                why_not: "the user is frozen".into(),
                effect: String::new(),
            },
            action("refund", "gives 12,000.00 CNY back to the payer through alipay"),
            action("keep", "leaves it in suspense, knowingly; nothing moves"),
        ],
        ..open.clone()
    };
    let kept = pb::Suspense {
        order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N0044".into(),
        key: "2026112322001400044".into(),
        merchant_order_no: "A-20261123-0044".into(),
        amount: money(1),
        reason: "amount_mismatch".into(),
        text: "The payment is not of the order's amount.".into(),
        state: "kept".into(),
        at_ms: ago(28 * HOUR),
        actions: vec![],
        decided_by: vec!["carol".into()],
        decided_at_ms: ago(20 * HOUR),
        decided_reason: "one fen, the payer does not mind".into(),
        ..open.clone()
    };
    vec![proposed, open, kept]
}

/// A payout that one operator has resolved.
pub(crate) fn proposed_payout() -> pb::Proposal {
    pb::Proposal {
        kind: "payout".into(),
        order_id: "wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003".into(),
        key: String::new(),
        client_id: "app_bookshop".into(),
        merchant_order_no: "A-20261124-0003".into(),
        channel: "alipay".into(),
        amount: money(35_000),
        decision: "paid".into(),
        reason: "the bill of today has it, INC-22".into(),
        bill_line: "2026-11-24 11:17:20 转账 -350.00 01KBFZ0P5Q7WJQ0C0X3M9N000301".into(),
        by: "bob".into(),
        at_ms: ago(6 * MINUTE),
    }
}

pub(crate) fn desk() -> Vec<DeskRow> {
    let suspense = suspense().into_iter().map(DeskRow::from);
    suspense.chain([DeskRow::from(proposed_payout())]).collect()
}
