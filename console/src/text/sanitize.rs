//! Text from providers and merchants is data. Before it reaches a terminal, everything that could steer the terminal
//! or deceive the eye (control, bidirectional and invisible characters) is replaced by something visible.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Any Unicode text.
    #[default]
    Utf8,
    /// Seven bits only; everything else is spelled out.
    Ascii,
}

/// `text` on one line, safe to send to a terminal: `␛[2J`, `‹U+202E›`; in ASCII `^[[2J`, `<U+202E>`.
pub fn visible(text: &str, charset: Charset) -> Cow<'_, str> {
    let plain = |c: char| !is_hidden(c) && (charset == Charset::Utf8 || c.is_ascii());
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if plain(c) {
            out.push(c);
        } else {
            spell(&mut out, c, charset);
        }
    }
    Cow::Owned(out)
}

/// `text` as lines, each safe to send to a terminal. Line feeds divide, tabs become spaces.
pub fn visible_lines(text: &str, charset: Charset) -> Vec<String> {
    text.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).replace('\t', "    "))
        .map(|line| visible(&line, charset).into_owned())
        .collect()
}

/// Serialised JSON with the same value, in which nothing can steer a terminal: what [`visible`] would replace is
/// written as `\uXXXX`. (serde_json escapes C0 only; C1, DEL and bidi stand in it raw.)
pub fn terminal_safe_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(|c| is_hidden(c) && c != '\n') {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        // A line feed can only be layout: within a JSON string it is already escaped.
        if is_hidden(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                push_fmt(&mut out, format_args!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a character steers the terminal, reorders its neighbours, or cannot be seen.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

fn spell(out: &mut String, c: char, charset: Charset) {
    match (charset, c) {
        (Charset::Utf8, '\0'..='\u{1F}') => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
        (Charset::Utf8, '\u{7F}') => out.push('\u{2421}'),
        (Charset::Utf8, _) => push_fmt(out, format_args!("‹U+{:04X}›", u32::from(c))),
        (Charset::Ascii, '\0'..='\u{1F}') => {
            out.push('^');
            out.push(char::from_u32(0x40 + u32::from(c)).unwrap_or('?'));
        }
        (Charset::Ascii, '\u{7F}') => out.push_str("^?"),
        // Punctuation of our own texts reads better as its plain sister than spelled out.
        (Charset::Ascii, '·' | '—' | '–' | '─') => out.push('-'),
        (Charset::Ascii, '→') => out.push('>'),
        (Charset::Ascii, '…') => out.push('~'),
        (Charset::Ascii, '“' | '”') => out.push('"'),
        (Charset::Ascii, '’') => out.push('\''),
        (Charset::Ascii, _) => push_fmt(out, format_args!("<U+{:04X}>", u32::from(c))),
    }
}

fn push_fmt(out: &mut String, args: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(args);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_steers_the_terminal() {
        for (text, utf8, ascii) in [
            ("A-1", "A-1", "A-1"),
            ("充值", "充值", "<U+5145><U+503C>"),
            ("\x1b[2J", "␛[2J", "^[[2J"),
            ("\x1b]52;c;eA==\x07", "␛]52;c;eA==␇", "^[]52;c;eA==^G"),
            ("\u{9b}31m", "‹U+009B›31m", "<U+009B>31m"),
            ("a\u{7f}b", "a␡b", "a^?b"),
            ("a\nb\tc", "a␊b␉c", "a^Jb^Ic"),
            ("pay \u{202e}01\u{202c}", "pay ‹U+202E›01‹U+202C›", "pay <U+202E>01<U+202C>"),
            ("\u{2066}x\u{2069}", "‹U+2066›x‹U+2069›", "<U+2066>x<U+2069>"),
            ("z\u{200b}w\u{feff}", "z‹U+200B›w‹U+FEFF›", "z<U+200B>w<U+FEFF>"),
            ("t\u{e0041}", "t‹U+E0041›", "t<U+E0041>"),
            ("a · b — “c” → d…", "a · b — “c” → d…", "a - b - \"c\" > d~"),
            ("", "", ""),
        ] {
            assert_eq!(visible(text, Charset::Utf8), utf8, "{text:?}");
            assert_eq!(visible(text, Charset::Ascii), ascii, "{text:?}");
        }
    }

    #[test]
    fn every_control_and_bidi_character_is_replaced() {
        let suspects = (0..=0x9f).chain(0x200b..=0x200f).chain(0x2028..=0x202e).chain(0x2066..=0x2069);
        for c in suspects.filter_map(char::from_u32).filter(|c| !matches!(c, ' '..='~')) {
            for charset in [Charset::Utf8, Charset::Ascii] {
                let shown = visible(c.encode_utf8(&mut [0; 4]), charset).into_owned();
                assert!(!shown.contains(c), "U+{:04X} is sent as it is", u32::from(c));
            }
        }
    }

    #[test]
    fn lines_are_divided_and_safe() {
        assert_eq!(visible_lines("a\r\n\tb\x1b", Charset::Utf8), ["a", "    b␛"]);
    }

    #[test]
    fn json_keeps_its_value_and_cannot_steer() {
        let value = serde_json::json!({"a": "x\u{9b}31m\u{202e}\u{7f}\u{e0041}\n充值"});
        let raw = serde_json::to_string_pretty(&value).unwrap();
        let safe = terminal_safe_json(&raw);
        assert!(safe.contains(r"\u009b31m\u202e\u007f\udb40\udc41\n充值"), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
