//! A question before an act: target, amount, effect, what to fill in, and two buttons of which Cancel comes first.

use ratatui::layout::Rect;

use super::pen::{Pen, centred};
use super::theme::Role;
use crate::cli::credentials::PasswordType;
use crate::text::width::Align::Left;
use crate::text::width::Keep::Start;
use crate::text::width::{width, wrap};
use crate::tui::state::State;
use crate::tui::state::dialog::{Dialog, Field, FieldName, Focus, Value};

/// Where values begin.
const INDENT: u16 = 14;

pub(super) fn draw(pen: &mut Pen<'_>, body: Rect, state: &State, dialog: &Dialog) {
    let columns = body.width.min(84);
    let room = usize::from(columns.saturating_sub(4));
    let effects = dialog.consequences();
    let effect_rows: usize = effects.iter().map(|e| wrap(e, room).len()).sum();
    let rows = dialog.target.len() + effect_rows + dialog.fields.len() + 7;
    let area = centred(body, columns, u16::try_from(rows).unwrap_or(u16::MAX));
    let title = format!("{}  on {}", dialog.title(), state.profile.name);
    let inner = pen.boxed(area, &title, Role::Profile(state.profile.colour));
    let mut y = inner.y;
    for (name, value) in &dialog.target {
        pen.cell(inner.x, y, INDENT - 1, name, (Left, Start), Role::Dim);
        pen.cell(inner.x + INDENT, y, inner.width.saturating_sub(INDENT), value, (Left, Start), Role::Strong);
        y += 1;
    }
    y += 1;
    for effect in &effects {
        let left = Rect { y, height: inner.bottom().saturating_sub(y), ..inner };
        y += pen.paragraph(left, effect, Role::Text);
    }
    y += 1;
    for (i, field) in dialog.fields.iter().enumerate() {
        draw_field(pen, Rect { y, height: 1, ..inner }, field, dialog.focus == Focus::Field(i));
        y += 1;
    }
    if let Some(problem) = &dialog.problem {
        pen.put(inner.x, y, inner.right(), problem, Role::Bad);
    }
    buttons(pen, Rect { y: y + 1, height: 1, ..inner }, dialog);
    pen.put(inner.x, y + 2, inner.right(), &format!("request {}", dialog.request_id), Role::Dim);
}

fn draw_field(pen: &mut Pen<'_>, area: Rect, field: &Field, focused: bool) {
    let (name, hint) = match field.name {
        FieldName::Kind => ("password", String::new()),
        FieldName::Decision => ("decision", String::new()),
        FieldName::Outcome => ("it was", String::new()),
        FieldName::BillLine => ("bill line", String::new()),
        FieldName::Reason => ("reason", String::new()),
        FieldName::Grace => ("old one", String::new()),
        FieldName::RevokeTokens => ("tokens", String::new()),
        FieldName::Confirmation => {
            let expected = match &field.value {
                Value::Typed { accepted, .. } => accepted.first().cloned().unwrap_or_default(),
                _ => String::new(),
            };
            ("type", expected)
        }
    };
    let label = if hint.is_empty() { name.to_owned() } else { format!("{name} {hint}") };
    if focused {
        pen.put(area.x - 1, area.y, area.right(), pen.signs().step, Role::Accent);
    }
    let label_role = if focused { Role::Accent } else { Role::Dim };
    let wide = u16::try_from(width(&label)).unwrap_or(u16::MAX).max(INDENT - 2).min(area.width / 2);
    pen.cell(area.x, area.y, wide, &label, (Left, Start), label_role);
    let x = area.x + wide + 2;
    let role = if focused { Role::FieldFocused } else { Role::Field };
    match &field.value {
        Value::Text { input, required } => {
            let empty = if *required { "(needed)" } else { "(optional)" };
            text(pen, (x, area), input.text(), if focused { "" } else { empty }, role);
        }
        Value::Typed { input, .. } => text(pen, (x, area), input.text(), "", role),
        Value::Grace(grace) => choice(pen, (x, area), grace.words(), focused),
        Value::Switch(on) => {
            let word = if *on { "refuse all of them" } else { "leave them" };
            choice(pen, (x, area), word, focused);
        }
        Value::Decision(decision) => choice(pen, (x, area), decision.name(), focused),
        Value::Outcome { chosen, .. } => choice(pen, (x, area), chosen.name(), focused),
        Value::Kind(kind) => {
            let word = if *kind == PasswordType::All { "all three" } else { kind.name() };
            choice(pen, (x, area), word, focused);
        }
    }
}

/// A line that is typed into; of a long one the end shows.
fn text(pen: &mut Pen<'_>, (x, area): (u16, Rect), typed: &str, empty: &str, role: Role) {
    let columns = area.right().saturating_sub(x);
    let shown = if typed.is_empty() { empty } else { typed };
    pen.cell(x, area.y, columns, shown, (Left, crate::text::width::Keep::End), role);
}

fn choice(pen: &mut Pen<'_>, (x, area): (u16, Rect), word: &str, focused: bool) {
    if focused {
        pen.pieces(
            x,
            area.y,
            area.right(),
            &[("< ", Role::Accent), (word, Role::Strong), (" >", Role::Accent)],
        );
    } else {
        pen.put(x + 2, area.y, area.right(), word, Role::Text);
    }
}

fn buttons(pen: &mut Pen<'_>, area: Rect, dialog: &Dialog) {
    let cancel = if dialog.focus == Focus::Cancel { Role::ButtonFocused } else { Role::Button };
    let confirm = if dialog.focus == Focus::Confirm { Role::Danger } else { Role::Button };
    let (mark_cancel, mark_confirm) = match dialog.focus {
        Focus::Cancel => (pen.signs().step, " "),
        Focus::Confirm => (" ", pen.signs().step),
        Focus::Field(_) => (" ", " "),
    };
    let verb = format!("[ {} ]", dialog.verb());
    let pieces = [
        (mark_cancel, Role::Accent),
        ("[ Cancel ]", cancel),
        ("   ", Role::Text),
        (mark_confirm, Role::Accent),
        (verb.as_str(), confirm),
        ("   Tab: next   Enter: press   Esc: cancel", Role::Dim),
    ];
    pen.pieces(area.x, area.y, area.right(), &pieces);
}
