//! Tables: numbers aligned, columns that drop by rank when the screen is narrow, one cursor.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use crate::text::money::count;
use crate::text::width::{Align, Keep};
use crate::tui::keymap::{Action, key_of};
use crate::tui::state::State;
use crate::tui::state::list::{List, Row};

/// One column.
pub(super) struct Column<R> {
    /// Its head.
    pub(super) head: &'static str,
    /// Where its text stands.
    pub(super) align: Align,
    /// What is kept of a text that is too long.
    pub(super) keep: Keep,
    /// Its width on a narrow and on a wide screen.
    pub(super) wide: (u16, u16),
    /// Columns with the highest rank go first; those with 0 never go.
    pub(super) rank: u8,
    /// A row's text and meaning.
    pub(super) cell: fn(&R, &Cells<'_>) -> (String, Role),
}

/// What cells may look at besides their row.
pub(super) struct Cells<'a> {
    /// The state.
    pub(super) state: &'a State,
    /// The signs.
    pub(super) signs: &'static super::theme::Signs,
}

/// Draws a list with its title; `what` is said where it is empty.
pub(super) fn draw<R: Row>(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    (title, what): (&str, &str),
    list: &List<R>,
    columns: &[Column<R>],
) {
    let rows = list.shown();
    let facts = facts(state, list, rows.len());
    let facts: Vec<(&str, Role)> = facts.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    let area = pen.section(area, title, &facts);
    if area.height < 2 {
        return;
    }
    if rows.is_empty() {
        let text = if list.loaded_at.is_none() && !state.link.is_up() {
            "waiting for the daemon"
        } else if list.filter().is_empty() {
            what
        } else {
            "nothing here matches the filter; Esc clears it"
        };
        pen.paragraph(
            Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: 3 },
            text,
            Role::Dim,
        );
        return;
    }
    let widths = widths(columns, area.width.saturating_sub(2));
    let mut x = area.x + 2;
    for (column, wide) in columns.iter().zip(&widths).filter(|(_, w)| **w > 0) {
        pen.cell(x, area.y, *wide, column.head, (column.align, Keep::Start), Role::Head);
        x += wide + 1;
    }
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let cells = Cells { state, signs: pen.signs() };
    let height = usize::from(body.height);
    // The cursor stands in the middle of a long list, so that it neither jumps nor leaves the screen.
    let from = list.seat().saturating_sub(height / 2).min(rows.len().saturating_sub(height));
    for (y, row) in (body.top()..body.bottom()).zip(rows.iter().skip(from)) {
        let chosen = list.chosen_id() == Some(row.id());
        if chosen {
            pen.tint(Rect { y, height: 1, ..body }, Role::Chosen);
            pen.put(body.x, y, body.right(), pen.signs().cursor, Role::Accent);
        }
        let mut x = area.x + 2;
        for (column, wide) in columns.iter().zip(&widths).filter(|(_, w)| **w > 0) {
            let (text, role) = (column.cell)(row, &cells);
            pen.cell(x, y, *wide, &text, (column.align, column.keep), role);
            x += wide + 1;
        }
    }
}

/// What the title's right says: how many, filtered, frozen, held.
fn facts<R: Row>(state: &State, list: &List<R>, shown: usize) -> Vec<(String, Role)> {
    let mut facts = Vec::new();
    if !list.filter().is_empty() {
        facts.push((format!("filter “{}”  ", list.filter()), Role::Warn));
    }
    if let Some((at, fresh)) = list.frozen() {
        facts.push((
            format!("frozen {}, +{fresh} new  ", state.clock.short(at.millis(), state.now)),
            Role::Warn,
        ));
    }
    if let Some(fresh) = list.held() {
        facts.push((format!("order held, +{fresh} new  "), Role::Warn));
    }
    // A cursor stays on its row while newer ones come above: how far that is, and the way back.
    if let Some(newer) = list.newer().filter(|n| *n > 0 && list.frozen().is_none()) {
        let key = key_of(Action::Show(state.view));
        facts.push((format!("{} newer, {key} follows  ", count(newer as u64)), Role::Accent));
    }
    if shown == list.total() {
        facts.push((shown.to_string(), Role::Dim));
    } else {
        facts.push((format!("{shown} of {}", list.total()), Role::Dim));
    }
    facts
}

/// The width of each column, 0 for one that has to go: first those of the highest rank go until the rest fits in its
/// narrow form, then what is left is given out by rank.
fn widths<R>(columns: &[Column<R>], room: u16) -> Vec<u16> {
    let mut widths: Vec<u16> = columns.iter().map(|c| c.wide.0).collect();
    let used = |widths: &[u16]| -> u16 {
        let gaps = widths.iter().filter(|w| **w > 0).count().saturating_sub(1);
        widths.iter().sum::<u16>() + u16::try_from(gaps).unwrap_or(0)
    };
    while used(&widths) > room {
        let alive = (0..columns.len()).filter(|i| widths[*i] > 0 && columns[*i].rank > 0);
        let Some(last) = alive.max_by_key(|i| columns[*i].rank) else { break };
        widths[last] = 0;
    }
    let mut by_rank: Vec<usize> = (0..columns.len()).filter(|i| widths[*i] > 0).collect();
    by_rank.sort_by_key(|i| columns[*i].rank);
    for i in by_rank {
        let left = room.saturating_sub(used(&widths));
        widths[i] += left.min(columns[i].wide.1.saturating_sub(widths[i]));
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_drop_by_rank_and_grow_by_rank() {
        let column = |wide, rank| Column::<()> {
            head: "x",
            align: Align::Left,
            keep: Keep::Start,
            wide,
            rank,
            cell: |(), _| (String::new(), Role::Text),
        };
        let columns = [column((10, 10), 0), column((10, 20), 2), column((5, 5), 1)];
        for (room, want) in [
            (50, [10, 20, 5]),
            (37, [10, 20, 5]),
            (30, [10, 13, 5]),
            (27, [10, 10, 5]),
            (26, [10, 0, 5]),
            (15, [10, 0, 0]),
            (4, [10, 0, 0]),
        ] {
            assert_eq!(widths(&columns, room), want, "{room}");
        }
    }
}
