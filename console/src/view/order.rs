//! One order: what it is, where it stands and why, what comes next, what can be done, and everything that happened.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::facts::{self, Fact};
use super::pen::Pen;
use super::theme::Role;
use super::words;
use crate::text::kinds;
use crate::text::money;
use crate::text::named_diagnosis;
use crate::text::time::{age, span};
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::Start;
use crate::tui::state::State;
use crate::tui::state::layer::OrderPane;
use crate::tui::state::list::Row as _;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, pane: &OrderPane) {
    let title = format!("Order {}", pane.order_id);
    let Some((detail, view, order)) = loaded(pane) else {
        let inner = pen.section(area, &title, &[]);
        let text = pane.fault.clone().unwrap_or_else(|| "loading".to_owned());
        pen.paragraph(inner, &text, Role::Dim);
        return;
    };
    let stale = match pane.loaded_at {
        Some(at) if !state.link.is_up() => format!("{} old", age(at.millis(), state.now)),
        _ => String::new(),
    };
    let right: &[(&str, Role)] = if stale.is_empty() { &[] } else { &[(&stale, Role::Warn)] };
    let area = pen.section(area, &title, right);
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let used = if area.height >= 26 {
        facts::draw(pen, inner, &all_facts(pen, state, view, order))
    } else {
        short_facts(pen, inner, state, view, order)
    };
    let mut rest = below(inner, used + u16::from(area.height >= 26));
    let used = standing(pen, rest, state, detail, view);
    rest = below(rest, used);
    timeline(pen, Rect { x: area.x, width: area.width, ..rest }, state, pane);
}

fn loaded(pane: &OrderPane) -> Option<(&pb::OrderDetail, &pb::OrderView, &pb::Order)> {
    let detail = pane.detail.as_ref()?;
    let view = detail.view.as_ref()?;
    Some((detail, view, view.order.as_ref()?))
}

fn below(area: Rect, rows: u16) -> Rect {
    Rect { y: area.y + rows.min(area.height), height: area.height.saturating_sub(rows), ..area }
}

fn all_facts(pen: &Pen<'_>, state: &State, view: &pb::OrderView, o: &pb::Order) -> Vec<Fact> {
    let (word, role) = words::state(o, pen.signs());
    let attempt = view.attempts.last().cloned().unwrap_or_default();
    vec![
        ("merchant no", o.merchant_order_no.clone(), Role::Strong),
        ("type", format!("{} {}", o.r#type, o.mode).trim_end().to_owned(), Role::Text),
        ("refund of", o.original_order_id.clone(), Role::Accent),
        ("amount", money::full(o.amount.as_ref()), Role::Strong),
        ("captured", money::full(o.captured.as_ref()), Role::Strong),
        ("refunded", refunded(o), Role::Warn),
        ("state", format!("{word} {}", o.closed_reason).trim_end().to_owned(), role),
        ("flags", o.flags.join(", "), Role::Warn),
        ("app", o.client_id.clone(), Role::Text),
        ("user", o.user_ref.clone(), Role::Text),
        ("to", kinds::paid_to(o), Role::Strong),
        ("channel", format!("{} {}", o.channel, o.method).trim().to_owned(), Role::Text),
        ("channel ref", o.channel_ref.clone(), Role::Text),
        ("provider no", o.channel_order_no.clone(), Role::Text),
        ("last answer", words::answer(&attempt), Role::Text),
        ("fee", kinds::fee(o), Role::Text),
        ("fee returned", money::full(o.fee_returned.as_ref()), Role::Text),
        ("created", state.clock.long(o.created_at_ms, state.now), Role::Text),
        ("paid", state.clock.long(o.paid_at_ms, state.now), Role::Text),
        ("expires", state.clock.long(o.expires_at_ms, state.now), Role::Text),
        ("callbacks", callbacks(o), Role::Text),
    ]
}

/// What went back so far; nothing where nothing did.
fn refunded(o: &pb::Order) -> String {
    money::full(o.refunded.as_ref().filter(|r| r.minor != 0))
}

/// The same in three lines, for small screens; a fourth for what only this kind of order has.
fn short_facts(pen: &mut Pen<'_>, area: Rect, state: &State, view: &pb::OrderView, o: &pb::Order) -> u16 {
    let (word, role) = words::state(o, pen.signs());
    let attempt = view.attempts.last().cloned().unwrap_or_default();
    let mut lines: Vec<Vec<Fact>> = vec![
        vec![
            ("no", o.merchant_order_no.clone(), Role::Strong),
            ("amount", money::full(o.amount.as_ref()), Role::Strong),
            ("state", format!("{word} {}", o.closed_reason).trim_end().to_owned(), role),
            ("flags", o.flags.join(","), Role::Warn),
        ],
        vec![
            ("ref", o.channel_ref.clone(), Role::Text),
            ("channel", format!("{} {}", o.channel, o.method).trim().to_owned(), Role::Text),
            ("user", o.user_ref.clone(), Role::Text),
            ("app", o.client_id.clone(), Role::Text),
        ],
        vec![
            ("answer", words::answer(&attempt), Role::Text),
            ("created", state.clock.short(o.created_at_ms, state.now), Role::Text),
            ("paid", state.clock.short(o.paid_at_ms, state.now), Role::Text),
            ("expires", state.clock.short(o.expires_at_ms, state.now), Role::Text),
        ],
    ];
    let own: Vec<Fact> = vec![
        ("to", kinds::paid_to(o), Role::Strong),
        ("refund of", o.original_order_id.clone(), Role::Accent),
        ("mode", o.mode.clone(), Role::Text),
        ("captured", money::full(o.captured.as_ref()), Role::Text),
        ("refunded", refunded(o), Role::Warn),
        ("fee returned", money::full(o.fee_returned.as_ref()), Role::Text),
    ];
    if own.iter().any(|(_, value, _)| !value.is_empty()) {
        lines.push(own);
    }
    for (y, line) in (area.top()..area.bottom()).zip(&lines) {
        facts::line(pen, Rect { y, height: 1, ..area }, line);
    }
    u16::try_from(lines.len()).unwrap_or(3)
}

fn callbacks(o: &pb::Order) -> String {
    o.callbacks
        .iter()
        .map(|c| format!("{} {} ({}×)", c.r#type, c.state, c.attempts).replace('×', "x"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Diagnosis, next automatic step, and the safe acts with what each would change.
fn standing(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    detail: &pb::OrderDetail,
    view: &pb::OrderView,
) -> u16 {
    let d = view.diagnosis.clone().unwrap_or_default();
    let role = words::diagnosis_role(view);
    let named = named_diagnosis(&d.code, &d.title);
    let since = age(d.since_ms, state.daemon_now());
    let since = if since.is_empty() { since } else { format!("for {since}") };
    let mut y = area.y;
    let x = pen.cell_then(area.x, y, 10, "Diagnosis", Role::Dim);
    pen.pieces(x, y, area.right(), &[(named.as_str(), role), ("  ", role), (&since, Role::Dim)]);
    y += 1;
    if !d.text.is_empty() && d.text != d.title {
        let rest = Rect {
            x,
            y,
            width: area.right().saturating_sub(x),
            height: area.bottom().saturating_sub(y).min(3),
        };
        y += pen.paragraph(rest, &d.text, Role::Text);
    }
    pen.cell_then(area.x, y, 10, "Next", Role::Dim);
    let asking = state
        .requerying
        .get(view.id())
        .map(|since| format!("asking the channel now, {}", span(state.now.since(*since))));
    let (next, next_role) = match asking {
        Some(asking) => (asking, Role::Accent),
        None => (words::next_step(view, state.daemon_now()), Role::Strong),
    };
    pen.put(x, y, area.right(), &next, next_role);
    y += 1;
    for (i, action) in detail.actions.iter().enumerate() {
        if y >= area.bottom() {
            break;
        }
        let key = match action.name.as_str() {
            "requery" => "r",
            "replay_callback" => "c",
            "resolve_payout" => "d",
            _ => " ",
        };
        let name = action.name.replace('_', " ");
        pen.cell_then(area.x, y, 10, if i == 0 { "You can" } else { "" }, Role::Dim);
        let (head, text, role) = if action.enabled {
            let head =
                [(key, Role::Key), (" ", Role::Text), (name.as_str(), Role::Strong), (": ", Role::Dim)];
            (head, action.effect.as_str(), Role::Text)
        } else {
            let head =
                [(key, Role::Off), (" ", Role::Off), (name.as_str(), Role::Off), (": not now, ", Role::Off)];
            (head, action.why_not.as_str(), Role::Off)
        };
        // What it would change is read here or nowhere: it may take a second and a third line.
        let x = pen.pieces(x, y, area.right(), &head);
        let height = area.bottom().saturating_sub(y).min(3);
        let rest = Rect { x, y, width: area.right().saturating_sub(x), height };
        y += pen.paragraph(rest, text, role).max(1);
    }
    y - area.y + u16::from(area.height > 16)
}

fn timeline(pen: &mut Pen<'_>, area: Rect, state: &State, pane: &OrderPane) {
    let entries = pane.entries();
    let all = pane.detail.as_ref().map_or(0, |d| d.timeline.len());
    let shown = match &pane.origin {
        Some(origin) => format!("only {origin}: {} of {all}", entries.len()),
        None => all.to_string(),
    };
    let area = pen.section(
        area,
        "Timeline",
        &[(&shown, if pane.origin.is_some() { Role::Warn } else { Role::Dim })],
    );
    let height = usize::from(area.height);
    let at = entries.iter().position(|e| Some(e.seq) == pane.entry).unwrap_or(0);
    let from = at.saturating_sub(height / 2).min(entries.len().saturating_sub(height));
    let mut before = from.checked_sub(1).and_then(|i| entries.get(i)).map(|e| e.at_ms);
    for (y, entry) in (area.top()..area.bottom()).zip(entries.iter().skip(from)) {
        let row = Rect { y, height: 1, ..area };
        if Some(entry.seq) == pane.entry {
            pen.tint(row, Role::Chosen);
            pen.put(row.x, y, row.right(), pen.signs().cursor, Role::Accent);
        }
        line(pen, row, state, entry, before);
        before = Some(entry.at_ms);
    }
}

/// One entry: when, how long after the one before, where from, what.
fn line(pen: &mut Pen<'_>, row: Rect, state: &State, entry: &pb::TimelineEntry, before: Option<i64>) {
    let wait = before.map_or_else(String::new, |b| {
        let millis = entry.at_ms.saturating_sub(b).max(0);
        match millis {
            0..1_000 => format!("+{millis} ms"),
            1_000..10_000 => format!("+{}.{}s", millis / 1_000, millis % 1_000 / 100),
            _ => format!("+{}", span(std::time::Duration::from_millis(millis.unsigned_abs()))),
        }
    });
    let evidence = if entry.evidence_id.is_empty() { " " } else { pen.signs().evidence };
    let (y, end) = (row.y, row.right());
    pen.cell(row.x + 2, y, 12, &state.clock.precise(entry.at_ms), (Left, Start), Role::Dim);
    pen.cell(row.x + 15, y, 9, &wait, (Right, Start), Role::Dim);
    pen.put(row.x + 25, y, end, evidence, Role::Accent);
    pen.cell(row.x + 27, y, 12, &entry.origin, (Left, Start), words::origin(&entry.origin));
    if row.width >= 120 {
        pen.cell(row.x + 40, y, 24, &entry.kind, (Left, Start), Role::Dim);
        pen.cell(row.x + 65, y, row.width.saturating_sub(66), &entry.summary, (Left, Start), Role::Text);
    } else {
        pen.cell(row.x + 40, y, row.width.saturating_sub(41), &entry.summary, (Left, Start), Role::Text);
    }
}
