//! Draws the pictures of the console for README.md and docs/console.md, from a sample state and the real views:
//!
//! ```text
//! cargo run -p sluice --example picture
//! ```

#[path = "../../tests/common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;
mod svg;

use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sluice::text::sanitize::Charset;
use sluice::tui::effect::{Ask, Loaded, Msg};
use sluice::tui::key::{Code, Key};
use sluice::tui::state::State;
use sluice::tui::update::update;
use sluice::view;
use sluice::view::theme::{Depth, Theme};

fn main() -> std::io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (file, size, scene) in [
        ("console.svg", (132, 36), overview as fn(&mut State)),
        ("console-order.svg", (132, 28), order_in_limbo),
    ] {
        let mut state = sample::state(size);
        scene(&mut state);
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        view::draw(&mut buffer, &state, Theme { depth: Depth::True, charset: Charset::Utf8 });
        std::fs::write(docs.join(file), svg::render(&buffer))?;
        println!("docs/{file}");
    }
    Ok(())
}

fn overview(state: &mut State) {
    press(state, Code::Char('1'));
}

fn order_in_limbo(state: &mut State) {
    press(state, Code::Char('3'));
    press(state, Code::Enter);
    let detail = sample::detail();
    let id = detail.view.iter().filter_map(|v| v.order.as_ref()).map(|o| o.order_id.clone()).collect();
    update(state, sample::NOW, Msg::Loaded(Ask::Order(id), Ok(Loaded::Order(Box::new(detail)))));
}

fn press(state: &mut State, code: Code) {
    update(state, sample::NOW, Msg::Key(Key::plain(code)));
}
