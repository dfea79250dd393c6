//! Names and values in columns, as the details show them.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use crate::text::width::{Align, Keep, width};

/// A name, its value, and what the value means.
pub(super) type Fact = (&'static str, String, Role);

/// Draws the facts that have a value, in as many columns as fit; gives how many rows they took.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, facts: &[Fact]) -> u16 {
    let facts: Vec<&Fact> = facts.iter().filter(|(_, value, _)| !value.is_empty()).collect();
    let columns = usize::from((area.width / 52).clamp(1, 3));
    let per_column = facts.len().div_ceil(columns);
    let wide = area.width / u16::try_from(columns).unwrap_or(1);
    for (i, (name, value, role)) in facts.iter().enumerate() {
        let column = u16::try_from(i / per_column.max(1)).unwrap_or(0);
        let (x, y) = (area.x + column * wide, area.y + u16::try_from(i % per_column.max(1)).unwrap_or(0));
        if y < area.bottom() {
            pen.cell(x, y, 14, name, (Align::Left, Keep::Start), Role::Dim);
            pen.cell(x + 15, y, wide.saturating_sub(16), value, (Align::Left, Keep::Start), *role);
        }
    }
    u16::try_from(per_column).unwrap_or(u16::MAX).min(area.height)
}

/// Draws facts on one line, one after the other, as many as fit.
pub(super) fn line(pen: &mut Pen<'_>, area: Rect, facts: &[Fact]) {
    let mut x = area.x;
    for (name, value, role) in facts.iter().filter(|(_, value, _)| !value.is_empty()) {
        let room = usize::from(area.right().saturating_sub(x));
        if width(name) + 1 + width(value) > room {
            break;
        }
        x = pen.pieces(
            x,
            area.y,
            area.right(),
            &[(name, Role::Dim), (" ", Role::Dim), (value, *role), ("   ", Role::Dim)],
        );
    }
}
