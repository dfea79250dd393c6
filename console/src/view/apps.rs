//! Apps: the age and version of their passwords, never the values; keys and tokens.

use ratatui::layout::Rect;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use super::facts::{self, Fact};
use super::pen::Pen;
use super::table::{self, Cells, Column};
use super::theme::Role;
use crate::text::money::count;
use crate::text::time::{age, ago};
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let title = ("Apps", "no app yet: `sluiced app add` makes one");
    table::draw(pen, area, state, title, &state.apps, COLUMNS);
}

#[rustfmt::skip]
const COLUMNS: &[Column<pb::App>] = &[
    Column { head: "APP", align: Left, keep: End, wide: (14, 32), rank: 0, cell: |a, _| (a.client_id.clone(), Role::Strong) },
    Column { head: "NAME", align: Left, keep: Start, wide: (12, 24), rank: 2, cell: |a, _| (a.name.clone(), Role::Text) },
    Column { head: "MERCHANT", align: Left, keep: Start, wide: (12, 24), rank: 5, cell: |a, _| (a.merchant.clone(), Role::Text) },
    Column { head: "STATUS", align: Left, keep: Start, wide: (9, 10), rank: 4, cell: status },
    Column { head: "RECHARGE", align: Left, keep: Start, wide: (11, 13), rank: 0, cell: |a, s| password(a, "recharge", s) },
    Column { head: "WITHDRAW", align: Left, keep: Start, wide: (11, 13), rank: 0, cell: |a, s| password(a, "withdraw", s) },
    Column { head: "TRADE", align: Left, keep: Start, wide: (11, 13), rank: 0, cell: |a, s| password(a, "trade", s) },
    Column { head: "KEYS", align: Right, keep: Start, wide: (4, 5), rank: 1, cell: |a, _| (a.keys.iter().filter(|k| k.state == "active").count().to_string(), Role::Text) },
    Column { head: "TOKENS", align: Right, keep: Start, wide: (6, 7), rank: 3, cell: |a, _| (count(a.live_tokens.into()), Role::Text) },
    Column { head: "CALLBACK URL", align: Left, keep: Start, wide: (20, 44), rank: 6, cell: |a, _| (a.callback_url.clone(), Role::Dim) },
];

fn status(a: &pb::App, cells: &Cells<'_>) -> (String, Role) {
    match a.status.as_str() {
        "active" => (format!("{} active", cells.signs.up), Role::Good),
        other => (format!("{} {other}", cells.signs.down), Role::Warn),
    }
}

/// `v3 12d04h`; a star while the former version is still accepted.
fn password(a: &pb::App, kind: &str, cells: &Cells<'_>) -> (String, Role) {
    let Some(p) = a.passwords.iter().find(|p| p.r#type == kind) else { return ("-".to_owned(), Role::Dim) };
    let now = cells.state.daemon_now();
    let grace = p.grace_until_ms > now.millis();
    let text = format!("v{} {}{}", p.version, age(p.created_at_ms, now), if grace { " *" } else { "" });
    (text, if grace { Role::Warn } else { Role::Text })
}

pub(super) fn detail(pen: &mut Pen<'_>, area: Rect, state: &State, client_id: &str) {
    let area = pen.section(area, &format!("App {client_id}"), &[]);
    let Some(a) = state.apps.get(client_id) else {
        pen.paragraph(area, "it is gone", Role::Warn);
        return;
    };
    let now = state.daemon_now();
    let rows: Vec<Fact> = vec![
        ("name", a.name.clone(), Role::Text),
        ("merchant", a.merchant.clone(), Role::Text),
        ("status", a.status.clone(), Role::Text),
        ("created", state.clock.long(a.created_at_ms, state.now), Role::Text),
        ("live tokens", count(a.live_tokens.into()), Role::Text),
        ("callback url", a.callback_url.clone(), Role::Text),
    ];
    let inner = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
    let used = facts::draw(pen, inner, &rows) + 1;
    let below = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
    let below = pen.section(below, "Access passwords (the values are nowhere to be seen)", &[]);
    let mut y = below.y;
    for p in a.passwords.iter().filter(|_| below.height > 0) {
        pen.cell(below.x, y, 10, &p.r#type, (Left, Start), Role::Strong);
        let x = pen.put(below.x + 11, y, below.right(), &password_line(p, now), Role::Text);
        if p.grace_until_ms > now.millis() {
            let text = format!(", former ends {}", ago(p.grace_until_ms, now));
            pen.put(x, y, below.right(), &text, Role::Warn);
        }
        y += 1;
    }
    let below = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..below };
    let below = pen.section(below, "Merchant keys", &[]);
    for (y, key) in (below.top()..below.bottom()).zip(&a.keys) {
        let role = if key.state == "active" { Role::Text } else { Role::Dim };
        pen.cell(below.x, y, 18, &key.key_id, (Left, Start), Role::Strong);
        let text = format!(
            "{:8} RSA-{}  {}  sha256 {}",
            key.state,
            key.bits,
            age(key.created_at_ms, now),
            key.fingerprint
        );
        pen.put(below.x + 19, y, below.right(), &text, role);
    }
}

fn password_line(p: &pb::PasswordInfo, now: Timestamp) -> String {
    let used = if p.last_used_at_ms == 0 {
        "never used".to_owned()
    } else {
        format!("used {}", ago(p.last_used_at_ms, now))
    };
    format!("v{}, made {}, {used}", p.version, ago(p.created_at_ms, now))
}
