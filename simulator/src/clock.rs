//! The clock, and times as the wires want them.

use std::time::{SystemTime, UNIX_EPOCH};
use time::format_description::BorrowedFormatItem;
use time::macros::{format_description, offset};
use time::{OffsetDateTime, PrimitiveDateTime};

const BEIJING: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const RFC3339: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds since the Unix epoch.
pub fn now_s() -> i64 {
    now_ms() / 1000
}

/// `yyyy-MM-dd HH:mm:ss` in Beijing, as Alipay writes times.
pub fn beijing(ms: i64) -> String {
    format(ms, BEIJING, true)
}

/// `yyyyMMdd` in Beijing.
pub fn beijing_date(ms: i64) -> String {
    format(ms, DATE, true)
}

/// RFC 3339 in UTC with milliseconds.
pub fn rfc3339(ms: i64) -> String {
    format(ms, RFC3339, false)
}

/// Reads `yyyy-MM-dd HH:mm:ss` in Beijing; `None` for any other text.
pub fn parse_beijing(text: &str) -> Option<i64> {
    let local = PrimitiveDateTime::parse(text, BEIJING).ok()?;
    Some(local.assume_offset(offset!(+8)).unix_timestamp() * 1000)
}

fn format(ms: i64, items: &[BorrowedFormatItem<'_>], in_beijing: bool) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let at = if in_beijing { at.to_offset(offset!(+8)) } else { at };
    at.format(items).unwrap_or_default()
}

/// (De)serialises milliseconds as RFC 3339 text, for everything that people read.
pub(crate) mod text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    pub(crate) fn serialize<S: Serializer>(ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::rfc3339(*ms))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
        i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(D::Error::custom)
    }

    /// The same for a time that may be absent.
    pub(crate) mod option {
        use serde::{Deserialize, Deserializer, Serializer};

        #[derive(Deserialize)]
        struct Text(#[serde(with = "super")] i64);

        pub(crate) fn serialize<S: Serializer>(ms: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
            match ms {
                Some(ms) => super::serialize(ms, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<i64>, D::Error> {
            Ok(Option::<Text>::deserialize(deserializer)?.map(|text| text.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_is_eight_hours_ahead() {
        let ms = 1_795_484_459_000; // 2026-11-24T01:40:59Z
        assert_eq!(rfc3339(ms), "2026-11-24T01:40:59.000Z");
        assert_eq!(beijing(ms), "2026-11-24 09:40:59");
        assert_eq!(beijing_date(ms), "20261124");
        assert_eq!(parse_beijing("2026-11-24 09:40:59"), Some(ms));
        assert_eq!(parse_beijing("2026-11-24T09:40:59"), None);
    }
}
