//! The books: the trial balance over accounts, one account's statement, one order's journals.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::facts;
use super::orders::with;
use super::pen::Pen;
use super::table::{self, Column};
use super::theme::Role;
use super::words;
use crate::text::money::{count, full, gain, minor_digits, sides};
use crate::text::time::ago;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;
use crate::tui::state::ledger::{AccountRow, JournalPane, LineRow, StatementPane};

/// The most currencies whose sums are shown; those that are not zero come first.
const CURRENCIES: usize = 3;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let area = trial_balance(pen, area, state);
    let title = if state.more_accounts { "Accounts, the first by name; / finds others" } else { "Accounts" };
    table::draw(
        pen,
        area,
        state,
        (title, "no account yet: the first payment opens some"),
        &state.accounts,
        ACCOUNTS,
    );
}

#[rustfmt::skip]
const ACCOUNTS: &[Column<AccountRow>] = &[
    Column { head: "ACCOUNT", align: Left, keep: End, wide: (40, 72), rank: 0, cell: |a, _| (a.name().to_owned(), Role::Text) },
    Column { head: "BALANCE", align: Right, keep: Start, wide: (16, 20), rank: 0, cell: |a, _| balance(&a.account) },
    Column { head: "CUR", align: Left, keep: Start, wide: (3, 3), rank: 0, cell: |a, _| (a.currency().to_owned(), Role::Dim) },
    Column { head: "SIDE", align: Left, keep: Start, wide: (6, 6), rank: 1, cell: |a, _| (a.account.side.clone(), Role::Dim) },
    Column { head: "WHAT IT HOLDS", align: Left, keep: Start, wide: (24, 64), rank: 2, cell: |a, _| (a.account.text.clone(), Role::Dim) },
];

fn balance(account: &pb::Account) -> (String, Role) {
    let balance = account.balance.clone().unwrap_or_default();
    let role = if balance.minor < 0 { Role::Bad } else { Role::Strong };
    (minor_digits(balance.minor, &balance.currency), role)
}

/// Debits against credits, on every screen of the books; gives the area below.
fn trial_balance(pen: &mut Pen<'_>, area: Rect, state: &State) -> Rect {
    let Some(t) = &state.trial else {
        let inner = pen.section(area, "Trial balance", &[]);
        pen.put(inner.x + 2, inner.y, inner.right(), "waiting for the daemon", Role::Dim);
        return below(area, 2);
    };
    let proved = match t.proved_at_ms {
        0 => "not proved yet".to_owned(),
        at => format!("proved {}", ago(at, state.daemon_now())),
    };
    let right = format!("{} journals, {proved}", count(t.journals));
    let inner = pen.section(area, "Trial balance", &[(&right, Role::Dim)]);
    let mut lines: Vec<&pb::TrialLine> = t.lines.iter().collect();
    lines.sort_by_key(|l| l.difference_minor == 0);
    let mut y = inner.y;
    for line in lines.iter().take(CURRENCIES) {
        trial_line(pen, Rect { y, height: 1, ..inner }, line);
        y += 1;
    }
    if lines.len() > CURRENCIES {
        let text = format!("and {} currencies more", lines.len() - CURRENCIES);
        pen.put(inner.x + 2, y, inner.right(), &text, Role::Dim);
        y += 1;
    }
    if lines.is_empty() {
        pen.put(inner.x + 2, y, inner.right(), "nothing is booked yet", Role::Dim);
        y += 1;
    }
    if !t.violation.is_empty() {
        let x =
            pen.pieces(inner.x + 2, y, inner.right(), &[(pen.signs().alert, Role::Bad), (" ", Role::Bad)]);
        let rest = Rect { x, y, width: inner.right().saturating_sub(x), height: 2 };
        y += pen.paragraph(rest, &t.violation, Role::Bad);
    }
    below(area, y - area.y)
}

fn trial_line(pen: &mut Pen<'_>, row: Rect, line: &pb::TrialLine) {
    let digits = |minor| minor_digits(minor, &line.currency);
    let (sign, word, role) = match line.difference_minor {
        0 => (pen.signs().completed, "zero".to_owned(), Role::Good),
        off => (pen.signs().alert, format!("off by {}", digits(off)), Role::Bad),
    };
    let (x, y) = (row.x + 2, row.y);
    pen.put(x, y, row.right(), &line.currency, Role::Strong);
    pen.put(x + 5, y, row.right(), "debit", Role::Dim);
    pen.cell(x + 11, y, 18, &digits(line.debit_minor), (Right, Start), Role::Text);
    pen.put(x + 31, y, row.right(), "credit", Role::Dim);
    pen.cell(x + 38, y, 18, &digits(line.credit_minor), (Right, Start), Role::Text);
    pen.pieces(x + 58, y, row.right(), &[(sign, role), (" ", role), (&word, role)]);
}

pub(super) fn statement(pen: &mut Pen<'_>, area: Rect, state: &State, pane: &StatementPane) {
    let area = trial_balance(pen, area, state);
    let title = match &pane.head {
        Some(head) => format!("Statement of {}   {}", pane.account, full(head.balance.as_ref())),
        None => format!("Statement of {}", pane.account),
    };
    let empty = match &pane.fault {
        Some(fault) => fault.as_str(),
        None if pane.head.is_none() => "loading",
        None => "nothing was booked on it yet",
    };
    table::draw(pen, area, state, (&title, empty), &pane.lines, LINES);
}

#[rustfmt::skip]
const LINES: &[Column<LineRow>] = &[
    Column { head: "TIME", align: Left, keep: Start, wide: (11, 11), rank: 0, cell: |l, s| (s.state.clock.short(l.line.at_ms, s.state.now), Role::Dim) },
    Column { head: "GAIN", align: Right, keep: Start, wide: (14, 16), rank: 0, cell: line_gain },
    Column { head: "BALANCE", align: Right, keep: Start, wide: (14, 18), rank: 0, cell: |l, _| (minor_digits(l.line.balance_minor, &l.currency), Role::Text) },
    Column { head: "KIND", align: Left, keep: Start, wide: (18, 20), rank: 0, cell: |l, _| (l.line.kind.clone(), Role::Accent) },
    Column { head: "MERCHANT NO", align: Left, keep: End, wide: (15, 24), rank: 0, cell: |l, _| (l.line.merchant_order_no.clone(), Role::Text) },
    Column { head: "ORDER", align: Left, keep: End, wide: (12, 30), rank: 1, cell: |l, _| (l.line.order_id.clone(), Role::Dim) },
    Column { head: "JOURNAL", align: Right, keep: End, wide: (8, 10), rank: 2, cell: |l, _| (l.line.journal_id.clone(), Role::Dim) },
];

fn line_gain(l: &LineRow, _: &table::Cells<'_>) -> (String, Role) {
    let role = if l.line.gain_minor < 0 { Role::Warn } else { Role::Good };
    (gain(l.line.gain_minor, &l.currency), role)
}

pub(super) fn journals(pen: &mut Pen<'_>, area: Rect, state: &State, pane: &JournalPane) {
    let area = trial_balance(pen, area, state);
    let number = pane.journals().len().to_string();
    let area = pen.section(area, &format!("Journals of {}", pane.order_id), &[(&number, Role::Dim)]);
    let Some(reply) = &pane.reply else {
        let text = pane.fault.clone().unwrap_or_else(|| "loading".to_owned());
        pen.paragraph(Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area }, &text, Role::Dim);
        return;
    };
    let area = order_line(pen, area, reply.order.as_ref());
    if reply.items.is_empty() {
        pen.put(area.x + 2, area.y, area.right(), "no money has moved for it yet", Role::Dim);
        return;
    }
    let rows: Vec<Row<'_>> = reply.items.iter().flat_map(rows).collect();
    let at = pane.position().map_or(0, |chosen| reply.items.iter().take(chosen).map(height).sum());
    let room = usize::from(area.height);
    let from = at.saturating_sub(room / 3).min(rows.len().saturating_sub(room));
    for (y, row) in (area.top()..area.bottom()).zip(rows.iter().skip(from)) {
        let at = Rect { y, height: 1, ..area };
        match row {
            Row::Head(journal) => {
                if Some(&journal.journal_id) == pane.journal_id.as_ref() {
                    pen.tint(at, Role::Chosen);
                    pen.put(at.x, y, at.right(), pen.signs().cursor, Role::Accent);
                }
                head(pen, at, state, journal);
            }
            Row::Line(journal, line) => posting(pen, at, journal, line),
            Row::Gap => {}
        }
    }
}

/// What stands on one row of the screen.
enum Row<'a> {
    Head(&'a pb::Journal),
    Line(&'a pb::Journal, &'a pb::JournalLine),
    Gap,
}

fn rows(journal: &pb::Journal) -> impl Iterator<Item = Row<'_>> {
    let lines = journal.lines.iter().map(move |line| Row::Line(journal, line));
    std::iter::once(Row::Head(journal)).chain(lines).chain([Row::Gap])
}

fn height(journal: &pb::Journal) -> usize {
    journal.lines.len() + 2
}

/// The order in one line: the money's reason.
fn order_line(pen: &mut Pen<'_>, area: Rect, view: Option<&pb::OrderView>) -> Rect {
    let Some(view) = view else { return area };
    let (word, role) =
        view.order.as_ref().map(|o| words::state(o, pen.signs())).unwrap_or((String::new(), Role::Dim));
    let line = [
        ("no", with(view, |o| o.merchant_order_no.clone()), Role::Strong),
        ("amount", with(view, |o| full(o.amount.as_ref())), Role::Strong),
        ("state", word, role),
        ("type", with(view, |o| o.r#type.clone()), Role::Text),
        ("user", with(view, |o| o.user_ref.clone()), Role::Text),
    ];
    facts::line(pen, Rect { x: area.x + 2, width: area.width.saturating_sub(4), height: 1, ..area }, &line);
    below(area, 2)
}

fn head(pen: &mut Pen<'_>, row: Rect, state: &State, j: &pb::Journal) {
    let number = format!("#{}", j.journal_id);
    let at = state.clock.short(j.at_ms, state.now);
    let pieces = [
        (at.as_str(), Role::Dim),
        ("  ", Role::Dim),
        (number.as_str(), Role::Dim),
        ("  ", Role::Dim),
        (j.kind.as_str(), Role::Accent),
        ("  ", Role::Dim),
    ];
    let x = pen.pieces(row.x + 2, row.y, row.right(), &pieces);
    pen.cell(x, row.y, row.right().saturating_sub(x), &j.text, (Left, Start), Role::Text);
}

fn posting(pen: &mut Pen<'_>, row: Rect, journal: &pb::Journal, line: &pb::JournalLine) {
    let (debit, credit) = sides(line.debit_minor, &journal.currency);
    let after = minor_digits(line.balance_minor, &journal.currency);
    let name = row.width.saturating_sub(48).min(72);
    pen.cell(row.x + 4, row.y, name, &line.account, (Left, End), Role::Text);
    let x = row.x + 4 + name + 1;
    pen.cell(x, row.y, 13, &debit, (Right, Start), Role::Text);
    pen.cell(x + 14, row.y, 13, &credit, (Right, Start), Role::Text);
    pen.cell(x + 28, row.y, 14, &after, (Right, Start), Role::Dim);
}

fn below(area: Rect, rows: u16) -> Rect {
    Rect { y: area.y + rows.min(area.height), height: area.height.saturating_sub(rows), ..area }
}
