//! A token bucket: so many requests at once, and then so many a second. Time is an argument.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How fast somebody may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// At once, after a rest.
    pub burst: NonZeroU32,
}

impl Rate {
    /// Thousandths of a token that come in a millisecond: a token a second is one of them.
    fn per_milli(self) -> u64 {
        u64::from(self.per_second.get())
    }

    /// The most that a bucket holds, in thousandths.
    fn capacity(self) -> u64 {
        u64::from(self.burst.get()) * TOKEN
    }
}

/// One request, in thousandths of a token: whole numbers at every rate, with a clock of milliseconds.
const TOKEN: u64 = 1000;

/// A bucket's memory. The rate is an argument, so that a changed rule counts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    level: u64,
    /// When the level was right.
    at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self { level: rate.capacity(), at: now }
    }

    /// Lets one request pass.
    ///
    /// # Errors
    /// How long to wait: after that, and not earlier, one would pass if nobody else asked. Asking in vain costs nothing.
    pub fn take(&mut self, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        // A clock that was set back fills nothing, and what was taken stays taken; from then on it fills again.
        let passed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        self.at = now;
        let gained = passed.saturating_mul(rate.per_milli());
        self.level = self.level.saturating_add(gained).min(rate.capacity());
        match self.level.checked_sub(TOKEN) {
            Some(left) => {
                self.level = left;
                Ok(())
            }
            None => Err(Duration::from_millis((TOKEN - self.level).div_ceil(rate.per_milli()))),
        }
    }
}

/// A wait as `Retry-After` says it: whole seconds, at least one.
pub fn retry_after_secs(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(per_second: u32, burst: u32) -> Rate {
        let whole = |n| NonZeroU32::new(n).unwrap();
        Rate { per_second: whole(per_second), burst: whole(burst) }
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let (rate, start) = (rate(4, 2), Timestamp(1_000_000));
        let mut bucket = Bucket::full(rate, start);
        for (after_ms, want) in [
            (0, Ok(())),
            (0, Ok(())),
            (0, Err(250)),
            (100, Err(150)),
            (249, Err(1)),
            (250, Ok(())),
            (250, Err(250)),
            (10_000, Ok(())), // full again, and no more than full
            (10_000, Ok(())),
            (10_000, Err(250)),
            (9_000, Err(250)), // the clock was set back
            (9_249, Err(1)),
            (9_250, Ok(())),
        ] {
            let got = bucket.take(rate, start + Duration::from_millis(after_ms));
            assert_eq!(got.map_err(|wait| wait.as_millis()), want, "at {after_ms}");
        }
    }

    #[test]
    fn a_changed_rate_counts_at_once() {
        let now = Timestamp(0);
        let mut bucket = Bucket::full(rate(1, 100), now);
        assert_eq!(bucket.take(rate(1, 1), now), Ok(()));
        assert_eq!(bucket.take(rate(1, 1), now), Err(Duration::from_secs(1)));
        assert_eq!(bucket.take(rate(1000, 1), now), Err(Duration::from_millis(1)));
    }

    #[test]
    fn retry_after_is_never_too_early() {
        for (millis, want) in [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (59_500, 60)] {
            assert_eq!(retry_after_secs(Duration::from_millis(millis)), want, "{millis}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn never_more_than_burst_and_rate_in_any_window(
            per_second in 1u32..20_000,
            burst in 1u32..200,
            steps in prop::collection::vec(prop_oneof![3 => Just(0u64), 3 => 0u64..3, 1 => 0u64..2_000], 1..400),
        ) {
            let rate = rate(per_second, burst);
            let mut now = Timestamp(0);
            let mut bucket = Bucket::full(rate, now);
            let mut allowed = Vec::new();
            for step in steps {
                now = now + Duration::from_millis(step);
                if bucket.take(rate, now).is_ok() {
                    allowed.push(now.millis());
                }
            }
            for (i, from) in allowed.iter().enumerate() {
                for (j, to) in allowed.iter().enumerate().skip(i) {
                    let most = u128::from(burst) * 1000 + u128::from(per_second) * u128::try_from(to - from).unwrap();
                    prop_assert!((j - i + 1) as u128 * 1000 <= most, "{} from {from} to {to}", j - i + 1);
                }
            }
        }

        #[test]
        fn a_wait_is_exact(
            per_second in 1u32..5_000,
            burst in 1u32..20,
            steps in prop::collection::vec(0u64..20, 1..60),
        ) {
            let rate = rate(per_second, burst);
            let mut now = Timestamp(0);
            let mut bucket = Bucket::full(rate, now);
            for step in steps {
                now = now + Duration::from_millis(step);
                if let Err(wait) = bucket.take(rate, now) {
                    let (mut early, mut due) = (bucket, bucket);
                    prop_assert!(!wait.is_zero());
                    prop_assert!(early.take(rate, now + wait - Duration::from_millis(1)).is_err());
                    prop_assert_eq!(due.take(rate, now + wait), Ok(()));
                }
            }
        }

        #[test]
        fn who_keeps_to_the_rate_is_never_refused(per_second in 1u32..=1000, requests in 1u64..500) {
            let rate = rate(per_second, 1);
            let gap = 1000u64.div_ceil(per_second.into());
            let mut bucket = Bucket::full(rate, Timestamp(0));
            for n in 0..requests {
                prop_assert_eq!(bucket.take(rate, Timestamp(0) + Duration::from_millis(n * gap)), Ok(()));
            }
        }
    }
}
