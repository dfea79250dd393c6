//! The keys that are alive below, from the keymap itself.

use std::cell::Cell;

use ratatui::layout::Rect;

use super::pen::{Pen, centred};
use super::theme::Role;
use crate::text::width::wrap;
use crate::tui::keymap::{Binding, Place, alive};
use crate::tui::state::State;

pub(super) fn draw(pen: &mut Pen<'_>, body: Rect, state: &State, scroll: &Cell<usize>) {
    let place = Place::below_help(state);
    let width = body.width.min(110);
    // Wrapped, not cut: what a key does and why it is off now is what help is for.
    let room = usize::from(width.saturating_sub(4 + KEYS + 1));
    let lines: Vec<Line> = alive(place).flat_map(|binding| lines(binding, state, room)).collect();
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(body, width, rows);
    let inner = pen.boxed(area, &format!("Keys in {}", place.name()), Role::Accent);
    let from = scroll.get().min(lines.len().saturating_sub(usize::from(inner.height)));
    scroll.set(from);
    for (y, line) in (inner.top()..inner.bottom()).zip(lines.into_iter().skip(from)) {
        let x = pen.cell_then(inner.x, y, KEYS, &line.keys, line.key_role);
        pen.put(x, y, inner.right(), &line.text, line.role);
    }
}

/// Columns of the keys' names.
const KEYS: u16 = 12;

struct Line {
    keys: String,
    key_role: Role,
    text: String,
    role: Role,
}

/// A key's line, and what of its text does not fit there.
fn lines(binding: &Binding, state: &State, room: usize) -> Vec<Line> {
    let (key_role, role, why) = match (binding.can)(state) {
        Ok(()) => (Role::Key, Role::Text, String::new()),
        Err(why) => (Role::Off, Role::Off, format!(" ({why})")),
    };
    let mut keys = binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    wrap(&format!("{}{why}", binding.help), room)
        .into_iter()
        .map(|text| Line { keys: std::mem::take(&mut keys), key_role, text, role })
        .collect()
}
