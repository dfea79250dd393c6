//! One callback with every attempt.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::facts::{self, Fact};
use super::pen::Pen;
use super::theme::Role;
use super::words;
use crate::text::money;
use crate::text::time::ago;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;
use crate::tui::state::layer::CallbackPane;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, pane: &CallbackPane) {
    let area = pen.section(area, &format!("Callback {}", pane.callback_id), &[]);
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let Some(detail) = &pane.detail else {
        let text = pane.fault.clone().unwrap_or_else(|| "loading".to_owned());
        pen.paragraph(inner, &text, Role::Dim);
        return;
    };
    let c = detail.callback.clone().unwrap_or_default();
    let (word, role) = words::callback(&c, pen.signs());
    let next = match c.next_attempt_at_ms {
        0 => String::new(),
        at => ago(at, state.daemon_now()),
    };
    let rows: Vec<Fact> = vec![
        ("state", word, role),
        ("type", c.r#type.clone(), Role::Text),
        ("merchant no", c.merchant_order_no.clone(), Role::Strong),
        ("order", c.order_id.clone(), Role::Text),
        ("app", c.client_id.clone(), Role::Text),
        ("amount", money::full(c.amount.as_ref()), Role::Strong),
        ("url", c.url.clone(), Role::Text),
        ("created", state.clock.long(c.created_at_ms, state.now), Role::Text),
        ("delivered", state.clock.long(c.delivered_at_ms, state.now), Role::Good),
        ("next attempt", next, Role::Text),
    ];
    let used = facts::draw(pen, inner, &rows) + 1;
    let below = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
    let attempts = below.height.saturating_sub(below.height / 3).max(3).min(below.height);
    attempts_table(pen, Rect { height: attempts, ..below }, state, pane);
    let rest = Rect { y: below.y + attempts, height: below.height - attempts, ..below };
    let body = pen.section(rest, "Body, the same at each sending", &[]);
    for (y, line) in (body.top()..body.bottom()).zip(detail.body.lines()) {
        pen.put(body.x, y, body.right(), line, Role::Dim);
    }
}

fn attempts_table(pen: &mut Pen<'_>, area: Rect, state: &State, pane: &CallbackPane) {
    let count = pane.attempts().len().to_string();
    let area = pen.section(area, "Attempts (Enter: the answer)", &[(&count, Role::Dim)]);
    let height = usize::from(area.height);
    let at = pane.attempts().iter().position(|a| Some(a.no) == pane.attempt).unwrap_or(0);
    let from = at.saturating_sub(height / 2).min(pane.attempts().len().saturating_sub(height));
    for (y, a) in (area.top()..area.bottom()).zip(pane.attempts().iter().skip(from)) {
        if Some(a.no) == pane.attempt {
            pen.tint(Rect { y, height: 1, ..area }, Role::Chosen);
        }
        attempt(pen, Rect { y, height: 1, ..area }, state, a);
    }
}

fn attempt(pen: &mut Pen<'_>, area: Rect, state: &State, a: &pb::CallbackAttempt) {
    let by = if a.by.is_empty() { "schedule".to_owned() } else { format!("by {}", a.by) };
    let status = if a.status == 0 { "-".to_owned() } else { a.status.to_string() };
    let (result, role) = if a.error.is_empty() {
        ("acknowledged".to_owned(), Role::Good)
    } else {
        (a.error.clone(), Role::Warn)
    };
    let mut x = area.x + 1;
    for (text, columns, align, role) in [
        (a.no.to_string(), 3, Right, Role::Dim),
        (state.clock.short(a.at_ms, state.now), 12, Left, Role::Dim),
        (format!("{} ms", money::count(a.latency_ms.into())), 9, Right, Role::Text),
        (status, 4, Right, Role::Text),
        (result, 12, Left, role),
        (by, 14, Left, if a.by.is_empty() { Role::Dim } else { Role::Warn }),
        (format!("v{} {}", a.password_version, a.key_id), 14, Left, Role::Dim),
    ] {
        if x + columns <= area.right() {
            pen.cell(x, area.y, columns, &text, (align, Start), role);
        }
        x += columns + 1;
    }
    let detail = if a.detail.is_empty() { &a.body } else { &a.detail };
    if x < area.right() {
        pen.cell(
            x,
            area.y,
            area.right() - x,
            detail,
            (Left, if a.detail.is_empty() { Start } else { End }),
            Role::Dim,
        );
    }
}
