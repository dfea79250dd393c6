//! Times and durations as people read them.

use std::time::Duration;

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use sluice_core::time::Timestamp;

/// How times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// The clock on the operator's wall.
    #[default]
    Local,
    /// Coordinated universal time.
    Utc,
    /// How long ago.
    Relative,
}

impl TimeStyle {
    /// What the toggle goes to.
    pub const fn next(self) -> Self {
        match self {
            Self::Local => Self::Utc,
            Self::Utc => Self::Relative,
            Self::Relative => Self::Local,
        }
    }
}

/// Writes times in one zone and style.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    /// Local, UTC or relative.
    pub style: TimeStyle,
}

impl Clock {
    /// A clock for the zone of this machine.
    pub fn system() -> Self {
        Self { zone: TimeZone::system(), style: TimeStyle::Local }
    }

    /// A clock some hours east of UTC, for tests and pictures.
    pub fn fixed(hours: i8) -> Self {
        Self { zone: TimeZone::fixed(jiff::tz::offset(hours)), style: TimeStyle::Local }
    }

    /// A time in a list, in the chosen style: `12:03:11`, with the date if it is not today's; or `3m12s ago`.
    pub fn short(&self, at: i64, now: Timestamp) -> String {
        match self.style {
            _ if at == 0 => String::new(),
            TimeStyle::Relative => ago(at, now),
            _ => {
                let (then, today) = (self.zoned(at), self.zoned(now.millis()));
                let format = if then.date() == today.date() { "%H:%M:%S" } else { "%m-%d %H:%M" };
                then.strftime(format).to_string()
            }
        }
    }

    /// A time to the millisecond, never relative: `12:03:11.042`.
    pub fn precise(&self, at: i64) -> String {
        self.zoned(at).strftime("%H:%M:%S%.3f").to_string()
    }

    /// Both at once: `2026-11-24 12:03:11 (3m12s ago)`.
    pub fn long(&self, at: i64, now: Timestamp) -> String {
        if at == 0 {
            return String::new();
        }
        format!("{} ({})", self.zoned(at).strftime("%Y-%m-%d %H:%M:%S"), ago(at, now))
    }

    /// The wall clock for the title: `12:03:11 UTC+08`.
    pub fn wall(&self, now: Timestamp) -> String {
        let zoned = self.zoned(now.millis());
        let minutes = zoned.offset().seconds() / 60;
        let zone = match (minutes / 60, minutes.abs() % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{hours:+03}"),
            (hours, rest) => format!("UTC{hours:+03}:{rest:02}"),
        };
        format!("{} {zone}", zoned.strftime("%H:%M:%S"))
    }

    fn zoned(&self, at: i64) -> ZonedDateTime {
        let zone = if self.style == TimeStyle::Utc { TimeZone::UTC } else { self.zone.clone() };
        jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned_datetime(zone)
    }
}

/// `3m12s ago`, or `in 3m12s`.
pub fn ago(at: i64, now: Timestamp) -> String {
    let millis = now.millis().saturating_sub(at);
    let text = span(Duration::from_millis(millis.unsigned_abs()));
    if millis < 0 { format!("in {text}") } else { format!("{text} ago") }
}

/// How long since `at`; empty where there is no time.
pub fn age(at: i64, now: Timestamp) -> String {
    if at == 0 { String::new() } else { span(now.since(Timestamp(at))) }
}

/// A duration in at most two units: `42s`, `3m12s`, `5h07m`, `3d04h`.
pub fn span(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m{:02}s", s / 60, s % 60),
        3_600..86_400 => format!("{}h{:02}m", s / 3_600, s / 60 % 60),
        _ => format!("{}d{:02}h", s / 86_400, s / 3_600 % 24),
    }
}

/// A difference of clocks: `+0.3s`.
pub fn skew(millis: i64) -> String {
    let tenths = millis.abs() / 100;
    format!("{}{}.{}s", if millis <= -100 { '-' } else { '+' }, tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_492_800_000; // 2026-11-24T04:00:00Z

    #[test]
    fn spans() {
        for (seconds, want) in
            [(0, "0s"), (59, "59s"), (60, "1m00s"), (3_599, "59m59s"), (18_420, "5h07m"), (273_600, "3d04h")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), want);
        }
        assert_eq!([skew(-40), skew(260), skew(-1_950)], ["+0.0s", "+0.2s", "-1.9s"]);
    }

    #[test]
    fn styles() {
        let mut clock = Clock::fixed(8);
        let now = Timestamp(NOON + 192_000);
        assert_eq!(clock.short(NOON, now), "12:00:00");
        assert_eq!(clock.short(NOON - 86_400_000, now), "11-23 12:00");
        assert_eq!(clock.long(NOON, now), "2026-11-24 12:00:00 (3m12s ago)");
        assert_eq!(clock.precise(NOON + 42), "12:00:00.042");
        assert_eq!(clock.wall(now), "12:03:12 UTC+08");
        assert_eq!(clock.short(0, now), "");
        clock.style = clock.style.next();
        assert_eq!(clock.short(NOON, now), "04:00:00");
        assert_eq!(clock.wall(now), "04:03:12 UTC");
        clock.style = clock.style.next();
        assert_eq!(clock.short(NOON, now), "3m12s ago");
        assert_eq!(clock.short(NOON + 200_000, now), "in 8s");
        assert_eq!(clock.style.next(), TimeStyle::Local);
    }
}
