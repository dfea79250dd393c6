//! Calendar days.

use std::fmt;

use time::{Date, UtcOffset};

use crate::time::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;

/// 1970-01-01 in the count of `time`.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// A calendar day at some fixed offset from UTC, as the number of days since 1970-01-01. A fixed offset has no summer
/// time: every day has 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day of a moment.
    pub fn of(at: Timestamp, offset: UtcOffset) -> Self {
        Self(at.millis().saturating_add(offset_millis(offset)).div_euclid(DAY_MILLIS))
    }

    /// Its first millisecond.
    pub fn starts_at(self, offset: UtcOffset) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MILLIS).saturating_sub(offset_millis(offset)))
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

fn offset_millis(offset: UtcOffset) -> i64 {
    i64::from(offset.whole_seconds()) * 1000
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
            ((8, 0, 0), "2026-11-24T15:59:59.999Z", "2026-11-24"),
            ((8, 0, 0), "2026-11-24T16:00:00.000Z", "2026-11-25"),
            ((0, 0, 0), "2026-11-24T23:59:59.999Z", "2026-11-24"),
            ((0, 0, 0), "2026-11-25T00:00:00.000Z", "2026-11-25"),
            ((-5, 0, 0), "2026-11-25T04:59:59.999Z", "2026-11-24"),
            ((-5, 0, 0), "2026-11-25T05:00:00.000Z", "2026-11-25"),
            ((5, 45, 0), "2028-02-28T18:15:00.000Z", "2028-02-29"),
        ] {
            let (hours, minutes, seconds) = offset;
            let offset = UtcOffset::from_hms(hours, minutes, seconds).unwrap();
            let at = Timestamp::parse_rfc3339(at).unwrap();
            assert_eq!(Day::of(at, offset).to_string(), day, "{at} at {offset}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_from_its_start_to_the_next(millis in 0i64..4_000_000_000_000, minutes in -12 * 60i32..=14 * 60) {
            let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
            let day = Day::of(Timestamp(millis), offset);
            let start = day.starts_at(offset).millis();
            prop_assert!((start..start + DAY_MILLIS).contains(&millis));
            prop_assert_eq!(Day::of(Timestamp(start - 1), offset), day.before());
        }
    }
}
