//! New passwords, shown once.

use ratatui::layout::Rect;

use super::pen::{Pen, centred};
use super::theme::Role;
use crate::text::time::span;
use crate::text::width::Align::Left;
use crate::text::width::Keep::Start;
use crate::tui::state::layer::Secrets;

pub(super) fn draw(pen: &mut Pen<'_>, body: Rect, secrets: &Secrets) {
    let rows = u16::try_from(secrets.passwords.len()).unwrap_or(3) + 10;
    let area = centred(body, body.width.min(84), rows);
    let inner = pen.boxed(area, &format!("New password of {}", secrets.client_id), Role::Warn);
    let mut y = inner.y + 1;
    for p in &secrets.passwords {
        pen.cell(inner.x, y, 10, &p.kind, (Left, Start), Role::Dim);
        pen.put(inner.x + 11, y, inner.right(), &format!("v{}", p.version), Role::Dim);
        if p.password.expose().is_empty() {
            pen.put(inner.x + 18, y, inner.right(), "was shown before, by an earlier answer", Role::Warn);
        } else {
            pen.put(inner.x + 18, y, inner.right(), p.password.expose(), Role::Strong);
        }
        y += 1;
    }
    y += 1;
    let old = if secrets.grace.is_zero() {
        "The old one is refused already.".to_owned()
    } else {
        format!("The old one is accepted for {} more.", span(secrets.grace))
    };
    pen.put(inner.x, y, inner.right(), "Shown once: hand it over by a safe way.", Role::Warn);
    pen.put(inner.x, y + 1, inner.right(), &old, Role::Warn);
    let tokens = match secrets.revoked_tokens {
        0 => String::new(),
        n => format!(", {n} tokens refused"),
    };
    pen.put(inner.x, y + 2, inner.right(), &format!("audit #{}{tokens}", secrets.audit_seq), Role::Dim);
    let copied = "sent to the terminal; whether its clipboard took it cannot be seen from here";
    let keys = "y: copy (OSC 52)   Esc: close and wipe";
    pen.put(inner.x, y + 4, inner.right(), if secrets.copied { copied } else { "" }, Role::Text);
    pen.put(inner.x, y + 5, inner.right(), keys, Role::Key);
}
