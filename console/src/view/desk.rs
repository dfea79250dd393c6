//! The desk: money in suspense and payouts that wait for people, with what is proposed and who has decided.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::facts::{self, Fact};
use super::pen::Pen;
use super::table::{self, Cells, Column};
use super::theme::{Role, Signs};
use crate::cli::desk::standing;
use crate::text::money::{digits, full};
use crate::text::time::age;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;
use crate::tui::state::desk::{DeskItem, DeskRow};

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let title = ("Desk", "nothing waits: no money is in suspense, and no payout waits for a second operator");
    table::draw(pen, area, state, title, &state.desk, COLUMNS);
}

#[rustfmt::skip]
const COLUMNS: &[Column<DeskRow>] = &[
    Column { head: "AGE", align: Right, keep: Start, wide: (6, 7), rank: 0, cell: |r, s| (age(at(r), s.state.daemon_now()), Role::Dim) },
    Column { head: "MERCHANT NO", align: Left, keep: End, wide: (13, 24), rank: 0, cell: |r, _| (both(r, |s| &s.merchant_order_no, |p| &p.merchant_order_no), Role::Text) },
    Column { head: "AMOUNT", align: Right, keep: Start, wide: (11, 14), rank: 0, cell: |r, _| (digits(amount(r)), Role::Strong) },
    Column { head: "CUR", align: Left, keep: Start, wide: (3, 3), rank: 3, cell: |r, _| (amount(r).cloned().unwrap_or_default().currency, Role::Dim) },
    Column { head: "WHY", align: Left, keep: Start, wide: (15, 26), rank: 0, cell: why },
    Column { head: "PROPOSAL", align: Left, keep: Start, wide: (8, 8), rank: 0, cell: |r, _| (both(r, |s| &s.proposal, |p| &p.decision), Role::Accent) },
    Column { head: "STATE", align: Left, keep: Start, wide: (20, 36), rank: 0, cell: |r, s| standing_of(r, s.signs) },
    Column { head: "CHANNEL", align: Left, keep: Start, wide: (8, 12), rank: 4, cell: |r, _| (both(r, |s| &s.channel, |p| &p.channel), Role::Text) },
    Column { head: "USER", align: Left, keep: Start, wide: (8, 14), rank: 5, cell: |r, _| (both(r, |s| &s.user_ref, |_| ""), Role::Dim) },
    Column { head: "APP", align: Left, keep: End, wide: (10, 18), rank: 6, cell: |r, _| (both(r, |s| &s.client_id, |p| &p.client_id), Role::Dim) },
    Column { head: "ORDER", align: Left, keep: End, wide: (12, 30), rank: 7, cell: |r, _| (r.order_id().to_owned(), Role::Dim) },
];

/// A text that both kinds of rows have.
fn both(row: &DeskRow, s: fn(&pb::Suspense) -> &str, p: fn(&pb::Proposal) -> &str) -> String {
    match &row.item {
        DeskItem::Suspense(suspense) => s(suspense),
        DeskItem::Payout(proposal) => p(proposal),
    }
    .to_owned()
}

fn at(row: &DeskRow) -> i64 {
    match &row.item {
        DeskItem::Suspense(s) => s.at_ms,
        DeskItem::Payout(p) => p.at_ms,
    }
}

fn amount(row: &DeskRow) -> Option<&pb::Money> {
    match &row.item {
        DeskItem::Suspense(s) => s.amount.as_ref(),
        DeskItem::Payout(p) => p.amount.as_ref(),
    }
}

fn why(row: &DeskRow, _: &Cells<'_>) -> (String, Role) {
    let text = match &row.item {
        DeskItem::Suspense(s) => s.reason.replace('_', " "),
        DeskItem::Payout(_) => "payout unknown".to_owned(),
    };
    (text, if row.is_waiting() { Role::Warn } else { Role::Dim })
}

fn standing_of(row: &DeskRow, signs: &Signs) -> (String, Role) {
    let (sign, text, role) = match &row.item {
        DeskItem::Payout(p) => (signs.pending, format!("{}: {}, 1 of 2", p.by, p.decision), Role::Warn),
        DeskItem::Suspense(s) => {
            let (sign, role) = match s.state.as_str() {
                "open" => (signs.waiting, Role::Warn),
                "proposed" => (signs.pending, Role::Warn),
                "refunding" => (signs.pending, Role::Info),
                "refunded" => (signs.refund, Role::Dim),
                _ => (signs.completed, Role::Dim),
            };
            (sign, standing(s), role)
        }
    };
    (format!("{sign} {text}"), role)
}

/// One payment in suspense: why, what the daemon proposes, who has decided, what each decision would change.
pub(super) fn detail(pen: &mut Pen<'_>, area: Rect, state: &State, id: &str) {
    let row = state.desk.get(id);
    let Some((row, DeskItem::Suspense(s))) = row.map(|row| (row, &row.item)) else {
        let inner = pen.section(area, "Money in suspense", &[]);
        pen.paragraph(
            inner,
            "it is decided longer ago than what is listed: `sluice desk list --all`",
            Role::Warn,
        );
        return;
    };
    let area = pen.section(area, &format!("In suspense: payment {} of {}", s.key, s.order_id), &[]);
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let (word, role) = standing_of(row, pen.signs());
    let rows: Vec<Fact> = vec![
        ("merchant no", s.merchant_order_no.clone(), Role::Strong),
        ("amount", full(s.amount.as_ref()), Role::Strong),
        ("state", word, role),
        ("user", s.user_ref.clone(), Role::Text),
        ("app", s.client_id.clone(), Role::Text),
        ("channel", s.channel.clone(), Role::Text),
        ("since", state.clock.long(s.at_ms, state.now), Role::Text),
        ("evidence", s.evidence_id.clone(), Role::Text),
        ("decided", state.clock.long(s.decided_at_ms, state.now), Role::Text),
        ("reason", s.decided_reason.clone(), Role::Text),
    ];
    let mut y = inner.y + facts::draw(pen, inner, &rows) + 1;
    y += said(pen, Rect { y, ..inner }, "Why", &s.text, Role::Text);
    y += said(pen, Rect { y, ..inner }, "Proposed", &s.proposal, Role::Accent);
    if let Some(p) = &s.waiting {
        let text =
            format!("{} by {}, {} ago: {}", p.decision, p.by, age(p.at_ms, state.daemon_now()), p.reason);
        y += said(pen, Rect { y, ..inner }, "Waits", &text, Role::Warn);
    }
    let eyes = if s.four_eyes { "two operators have to decide the same" } else { "one operator decides" };
    y += said(pen, Rect { y, ..inner }, "Needs", eyes, Role::Text);
    for (i, action) in s.actions.iter().enumerate().filter(|_| row.is_waiting()) {
        let (text, role) = if action.enabled {
            (format!("{}: {}", action.name, action.effect), Role::Text)
        } else {
            (format!("{}: not now, {}", action.name, action.why_not), Role::Off)
        };
        y += said(pen, Rect { y, ..inner }, if i == 0 { "You can" } else { "" }, &text, role);
    }
}

/// A name and a text that may take three lines; gives how many it took.
fn said(pen: &mut Pen<'_>, area: Rect, name: &str, text: &str, role: Role) -> u16 {
    let x = pen.cell_then(area.x, area.y, 10, name, Role::Dim);
    let bottom = area.bottom().max(area.y);
    let rest = Rect { x, y: area.y, width: area.right().saturating_sub(x), height: (bottom - area.y).min(3) };
    pen.paragraph(rest, text, role).max(1)
}
