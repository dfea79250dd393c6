//! Overview: the figures, the channels, what is wrong, what happens.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::facts::Fact;
use super::pen::Pen;
use super::spark;
use super::theme::Role;
use super::words;
use crate::text::money::{count, full};
use crate::text::time::age;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;

/// From so many rows on the traffic of the last two minutes is drawn large.
const ROOM_FOR_TRAFFIC: u16 = 26;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let Some(o) = &state.overview else {
        let area = pen.section(area, "Overview", &[]);
        pen.paragraph(Rect { x: area.x + 2, y: area.y + 1, ..area }, "waiting for the daemon", Role::Dim);
        return;
    };
    if area.width < 160 {
        let rest = figures(pen, area, state, o);
        let rest = traffic(pen, rest, o);
        let rest = alerts(pen, rest, state, o);
        let rest = channels(pen, rest, state);
        recent(pen, rest, state);
        return;
    }
    let left = Rect { width: area.width * 9 / 20, ..area };
    let right = Rect { x: left.right() + 2, width: area.width - left.width - 2, ..area };
    let rest = figures(pen, left, state, o);
    let rest = traffic(pen, rest, o);
    let rest = alerts(pen, rest, state, o);
    channels(pen, rest, state);
    recent(pen, right, state);
}

fn figures(pen: &mut Pen<'_>, area: Rect, state: &State, o: &pb::OverviewReply) -> Rect {
    let inner = pen.section(area, "Now", &[]);
    let now = state.daemon_now();
    let (success, success_role) = words::success(o.success_ppm_1h, o.ended_1h > 0);
    let balance = if o.trial_balance_zero {
        (format!("{} zero", pen.signs().completed), Role::Good)
    } else {
        (format!("{} NOT ZERO", pen.signs().alert), Role::Bad)
    };
    let waiting = |n: u64, oldest: i64| match (n, oldest) {
        (0, _) => ("none".to_owned(), Role::Good),
        (n, 0) => (count(n), Role::Bad),
        (n, oldest) => (format!("{}, oldest {}", count(n), age(oldest, now)), Role::Bad),
    };
    let (limbo, limbo_role) = waiting(o.limbo, o.limbo_oldest_ms);
    let (stuck, stuck_role) = waiting(o.callbacks_stuck, o.callbacks_stuck_oldest_ms);
    let suspense = if o.suspense_open > 0 { Role::Warn } else { Role::Text };
    let refused = if o.refused_1m > 0 { Role::Warn } else { Role::Text };
    let columns: [[Fact; 5]; 2] = [
        [
            ("created, 1 m", count(o.created_1m), Role::Strong),
            ("paid, 1 m", count(o.paid_1m), Role::Strong),
            ("closed, 1 m", count(o.closed_1m), Role::Text),
            ("success, 1 h", success, success_role),
            ("API p50 / p99", format!("{} / {} ms", o.api_p50_ms, o.api_p99_ms), Role::Text),
        ],
        [
            ("in limbo", limbo, limbo_role),
            ("stuck callbacks", stuck, stuck_role),
            (
                "open orders",
                format!("{}, {} tasks due", count(o.open_orders), count(o.tasks_due)),
                Role::Text,
            ),
            (
                "suspense",
                format!("{}, {} refused in 1 m", count(o.suspense_open), count(o.refused_1m)),
                if o.suspense_open > 0 { suspense } else { refused },
            ),
            ("trial balance", balance.0, balance.1),
        ],
    ];
    let half = (inner.width.saturating_sub(4)) / 2;
    for (x, column) in [(inner.x + 2, &columns[0]), (inner.x + 2 + half, &columns[1])] {
        for (y, (name, value, role)) in (inner.top()..inner.bottom()).zip(column) {
            pen.cell(x, y, 15, name, (Left, Start), Role::Dim);
            pen.cell(x + 16, y, half.saturating_sub(17), value, (Left, Start), *role);
        }
    }
    // Where there is no room for the large chart, the first two rows have some for a small one.
    if inner.height < ROOM_FOR_TRAFFIC && half > 34 {
        let columns = half - 24;
        spark::line(pen, (inner.x + 24, inner.y), columns, &o.created_spark, false, Role::Info);
        spark::line(pen, (inner.x + 24, inner.y + 1), columns, &o.paid_spark, false, Role::Good);
    }
    below(area, 7)
}

/// Created and paid over the last two minutes, in large.
fn traffic(pen: &mut Pen<'_>, area: Rect, o: &pb::OverviewReply) -> Rect {
    const ROWS: u16 = 5;
    if area.height + 6 < ROOM_FOR_TRAFFIC {
        return area;
    }
    let inner = pen.section(
        area,
        "Last two minutes",
        &[("created", Role::Info), ("  ", Role::Dim), ("paid", Role::Good)],
    );
    let half = inner.width.saturating_sub(6) / 2;
    let top = o.created_spark.iter().chain(&o.paid_spark).copied().max().unwrap_or(1);
    spark::chart(pen, (inner.x + 2, inner.y + ROWS - 1), (half, ROWS), &o.created_spark, top, Role::Info);
    spark::chart(pen, (inner.x + 4 + half, inner.y + ROWS - 1), (half, ROWS), &o.paid_spark, top, Role::Good);
    below(area, ROWS + 2)
}

fn alerts(pen: &mut Pen<'_>, area: Rect, state: &State, o: &pb::OverviewReply) -> Rect {
    if o.alerts.is_empty() {
        return area;
    }
    let shown = o.alerts.len().min(usize::from(area.height / 3).max(1));
    let inner = pen.section(area, "Alerts", &[(&o.alerts.len().to_string(), Role::Bad)]);
    for (y, alert) in (inner.top()..inner.bottom()).zip(o.alerts.iter().take(shown)) {
        let (sign, role) = match alert.severity.as_str() {
            "critical" => (pen.signs().alert, Role::Bad),
            "warning" => (pen.signs().alert, Role::Warn),
            _ => (pen.signs().step, Role::Info),
        };
        let since = age(alert.since_ms, state.daemon_now());
        let x = pen.pieces(
            inner.x + 2,
            y,
            inner.right(),
            &[(sign, role), (" ", role), (&alert.severity, role), (" ", role)],
        );
        let x = x.max(inner.x + 14);
        let end =
            pen.pieces_right(x, y, inner.right(), &[(" ", Role::Dim), (&since, Role::Dim), (" ", Role::Dim)]);
        pen.cell(x, y, end.saturating_sub(x), &alert.text, (Left, Start), Role::Text);
    }
    below(area, u16::try_from(shown).unwrap_or(1) + 2)
}

fn channels(pen: &mut Pen<'_>, area: Rect, state: &State) -> Rect {
    let rows = state.channels.shown();
    if rows.is_empty() || area.height < 3 {
        return area;
    }
    let shown = rows.len().min(usize::from(area.height / 2).max(1));
    let inner = pen.section(area, "Channels", &[]);
    for (y, c) in (inner.top()..inner.bottom()).zip(rows.iter().take(shown)) {
        let (health, health_role) = words::health(c, pen.signs());
        let (success, success_role) = words::success(c.success_ppm, c.calls > 0);
        let x = inner.x + 2;
        pen.cell(x, y, 12, &c.channel, (Left, Start), Role::Strong);
        pen.cell(x + 13, y, 10, &health, (Left, Start), health_role);
        pen.cell(x + 24, y, 9, &success, (Right, Start), success_role);
        pen.cell(x + 34, y, 15, &format!("p99 {} ms", count(c.p99_ms.into())), (Right, Start), Role::Text);
        let room = inner.right().saturating_sub(x + 50).min(31);
        if room > 8 {
            spark::line(pen, (x + 50, y), room - 1, &c.latency_spark, true, Role::Accent);
        }
    }
    below(area, u16::try_from(shown).unwrap_or(1) + 2)
}

/// What happened, newest first.
fn recent(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let inner = pen.section(area, "What happens", &[]);
    for (y, event) in (inner.top()..inner.bottom()).zip(&state.recent) {
        let entry = event.entry.clone().unwrap_or_default();
        // Of several events in a row only the last one carries the order.
        let view = event.order.as_ref().or_else(|| state.orders.get(&event.order_id));
        let order = view.and_then(|v| v.order.clone()).unwrap_or_default();
        let (x, wide) = (inner.x + 2, inner.width >= 100);
        pen.cell(x, y, 12, &state.clock.precise(entry.at_ms), (Left, Start), Role::Dim);
        pen.cell(x + 13, y, 12, &entry.origin, (Left, Start), words::origin(&entry.origin));
        pen.cell(x + 26, y, 16, &order.merchant_order_no, (Left, End), Role::Text);
        let mut x = x + 43;
        if wide {
            pen.cell(x, y, 16, &full(order.amount.as_ref()), (Right, Start), Role::Text);
            x += 18;
        }
        pen.cell(x, y, inner.right().saturating_sub(x + 1), &entry.summary, (Left, Start), Role::Text);
    }
}

fn below(area: Rect, rows: u16) -> Rect {
    Rect { y: area.y + rows.min(area.height), height: area.height.saturating_sub(rows), ..area }
}
