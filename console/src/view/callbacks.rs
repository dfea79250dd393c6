//! Callbacks that are stuck: undelivered for too long, or with their schedule used up.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::pen::Pen;
use super::table::{self, Cells, Column};
use super::theme::Role;
use super::words;
use crate::cli::callbacks::last_answer;
use crate::text::money;
use crate::text::time::{age, ago};
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let title = ("Callbacks, stuck", "no callback is stuck: merchants acknowledge in time");
    table::draw(pen, area, state, title, &state.callbacks, COLUMNS);
}

#[rustfmt::skip]
const COLUMNS: &[Column<pb::Callback>] = &[
    Column { head: "AGE", align: Right, keep: Start, wide: (6, 7), rank: 0, cell: |c, s| (age(c.created_at_ms, s.state.daemon_now()), Role::Text) },
    Column { head: "MERCHANT NO", align: Left, keep: End, wide: (15, 24), rank: 0, cell: |c, _| (c.merchant_order_no.clone(), Role::Text) },
    Column { head: "TYPE", align: Left, keep: Start, wide: (13, 16), rank: 2, cell: |c, _| (c.r#type.clone(), Role::Text) },
    Column { head: "AMOUNT", align: Right, keep: Start, wide: (11, 14), rank: 4, cell: |c, _| (money::digits(c.amount.as_ref()), Role::Text) },
    Column { head: "STATE", align: Left, keep: Start, wide: (9, 12), rank: 3, cell: |c, s| words::callback(c, s.signs) },
    Column { head: "TRIES", align: Right, keep: Start, wide: (5, 5), rank: 0, cell: |c, _| (c.attempts.to_string(), Role::Text) },
    Column { head: "LAST ANSWER", align: Left, keep: Start, wide: (12, 22), rank: 0, cell: |c, _| (last_answer(c), Role::Warn) },
    Column { head: "ENDPOINT", align: Left, keep: Start, wide: (18, 36), rank: 1, cell: |c, _| (c.endpoint.clone(), Role::Text) },
    Column { head: "NEXT ATTEMPT", align: Left, keep: Start, wide: (12, 14), rank: 5, cell: next },
    Column { head: "APP", align: Left, keep: End, wide: (10, 18), rank: 6, cell: |c, _| (c.client_id.clone(), Role::Dim) },
    Column { head: "CALLBACK", align: Left, keep: End, wide: (12, 30), rank: 7, cell: |c, _| (c.callback_id.clone(), Role::Dim) },
];

fn next(c: &pb::Callback, cells: &Cells<'_>) -> (String, Role) {
    match c.next_attempt_at_ms {
        0 => ("none".to_owned(), Role::Bad),
        at if at <= cells.state.daemon_now().millis() => ("now".to_owned(), Role::Dim),
        at => (ago(at, cells.state.daemon_now()), Role::Dim),
    }
}
