//! Drawing: the state in, a screen out. One file per view. Nothing here changes anything, and every text goes through
//! [`pen::Pen`], which makes foreign text safe.

mod apps;
mod audit;
mod callback;
mod callbacks;
mod channels;
mod chrome;
mod desk;
mod dialog;
mod facts;
mod help;
mod hits;
mod ledger;
mod limbo;
mod order;
mod orders;
mod overview;
mod pager;
pub mod pen;
mod secrets;
mod spark;
mod table;
pub mod theme;
mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::state::layer::Layer;
use crate::tui::state::{State, View};
use pen::Pen;
use theme::Theme;

/// The smallest screen on which everything has its place.
const SMALLEST: (u16, u16) = (60, 12);

/// Draws the whole screen.
pub fn draw(buffer: &mut Buffer, state: &State, theme: Theme) {
    let area = buffer.area;
    let mut pen = Pen::new(buffer, theme);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let text =
            format!("sluice needs {}×{}; this is {}×{}", SMALLEST.0, SMALLEST.1, area.width, area.height);
        pen.paragraph(area, &text.replace('×', " x "), theme::Role::Warn);
        return;
    }
    let body = chrome::draw(&mut pen, area, state);
    page(&mut pen, body, state);
    for layer in &state.layers {
        match layer {
            Layer::Help { scroll } => help::draw(&mut pen, body, state, scroll),
            Layer::Dialog(dialog) => dialog::draw(&mut pen, body, state, dialog),
            Layer::Secrets(secrets) => secrets::draw(&mut pen, body, secrets),
            _ => {}
        }
    }
}

/// The uppermost layer that fills the body, or the view.
fn page(pen: &mut Pen<'_>, body: Rect, state: &State) {
    for layer in state.layers.iter().rev() {
        match layer {
            Layer::Order(pane) => return order::draw(pen, body, state, pane),
            Layer::Callback(pane) => return callback::draw(pen, body, state, pane),
            Layer::Channel(name) => return channels::detail(pen, body, state, name),
            Layer::App(id) => return apps::detail(pen, body, state, id),
            Layer::Audit(id) => return audit::detail(pen, body, state, id),
            Layer::Statement(pane) => return ledger::statement(pen, body, state, pane),
            Layer::Journal(pane) => return ledger::journals(pen, body, state, pane),
            Layer::Suspense(id) => return desk::detail(pen, body, state, id),
            Layer::Pager(pager) => return pager::draw(pen, body, pager),
            Layer::Hits { number, list } => return hits::draw(pen, body, state, number, list),
            Layer::Help { .. } | Layer::Search(_) | Layer::Dialog(_) | Layer::Secrets(_) => {}
        }
    }
    match state.view {
        View::Overview => overview::draw(pen, body, state),
        View::Orders => orders::draw(pen, body, state),
        View::Limbo => limbo::draw(pen, body, state),
        View::Callbacks => callbacks::draw(pen, body, state),
        View::Channels => channels::draw(pen, body, state),
        View::Apps => apps::draw(pen, body, state),
        View::Audit => audit::draw(pen, body, state),
        View::Ledger => ledger::draw(pen, body, state),
        View::Desk => desk::draw(pen, body, state),
    }
}
