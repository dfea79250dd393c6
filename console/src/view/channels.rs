//! Channels: health, latency, breaker.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::facts::{self, Fact};
use super::pen::Pen;
use super::spark;
use super::table::{self, Cells, Column};
use super::theme::Role;
use super::words;
use crate::text::money::count;
use crate::text::time::{age, ago};
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::Start;
use crate::tui::state::State;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let title = ("Channels, last five minutes", "no channel is configured");
    table::draw(pen, area, state, title, &state.channels, COLUMNS);
}

#[rustfmt::skip]
const COLUMNS: &[Column<pb::Channel>] = &[
    Column { head: "CHANNEL", align: Left, keep: Start, wide: (10, 16), rank: 0, cell: |c, _| (c.channel.clone(), Role::Strong) },
    Column { head: "PROVIDER", align: Left, keep: Start, wide: (8, 12), rank: 5, cell: |c, _| (c.provider.clone(), Role::Dim) },
    Column { head: "HEALTH", align: Left, keep: Start, wide: (10, 11), rank: 0, cell: |c, s| words::health(c, s.signs) },
    Column { head: "LATENCY", align: Left, keep: Start, wide: (12, 30), rank: 1, cell: latency },
    Column { head: "P50 ms", align: Right, keep: Start, wide: (6, 7), rank: 4, cell: |c, _| (count(c.p50_ms.into()), Role::Text) },
    Column { head: "P99 ms", align: Right, keep: Start, wide: (6, 7), rank: 3, cell: |c, _| (count(c.p99_ms.into()), Role::Text) },
    Column { head: "CALLS", align: Right, keep: Start, wide: (6, 8), rank: 6, cell: |c, _| (count(c.calls), Role::Dim) },
    Column { head: "SUCCESS", align: Right, keep: Start, wide: (9, 9), rank: 0, cell: |c, _| words::success(c.success_ppm, c.calls > 0) },
    Column { head: "LIMBO", align: Right, keep: Start, wide: (5, 6), rank: 0, cell: limbo },
    Column { head: "BREAKER", align: Left, keep: Start, wide: (18, 24), rank: 0, cell: |c, s| words::breaker(c, s.state.daemon_now()) },
    Column { head: "LAST ERROR", align: Left, keep: Start, wide: (14, 40), rank: 7, cell: last_error },
];

/// A sparkline as text, one sign per ten seconds; a gap where nothing was called.
fn latency(c: &pb::Channel, cells: &Cells<'_>) -> (String, Role) {
    let shown = &c.latency_spark[c.latency_spark.len().saturating_sub(30)..];
    let top = u64::from(shown.iter().copied().max().unwrap_or(0).max(1));
    let sign = |ms: &u32| match ms {
        0 => " ",
        ms => cells.signs.bars[usize::try_from((u64::from(*ms) * 7).div_ceil(top)).unwrap_or(7).min(7)],
    };
    (shown.iter().map(sign).collect(), Role::Accent)
}

fn limbo(c: &pb::Channel, _: &Cells<'_>) -> (String, Role) {
    (count(c.limbo), if c.limbo > 0 { Role::Bad } else { Role::Dim })
}

fn last_error(c: &pb::Channel, cells: &Cells<'_>) -> (String, Role) {
    if c.last_error.is_empty() {
        return (String::new(), Role::Dim);
    }
    (format!("{}: {}", ago(c.last_error_at_ms, cells.state.daemon_now()), c.last_error), Role::Warn)
}

pub(super) fn detail(pen: &mut Pen<'_>, area: Rect, state: &State, name: &str) {
    let area = pen.section(area, &format!("Channel {name}"), &[]);
    let Some(c) = state.channels.get(name) else {
        pen.paragraph(area, "it is no longer configured", Role::Warn);
        return;
    };
    let (now, daemon_now) = (state.now, state.daemon_now());
    let (health, health_role) = words::health(c, pen.signs());
    let (breaker, breaker_role) = words::breaker(c, daemon_now);
    let (success, success_role) = words::success(c.success_ppm, c.calls > 0);
    let yes = |can: bool| if can { "yes" } else { "no" }.to_owned();
    let limbo = if c.limbo == 0 {
        "none".to_owned()
    } else {
        format!("{}, oldest {}", c.limbo, age(c.limbo_oldest_ms, daemon_now))
    };
    let usual =
        format!("after {}", humantime::format_duration(std::time::Duration::from_millis(c.limbo_after_ms)));
    let rows: Vec<Fact> = vec![
        ("provider", c.provider.clone(), Role::Text),
        ("health", health, health_role),
        ("breaker", breaker, breaker_role),
        ("success, 5 m", format!("{success} of {} calls", count(c.calls)), success_role),
        ("latency", format!("p50 {} ms, p99 {} ms", c.p50_ms, c.p99_ms), Role::Text),
        ("in limbo", limbo, if c.limbo > 0 { Role::Bad } else { Role::Text }),
        ("limbo begins", usual, Role::Text),
        ("methods", c.methods.join(", "), Role::Text),
        ("can be asked", yes(c.can_query), Role::Text),
        ("can close", yes(c.can_close), Role::Text),
        ("notification", state.clock.long(c.last_notification_at_ms, now), Role::Text),
        ("last error", c.last_error.clone(), Role::Warn),
        ("at", state.clock.long(c.last_error_at_ms, now), Role::Dim),
    ];
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let used = facts::draw(pen, inner, &rows);
    let below = Rect { y: inner.y + used + 1, height: inner.height.saturating_sub(used + 1), ..inner };
    let below = pen.section(below, "Median latency, 10 s each; a gap where nothing was called", &[]);
    if below.height > 0 {
        let top = c.latency_spark.iter().copied().max().unwrap_or(1);
        let rows = below.height.min(8);
        pen.put(below.x, below.y, below.right(), &format!("{top} ms"), Role::Dim);
        let columns = below.width.saturating_sub(10);
        spark::chart(
            pen,
            (below.x + 10, below.y + rows - 1),
            (columns, rows),
            &c.latency_spark,
            top,
            Role::Accent,
        );
    }
}
