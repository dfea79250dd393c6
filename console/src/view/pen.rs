//! The one way by which text reaches the screen. Whatever is written passes `sanitize`, so a view cannot forget it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::{Role, Signs, Theme};
use crate::text::sanitize::visible;
use crate::text::width::{Align, Keep, fit, width, wrap};

/// Writes into a buffer.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    /// What the terminal can do.
    pub theme: Theme,
}

impl<'a> Pen<'a> {
    /// A pen for this buffer.
    pub fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    /// The signs of this theme.
    pub fn signs(&self) -> &'static Signs {
        self.theme.signs()
    }

    /// Writes from `x` up to the column `end`; gives the column after the text.
    pub fn put(&mut self, x: u16, y: u16, end: u16, text: &str, role: Role) -> u16 {
        if x >= end || !self.has_row(y) {
            return x;
        }
        let text = visible(text, self.theme.charset);
        let (x, _) = self.buffer.set_stringn(x, y, text, usize::from(end - x), self.theme.style(role));
        x
    }

    /// Writes several pieces one after the other.
    pub fn pieces(&mut self, x: u16, y: u16, end: u16, pieces: &[(&str, Role)]) -> u16 {
        pieces.iter().fold(x, |x, (text, role)| self.put(x, y, end, text, *role))
    }

    /// Writes pieces so that they end before the column `end`, if they fit after `start`.
    pub fn pieces_right(&mut self, start: u16, y: u16, end: u16, pieces: &[(&str, Role)]) -> u16 {
        let wide: usize = pieces.iter().map(|(text, _)| width(&visible(text, self.theme.charset))).sum();
        let x = end.saturating_sub(u16::try_from(wide).unwrap_or(u16::MAX));
        if x < start {
            return end;
        }
        self.pieces(x, y, end, pieces);
        x
    }

    /// Writes into exactly `columns` columns: padded, or cut with an ellipsis.
    pub fn cell(
        &mut self,
        x: u16,
        y: u16,
        columns: u16,
        text: &str,
        (align, keep): (Align, Keep),
        role: Role,
    ) {
        let text =
            fit(&visible(text, self.theme.charset), usize::from(columns), align, keep, self.theme.charset);
        self.put(x, y, x.saturating_add(columns), &text, role);
    }

    /// Writes a padded name and gives the column after it and a gap.
    pub fn cell_then(&mut self, x: u16, y: u16, columns: u16, text: &str, role: Role) -> u16 {
        self.cell(x, y, columns, text, (Align::Left, Keep::Start), role);
        x + columns + 1
    }

    /// Writes wrapped text into the rows of `area`; gives how many rows it took.
    pub fn paragraph(&mut self, area: Rect, text: &str, role: Role) -> u16 {
        let text = visible(text, self.theme.charset);
        let mut rows = 0;
        for line in wrap(&text, usize::from(area.width)).into_iter().take(usize::from(area.height)) {
            self.put(area.x, area.y + rows, area.right(), &line, role);
            rows += 1;
        }
        rows
    }

    /// Lays a role's style over what is there.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A title with a rule up to the end of the area, and something at its right; gives the area below.
    pub fn section(&mut self, area: Rect, title: &str, right: &[(&str, Role)]) -> Rect {
        if area.height == 0 {
            return area;
        }
        let rule = self.signs().rule;
        let x = self.pieces(
            area.x,
            area.y,
            area.right(),
            &[(rule, Role::Rule), (rule, Role::Rule), (" ", Role::Rule)],
        );
        let x = self.put(x, area.y, area.right(), title, Role::Strong);
        let x = self.put(x, area.y, area.right(), " ", Role::Rule);
        let mut end = area.right();
        if !right.is_empty() {
            let edge = [(" ", Role::Rule), (rule, Role::Rule)];
            let all: Vec<(&str, Role)> =
                [(" ", Role::Rule)].iter().chain(right).chain(&edge).copied().collect();
            end = self.pieces_right(x, area.y, area.right(), &all);
        }
        for x in x..end {
            self.put(x, area.y, end, rule, Role::Rule);
        }
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    }

    /// An empty box with a title; gives what is inside.
    pub fn boxed(&mut self, area: Rect, title: &str, role: Role) -> Rect {
        self.clear(area);
        if area.width < 4 || area.height < 3 {
            return Rect { width: 0, height: 0, ..area };
        }
        let signs = self.signs();
        let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
        for x in left + 1..right {
            self.put(x, top, right, signs.rule, role);
            self.put(x, bottom, right, signs.rule, role);
        }
        for y in top + 1..bottom {
            self.put(left, y, right, signs.side, role);
            self.put(right, y, right + 1, signs.side, role);
        }
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        for ((x, y), sign) in corners.into_iter().zip(signs.corners) {
            self.put(x, y, x + 1, sign, role);
        }
        self.pieces(left + 2, top, right, &[(" ", role), (title, Role::Strong), (" ", role)]);
        Rect { x: left + 2, y: top + 1, width: area.width - 4, height: area.height - 2 }
    }

    fn has_row(&self, y: u16) -> bool {
        (self.buffer.area.top()..self.buffer.area.bottom()).contains(&y)
    }
}

/// A box of this size in the middle of an area.
pub fn centred(area: Rect, columns: u16, rows: u16) -> Rect {
    let (width, height) = (columns.min(area.width), rows.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
