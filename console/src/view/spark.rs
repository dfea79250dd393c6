//! Small charts out of eighths of a character.

use super::pen::Pen;
use super::theme::Role;

/// One row of bars, the newest value at the right. With `gaps`, a zero is a gap, not a low value.
pub(super) fn line(
    pen: &mut Pen<'_>,
    (x, y): (u16, u16),
    columns: u16,
    values: &[u32],
    gaps: bool,
    role: Role,
) {
    let shown = newest(values, columns);
    let top = shown.iter().copied().max().unwrap_or(0).max(1);
    let start = x + columns - u16::try_from(shown.len()).unwrap_or(columns);
    let bars = pen.signs().bars;
    for (x, value) in (start..).zip(shown) {
        let level = (u64::from(*value) * 7).div_ceil(u64::from(top));
        let bar = bars[usize::try_from(level).unwrap_or(7).min(7)];
        let sign = if gaps && *value == 0 { " " } else { bar };
        pen.put(x, y, x + 1, sign, role);
    }
}

/// Bars `rows` rows high with their bottom row at `y`, scaled to `top`.
pub(super) fn chart(
    pen: &mut Pen<'_>,
    (x, y): (u16, u16),
    (columns, rows): (u16, u16),
    values: &[u32],
    top: u32,
    role: Role,
) {
    let shown = newest(values, columns);
    let start = x + columns - u16::try_from(shown.len()).unwrap_or(columns);
    let bars = pen.signs().bars;
    for (x, value) in (start..).zip(shown) {
        let mut eighths = (u64::from(*value) * u64::from(rows) * 8).div_ceil(u64::from(top.max(1)));
        for row in 0..rows {
            let part = eighths.min(8);
            if part == 0 {
                break;
            }
            pen.put(x, y - row, x + 1, bars[usize::try_from(part).unwrap_or(8) - 1], role);
            eighths -= part;
        }
    }
}

fn newest(values: &[u32], columns: u16) -> &[u32] {
    &values[values.len().saturating_sub(usize::from(columns))..]
}
