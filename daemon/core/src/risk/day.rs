//! Calendar days.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, UtcOffset};

use crate::time::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;

/// 1970-01-01 in the count of `time`.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

const OFFSET: &[BorrowedFormatItem<'_>] = format_description!("[offset_hour sign:mandatory]:[offset_minute]");

/// Where days begin: an offset from UTC, written as `+08:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOffset(UtcOffset);

/// The text is no offset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an offset from UTC such as +08:00 or -03:30")]
pub struct NotAnOffset(String);

impl DayOffset {
    /// What is added to a time in UTC, in milliseconds.
    pub fn millis(self) -> i64 {
        i64::from(self.0.whole_seconds()) * 1000
    }
}

/// China's time.
impl Default for DayOffset {
    fn default() -> Self {
        Self(UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC))
    }
}

impl FromStr for DayOffset {
    type Err = NotAnOffset;
    fn from_str(text: &str) -> Result<Self, NotAnOffset> {
        UtcOffset::parse(text, OFFSET).map(Self).map_err(|_| NotAnOffset(text.to_owned()))
    }
}

impl fmt::Display for DayOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0.is_negative() { '-' } else { '+' };
        let (hours, minutes, _) = self.0.as_hms();
        write!(f, "{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
    }
}

impl<'de> Deserialize<'de> for DayOffset {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A calendar day at some fixed offset from UTC, as the number of days since 1970-01-01. A fixed offset has no summer
/// time: every day has 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day of a moment.
    pub fn of(at: Timestamp, offset: DayOffset) -> Self {
        Self(at.millis().saturating_add(offset.millis()).div_euclid(DAY_MILLIS))
    }

    /// Its first millisecond.
    pub fn starts_at(self, offset: DayOffset) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MILLIS).saturating_sub(offset.millis()))
    }

    /// The day before.
    pub const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Days since 1970-01-01, as in the database.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let julian = i32::try_from(self.0.saturating_add(EPOCH_JULIAN_DAY)).ok();
        match julian.and_then(|day| Date::from_julian_day(day).ok()) {
            Some(date) => fmt::Display::fmt(&date, f),
            None => write!(f, "day {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_day_turns_at_midnight_of_the_offset() {
        for (offset, at, day) in [
            ("+08:00", "2026-11-24T15:59:59.999Z", "2026-11-24"),
            ("+08:00", "2026-11-24T16:00:00.000Z", "2026-11-25"),
            ("+00:00", "2026-11-24T23:59:59.999Z", "2026-11-24"),
            ("+00:00", "2026-11-25T00:00:00.000Z", "2026-11-25"),
            ("-05:00", "2026-11-25T04:59:59.999Z", "2026-11-24"),
            ("-05:00", "2026-11-25T05:00:00.000Z", "2026-11-25"),
            ("+05:45", "2028-02-28T18:15:00.000Z", "2028-02-29"),
        ] {
            let offset: DayOffset = offset.parse().unwrap();
            let at = Timestamp::parse_rfc3339(at).unwrap();
            assert_eq!(Day::of(at, offset).to_string(), day, "{at} at {offset}");
        }
    }

    #[test]
    fn offsets_as_they_are_written() {
        assert_eq!(DayOffset::default().to_string(), "+08:00");
        for text in ["+00:00", "-03:30", "+05:45", "+14:00", "-00:30"] {
            assert_eq!(text.parse::<DayOffset>().unwrap().to_string(), text);
        }
        for bad in ["", "8", "+8", "08:00", "+08", "+0800", "+08:60", "+99:00", "Asia/Shanghai", "+08:00 "] {
            assert!(bad.parse::<DayOffset>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_from_its_start_to_the_next(millis in 0i64..4_000_000_000_000, minutes in -12 * 60i32..=14 * 60) {
            let offset = DayOffset(UtcOffset::from_whole_seconds(minutes * 60).unwrap());
            let day = Day::of(Timestamp(millis), offset);
            let start = day.starts_at(offset).millis();
            prop_assert!((start..start + DAY_MILLIS).contains(&millis));
            prop_assert_eq!(Day::of(Timestamp(start - 1), offset), day.before());
        }
    }
}
