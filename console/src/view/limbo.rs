//! Limbo: orders whose money fact at the channel is unknown for longer than that channel normally takes.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::orders::{
    amount, app, channel, currency, kind, merchant_no, next_step, order_id, order_state, with,
};
use super::pen::Pen;
use super::table::{self, Cells, Column};
use super::theme::Role;
use super::words;
use crate::text::money::minor_digits;
use crate::text::time::age;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::{State, unknown_since};

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let at_risk = at_risk(state);
    let title = if at_risk.is_empty() { "Limbo".to_owned() } else { format!("Limbo   {at_risk} at risk") };
    let empty = "no order is in limbo: of every order it is known whether it is paid";
    table::draw(pen, area, state, (&title, empty), &state.limbo, COLUMNS);
}

#[rustfmt::skip]
const COLUMNS: &[Column<pb::OrderView>] = &[
    Column { head: "UNKNOWN", align: Right, keep: Start, wide: (7, 8), rank: 0, cell: unknown },
    Column { head: "TYPE", align: Left, keep: Start, wide: (8, 8), rank: 3, cell: kind },
    Column { head: "MERCHANT NO", align: Left, keep: End, wide: (15, 24), rank: 0, cell: merchant_no },
    Column { head: "ORDER", align: Left, keep: End, wide: (12, 30), rank: 5, cell: order_id },
    Column { head: "AMOUNT", align: Right, keep: Start, wide: (11, 14), rank: 0, cell: amount },
    Column { head: "CUR", align: Left, keep: Start, wide: (3, 3), rank: 4, cell: currency },
    Column { head: "CHANNEL", align: Left, keep: Start, wide: (8, 12), rank: 0, cell: channel },
    Column { head: "STATE", align: Left, keep: Start, wide: (13, 16), rank: 3, cell: order_state },
    Column { head: "LAST ANSWER", align: Left, keep: Start, wide: (12, 28), rank: 2, cell: last_answer },
    Column { head: "NEXT STEP", align: Left, keep: Start, wide: (20, 28), rank: 1, cell: next_step },
    Column { head: "APP", align: Left, keep: End, wide: (10, 18), rank: 6, cell: app },
    Column { head: "CHANNEL REF", align: Left, keep: End, wide: (12, 28), rank: 7, cell: channel_ref },
];

/// The sum of what is unknown, per currency.
fn at_risk(state: &State) -> String {
    let mut sums: Vec<(String, i64)> = Vec::new();
    for amount in state.limbo.shown().iter().filter_map(|v| v.order.as_ref()?.amount.as_ref()) {
        match sums.iter_mut().find(|(currency, _)| *currency == amount.currency) {
            Some((_, sum)) => *sum = sum.saturating_add(amount.minor),
            None => sums.push((amount.currency.clone(), amount.minor)),
        }
    }
    let texts: Vec<String> = sums.iter().map(|(c, sum)| format!("{} {c}", minor_digits(*sum, c))).collect();
    texts.join(" + ")
}

fn unknown(view: &pb::OrderView, cells: &Cells<'_>) -> (String, Role) {
    (age(unknown_since(view), cells.state.daemon_now()), Role::Bad)
}

fn last_answer(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    let text = view.attempts.last().map(words::answer);
    (text.filter(|t| !t.is_empty()).unwrap_or_else(|| "none".to_owned()), Role::Warn)
}

fn channel_ref(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.channel_ref.clone()), Role::Dim)
}
