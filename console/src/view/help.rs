//! The keys that are alive below, from the keymap itself.

use ratatui::layout::Rect;

use super::pen::{Pen, centred};
use super::theme::Role;
use crate::text::width::Align::Left;
use crate::text::width::Keep::Start;
use crate::tui::keymap::{Binding, Place, alive};
use crate::tui::state::State;

pub(super) fn draw(pen: &mut Pen<'_>, body: Rect, state: &State, scroll: usize) {
    let place = Place::below_help(state);
    let bindings: Vec<&Binding> = alive(place).collect();
    let rows = u16::try_from(bindings.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = centred(body, body.width.min(110), rows);
    let inner = pen.boxed(area, &format!("Keys in {}", place.name()), Role::Accent);
    let from = scroll.min(bindings.len().saturating_sub(usize::from(inner.height)));
    for (y, binding) in (inner.top()..inner.bottom()).zip(bindings.into_iter().skip(from)) {
        let keys = binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let (key_role, role, why) = match (binding.can)(state) {
            Ok(()) => (Role::Key, Role::Text, String::new()),
            Err(why) => (Role::Off, Role::Off, format!(" ({why})")),
        };
        pen.cell(inner.x, y, 12, &keys, (Left, Start), key_role);
        let text = format!("{}{why}", binding.help);
        pen.cell(inner.x + 13, y, inner.width.saturating_sub(13), &text, (Left, Start), role);
    }
}
