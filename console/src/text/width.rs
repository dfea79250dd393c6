//! Columns on a screen: Chinese takes two, so text is measured and cut by display width, never by characters.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::sanitize::Charset;

/// Where a text stands in a wider column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Which part of a text that is too long stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The beginning: `alipay se…`.
    Start,
    /// The end, where ids differ: `…3M9N4T2A`.
    End,
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` in exactly `columns` columns: padded, or cut with an ellipsis.
pub fn fit(text: &str, columns: usize, align: Align, keep: Keep, charset: Charset) -> String {
    let cut = cut(text, columns, keep, charset);
    let pad = " ".repeat(columns.saturating_sub(width(&cut)));
    match align {
        Align::Left => cut + &pad,
        Align::Right => pad + &cut,
    }
}

/// `text` in at most `columns` columns, cut with an ellipsis if it is longer.
pub fn cut(text: &str, columns: usize, keep: Keep, charset: Charset) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let dots = if charset == Charset::Ascii { '~' } else { '…' };
    match keep {
        Keep::Start => taken(text.chars(), room).into_iter().chain([dots]).collect(),
        Keep::End => {
            let tail = taken(text.chars().rev(), room);
            std::iter::once(dots).chain(tail.into_iter().rev()).collect()
        }
    }
}

fn taken(chars: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

/// Breaks `text` into lines of at most `columns` columns, between words where it can.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    // An indented line stays indented: that is how JSON is read.
    let unindented = text.trim_start_matches(' ');
    let indent = (text.len() - unindented.len()).min(columns / 2);
    let mut line = " ".repeat(indent);
    for word in unindented.split(' ') {
        let gap = usize::from(!line.trim().is_empty());
        if width(&line) + gap + width(word) <= columns {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.trim().is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            if width(&line) + c.width().unwrap_or(0) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_not_characters() {
        use Align::{Left, Right};
        use Charset::{Ascii, Utf8};
        for (text, columns, align, keep, charset, want) in [
            ("paid", 6, Left, Keep::Start, Utf8, "paid  "),
            ("88.88", 8, Right, Keep::Start, Utf8, "   88.88"),
            ("充值订单", 8, Left, Keep::Start, Utf8, "充值订单"),
            ("充值订单", 7, Left, Keep::Start, Utf8, "充值订…"),
            ("充值订单", 6, Left, Keep::Start, Utf8, "充值… "),
            ("充值订单", 6, Left, Keep::End, Utf8, "…订单 "),
            ("rch_01ABCDEF", 6, Left, Keep::End, Utf8, "…BCDEF"),
            ("rch_01ABCDEF", 6, Left, Keep::End, Ascii, "~BCDEF"),
            ("abc", 1, Left, Keep::Start, Utf8, "…"),
            ("abc", 0, Left, Keep::Start, Utf8, ""),
        ] {
            let got = fit(text, columns, align, keep, charset);
            assert_eq!(got, want);
            assert_eq!(width(&got), columns);
        }
    }

    #[test]
    fn wrapping() {
        assert_eq!(wrap("the channel gave no answer", 11), ["the channel", "gave no", "answer"]);
        assert_eq!(wrap("  \"code\": \"10000\"", 20), ["  \"code\": \"10000\""]);
        assert_eq!(wrap("充值订单号", 4), ["充值", "订单", "号"]);
        assert_eq!(wrap("", 10), [""]);
    }
}
