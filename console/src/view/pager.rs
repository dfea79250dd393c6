//! Text to scroll through: evidence and the facts of a timeline entry.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use crate::text::sanitize::visible_lines;
use crate::text::width::wrap;
use crate::tui::state::layer::Pager;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, pager: &Pager) {
    let text = pager.text.as_deref().unwrap_or("loading");
    let columns = usize::from(area.width.saturating_sub(4));
    let lines: Vec<String> =
        visible_lines(text, pen.theme.charset).iter().flat_map(|line| wrap(line, columns)).collect();
    let height = usize::from(area.height.saturating_sub(1));
    let from = pager.scroll.get().min(lines.len().saturating_sub(height));
    pager.scroll.set(from);
    let place = format!("{}-{} of {}", from + 1, (from + height).min(lines.len()), lines.len());
    let inner = pen.section(area, &pager.title, &[(&place, Role::Dim)]);
    for (y, line) in (inner.top()..inner.bottom()).zip(lines.iter().skip(from)) {
        let role =
            if line.starts_with("──") || line.starts_with("--") { Role::Accent } else { Role::Text };
        pen.put(inner.x + 2, y, inner.right(), line, role);
    }
}
