//! Orders, live, newest first.

use ratatui::layout::Rect;
use sluice_proto::v1 as pb;

use super::pen::Pen;
use super::table::{self, Cells, Column};
use super::theme::Role;
use super::words;
use crate::text::money;
use crate::text::width::Align::{Left, Right};
use crate::text::width::Keep::{End, Start};
use crate::tui::state::State;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let title = ("Orders", "no orders yet; they appear here as they are created");
    table::draw(pen, area, state, title, &state.orders, COLUMNS);
}

/// The columns of orders, here and in search hits.
#[rustfmt::skip]
pub(super) const COLUMNS: &[Column<pb::OrderView>] = &[
    Column { head: "CREATED", align: Left, keep: Start, wide: (11, 11), rank: 3, cell: created },
    Column { head: "TYPE", align: Left, keep: Start, wide: (8, 8), rank: 1, cell: kind },
    Column { head: "MERCHANT NO", align: Left, keep: End, wide: (12, 24), rank: 0, cell: merchant_no },
    Column { head: "ORDER", align: Left, keep: End, wide: (12, 30), rank: 6, cell: order_id },
    Column { head: "USER", align: Left, keep: Start, wide: (8, 14), rank: 2, cell: user },
    Column { head: "AMOUNT", align: Right, keep: Start, wide: (11, 14), rank: 0, cell: amount },
    Column { head: "CUR", align: Left, keep: Start, wide: (3, 3), rank: 5, cell: currency },
    Column { head: "STATE", align: Left, keep: Start, wide: (13, 16), rank: 0, cell: order_state },
    Column { head: "DIAGNOSIS", align: Left, keep: Start, wide: (21, 34), rank: 0, cell: diagnosis },
    Column { head: "CHANNEL", align: Left, keep: Start, wide: (8, 12), rank: 4, cell: channel },
    Column { head: "APP", align: Left, keep: End, wide: (10, 18), rank: 7, cell: app },
    Column { head: "NEXT STEP", align: Left, keep: Start, wide: (16, 26), rank: 8, cell: next_step },
];

pub(super) fn with<T: Default>(view: &pb::OrderView, get: impl Fn(&pb::Order) -> T) -> T {
    view.order.as_ref().map(get).unwrap_or_default()
}

fn created(view: &pb::OrderView, cells: &Cells<'_>) -> (String, Role) {
    (cells.state.clock.short(with(view, |o| o.created_at_ms), cells.state.now), Role::Dim)
}

/// What kind of order it is: money in, out, between users, or back.
pub(super) fn kind(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    let kind = with(view, |o| o.r#type.clone());
    let role = match kind.as_str() {
        "recharge" => Role::Dim,
        "refund" => Role::Warn,
        _ => Role::Accent,
    };
    (kind, role)
}

pub(super) fn merchant_no(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.merchant_order_no.clone()), Role::Text)
}

pub(super) fn order_id(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.order_id.clone()), Role::Dim)
}

pub(super) fn amount(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| money::digits(o.amount.as_ref())), Role::Text)
}

pub(super) fn currency(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.amount.clone().unwrap_or_default().currency), Role::Dim)
}

pub(super) fn order_state(view: &pb::OrderView, cells: &Cells<'_>) -> (String, Role) {
    view.order.as_ref().map_or_else(|| (String::new(), Role::Dim), |o| words::state(o, cells.signs))
}

fn diagnosis(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    words::diagnosis(view)
}

pub(super) fn channel(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.channel.clone()), Role::Text)
}

pub(super) fn app(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.client_id.clone()), Role::Dim)
}

pub(super) fn user(view: &pb::OrderView, _: &Cells<'_>) -> (String, Role) {
    (with(view, |o| o.user_ref.clone()), Role::Dim)
}

pub(super) fn next_step(view: &pb::OrderView, cells: &Cells<'_>) -> (String, Role) {
    let id = with(view, |o| o.order_id.clone());
    if cells.state.requerying.contains_key(&id) {
        return ("asking the channel".to_owned(), Role::Accent);
    }
    (words::next_step_short(view, cells.state.daemon_now()), Role::Dim)
}
