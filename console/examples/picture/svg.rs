//! A screen as SVG: text in runs of one style, pinned to its columns whatever font the reader has; lines and blocks as
//! shapes, so that they join.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

const CELL: (f32, f32) = (8.4, 18.0);
const PAD: f32 = 14.0;
const BAR: f32 = 30.0;
const BACKGROUND: &str = "#12181d";
const FOREGROUND: &str = "#d7dee3";

/// Draws the screen in a window.
pub(crate) fn render(buffer: &Buffer) -> String {
    let (columns, rows) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2.0 * PAD, rows * CELL.1 + 2.0 * PAD + BAR);
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace" font-size="14" xml:space="preserve">
<rect width="100%" height="100%" rx="9" fill="{BACKGROUND}"/>
<g fill="#3a464f"><circle cx="20" cy="17" r="5.5"/><circle cx="38" cy="17" r="5.5"/><circle cx="56" cy="17" r="5.5"/></g>
<text x="{:.0}" y="21" fill="#7d8c96" text-anchor="middle" font-size="12">sluice</text>
"##,
        width / 2.0
    );
    for y in 0..buffer.area.height {
        row(&mut svg, buffer, y);
    }
    svg.push_str("</svg>\n");
    svg
}

fn row(svg: &mut String, buffer: &Buffer, y: u16) {
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let mut end = x + 1;
        if shape(cell.symbol()).is_none() {
            let one = cell.symbol().width() as u16;
            end = x + one.max(1);
            while one == 1 && end < buffer.area.width && joins(cell, &buffer[(end, y)]) {
                end += 1;
            }
        }
        run(svg, buffer, (x, end), y);
        x = end;
    }
}

/// Whether two cells can be one run of text.
fn joins(a: &Cell, b: &Cell) -> bool {
    a.style() == b.style() && b.symbol().width() == 1 && shape(b.symbol()).is_none()
}

fn run(svg: &mut String, buffer: &Buffer, (x, end): (u16, u16), y: u16) {
    let cell = &buffer[(x, y)];
    let (fg, bg) = colours(cell);
    let (left, top) = (PAD + f32::from(x) * CELL.0, BAR + PAD + f32::from(y) * CELL.1);
    let wide = f32::from(end - x) * CELL.0;
    if bg != BACKGROUND {
        let _ = writeln!(
            svg,
            r#"<rect x="{left:.1}" y="{top:.1}" width="{:.1}" height="{}" fill="{bg}"/>"#,
            wide + 0.2,
            CELL.1
        );
    }
    if let Some((dx, dy, w, h)) = shape(cell.symbol()) {
        let (x, y) = (left + dx * CELL.0, top + dy * CELL.1);
        let _ = writeln!(
            svg,
            r#"<rect x="{x:.1}" y="{y:.2}" width="{:.2}" height="{:.2}" fill="{fg}"/>"#,
            w * CELL.0,
            h * CELL.1
        );
        return;
    }
    let text: String = (x..end).map(|x| buffer[(x, y)].symbol()).collect();
    let shown = text.trim_end();
    if shown.trim().is_empty() {
        return;
    }
    let columns = shown.width();
    let bold = if cell.modifier.contains(Modifier::BOLD) { r#" font-weight="bold""# } else { "" };
    let faint = if cell.modifier.contains(Modifier::DIM) { r#" opacity="0.6""# } else { "" };
    let _ = writeln!(
        svg,
        r#"<text x="{left:.1}" y="{:.1}" fill="{fg}"{bold}{faint} textLength="{:.1}" lengthAdjust="spacingAndGlyphs">{}</text>"#,
        top + 13.5,
        columns as f32 * CELL.0,
        escape(shown)
    );
}

/// Lines and blocks as a rectangle within the cell: x, y, width, height, in cells.
fn shape(symbol: &str) -> Option<(f32, f32, f32, f32)> {
    let c = symbol.chars().next()?;
    match c {
        '▁'..='█' => {
            let eighths = (u32::from(c) - u32::from('▁') + 1) as f32 / 8.0;
            Some((0.06, 1.0 - eighths, 0.88, eighths))
        }
        '─' => Some((0.0, 0.5, 1.02, 0.06)),
        '▌' => Some((0.0, 0.0, 0.4, 1.0)),
        _ => None,
    }
}

fn colours(cell: &Cell) -> (String, String) {
    let fg = hex(cell.fg, FOREGROUND);
    let bg = hex(cell.bg, BACKGROUND);
    if cell.modifier.contains(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) }
}

fn hex(colour: Color, default: &str) -> String {
    match colour {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        _ => default.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
