//! Several orders that one number fits: listed with their app, to choose from.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::orders::{amount, app, channel, kind, merchant_no, order_id, order_state};
use super::pen::Pen;
use super::table::{self, Column};
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;
use crate::tui::state::list::List;

#[rustfmt::skip]
const COLUMNS: &[Column<pb::OrderView>] = &[
    Column { head: "APP", align: Left, keep: End, wide: (16, 24), rank: 0, cell: app },
    Column { head: "TYPE", align: Left, keep: Start, wide: (8, 8), rank: 0, cell: kind },
    Column { head: "MERCHANT NO", align: Left, keep: End, wide: (16, 24), rank: 0, cell: merchant_no },
    Column { head: "ORDER", align: Left, keep: End, wide: (14, 30), rank: 1, cell: order_id },
    Column { head: "AMOUNT", align: Right, keep: Start, wide: (11, 14), rank: 0, cell: amount },
    Column { head: "STATE", align: Left, keep: Start, wide: (13, 16), rank: 0, cell: order_state },
    Column { head: "CHANNEL", align: Left, keep: Start, wide: (8, 12), rank: 2, cell: channel },
];

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, number: &str, list: &List<pb::OrderView>) {
    let title = format!("Several orders have the number {number}");
    table::draw(pen, area, state, (&title, "none"), list, COLUMNS);
}
