//! Audit: what operators did, hash-chained.

use ratatui::layout::Rect;

use super::facts::{self, Fact};
use super::pen::Pen;
use super::table::{self, Column};
use super::theme::Role;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;
use crate::tui::state::rows::AuditRow;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let title = ("Audit", "nobody has done anything yet");
    table::draw(pen, area, state, title, &state.audit, COLUMNS);
}

#[rustfmt::skip]
const COLUMNS: &[Column<AuditRow>] = &[
    Column { head: "SEQ", align: Right, keep: End, wide: (6, 8), rank: 0, cell: |a, _| (a.entry.seq.to_string(), Role::Dim) },
    Column { head: "TIME", align: Left, keep: Start, wide: (11, 11), rank: 0, cell: |a, s| (s.state.clock.short(a.entry.at_ms, s.state.now), Role::Dim) },
    Column { head: "OPERATOR", align: Left, keep: Start, wide: (10, 18), rank: 0, cell: |a, _| (a.entry.operator.clone(), Role::Strong) },
    Column { head: "ROLE", align: Left, keep: Start, wide: (8, 8), rank: 4, cell: |a, _| (a.entry.role.clone(), Role::Dim) },
    Column { head: "ACTION", align: Left, keep: Start, wide: (16, 22), rank: 0, cell: |a, _| (a.entry.action.clone(), Role::Accent) },
    Column { head: "TARGET", align: Left, keep: End, wide: (14, 32), rank: 0, cell: |a, _| (a.entry.target.clone(), Role::Text) },
    Column { head: "REASON", align: Left, keep: Start, wide: (14, 44), rank: 1, cell: |a, _| (a.entry.reason.clone(), Role::Text) },
    Column { head: "REQUEST", align: Left, keep: End, wide: (12, 28), rank: 5, cell: |a, _| (a.entry.request_id.clone(), Role::Dim) },
    Column { head: "HASH", align: Left, keep: Start, wide: (10, 14), rank: 6, cell: |a, _| (a.entry.hash.clone(), Role::Dim) },
];

pub(super) fn detail(pen: &mut Pen<'_>, area: Rect, state: &State, id: &str) {
    let area = pen.section(area, &format!("Audit #{id}"), &[]);
    let Some(AuditRow { entry: e, .. }) = state.audit.get(id) else {
        pen.paragraph(area, "it is older than the rows that are loaded: `sluice audit list`", Role::Warn);
        return;
    };
    let rows: Vec<Fact> = vec![
        ("time", state.clock.long(e.at_ms, state.now), Role::Text),
        ("operator", format!("{} ({})", e.operator, e.role), Role::Strong),
        ("action", e.action.clone(), Role::Accent),
        ("target", e.target.clone(), Role::Text),
        ("reason", e.reason.clone(), Role::Text),
        ("request", e.request_id.clone(), Role::Dim),
        ("hash", e.hash.clone(), Role::Dim),
    ];
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let used = facts::draw(pen, inner, &rows) + 1;
    let below = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
    let half = below.width / 2;
    for (x, title, json) in [(0, "Before", &e.before_json), (half, "After", &e.after_json)] {
        let side = Rect { x: below.x + x, width: half.saturating_sub(2), ..below };
        let side = pen.section(side, title, &[]);
        let text = serde_json::from_str::<serde_json::Value>(json)
            .ok()
            .and_then(|v| serde_json::to_string_pretty(&v).ok())
            .unwrap_or_else(|| json.clone());
        for (y, line) in (side.top()..side.bottom()).zip(text.lines()) {
            pen.put(side.x, y, side.right(), line, Role::Text);
        }
    }
}
