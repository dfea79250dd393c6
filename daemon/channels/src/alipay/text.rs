//! The texts that Alipay wants: Beijing times, subjects without reserved characters, short messages for people.

use sluice_core::time::Timestamp;
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{PrimitiveDateTime, UtcOffset};

/// All of Alipay's times are Beijing's, without saying so.
const BEIJING: UtcOffset = offset!(+8);
const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

/// `yyyy-MM-dd HH:mm:ss` in Beijing, rounded down to the second.
pub(super) fn beijing(at: Timestamp) -> String {
    #[expect(clippy::expect_used, reason = "a date within year 9999 has every part that the format names")]
    at.at_offset(BEIJING).format(FORMAT).expect("a date is formatted")
}

/// Reads `yyyy-MM-dd HH:mm:ss` as a Beijing time.
pub(super) fn parse_beijing(text: &str) -> Option<Timestamp> {
    let at = PrimitiveDateTime::parse(text, FORMAT).ok()?.assume_offset(BEIJING);
    Some(Timestamp::from_secs(at.unix_timestamp()))
}

/// A subject without `/ = &`, which Alipay refuses: their full-width forms read the same to a payer.
///
/// This also keeps signed notifications, which repeat the subject, readable in one way only.
pub(super) fn subject(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '/' => '／',
            '=' => '＝',
            '&' => '＆',
            other => other,
        })
        .collect()
}

/// At most 256 characters of a provider's text, fit for a terminal.
pub(super) fn brief(text: &str) -> String {
    text.chars().map(printable).take(256).collect()
}

/// A blank instead of what moves a terminal's cursor or turns the direction of writing.
pub(super) fn printable(c: char) -> char {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_beijing_and_round_down() {
        for (millis, text) in [
            (1_795_486_830_000, "2026-11-24 10:20:30"),
            (1_795_486_830_999, "2026-11-24 10:20:30"),
            (1_798_732_800_000, "2027-01-01 00:00:00"),
            (0, "1970-01-01 08:00:00"),
        ] {
            assert_eq!(beijing(Timestamp(millis)), text);
            assert_eq!(parse_beijing(text), Some(Timestamp(millis / 1000 * 1000)));
        }
        // The clock's ends are clamped, not a panic.
        beijing(Timestamp(i64::MAX));
        beijing(Timestamp(i64::MIN));
    }

    #[test]
    fn other_times_are_refused() {
        for text in
            ["", "2026-11-24", "2026-11-24T10:20:30", "2026-11-24 10:20:30.5", "2026-02-30 00:00:00", "x"]
        {
            assert_eq!(parse_beijing(text), None, "{text}");
        }
    }

    #[test]
    fn a_subject_loses_only_the_reserved_characters() {
        for (given, want) in
            [("充值 + 测试&=%", "充值 + 测试＆＝%"), ("a/b", "a／b"), ("充值", "充值"), ("", "")]
        {
            assert_eq!(subject(given), want);
        }
    }

    #[test]
    fn a_message_is_short_and_has_no_escape_sequences() {
        assert_eq!(brief("a\u{1b}[31m\nb\u{202e}c\u{7f}"), "a [31m b c ");
        assert_eq!(brief(&"汉".repeat(1000)).chars().count(), 256);
    }
}
