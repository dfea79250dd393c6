//! When to try again: callbacks, requeries. Time and chance are arguments.

use std::time::Duration;

/// The waits between a callback's attempts. The first is the wait before the first attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackSchedule(pub Vec<Duration>);

impl CallbackSchedule {
    /// The wait before the attempt after `made` attempts, with ±10 % jitter by `chance` in 0..=u32::MAX.
    /// `None`: the schedule is used up, the callback is stuck.
    pub fn wait_after(&self, made: u32, chance: u32) -> Option<Duration> {
        let wait = self.0.get(usize::try_from(made).ok()?)?;
        Some(jitter(*wait, chance))
    }
}

/// The waits between queries of one order: dense at first; the last repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequerySchedule(pub Vec<Duration>);

impl RequerySchedule {
    /// The wait after `made` queries, with ±10 % jitter, except before the first.
    pub fn wait_after(&self, made: u32, chance: u32) -> Duration {
        let at = usize::try_from(made).unwrap_or(usize::MAX);
        match self.0.get(at).or(self.0.last()) {
            Some(wait) if made > 0 => jitter(*wait, chance),
            Some(wait) => *wait,
            None => Duration::from_secs(60),
        }
    }

    /// The first wait: how long a channel normally needs before asking is worth it.
    pub fn first(&self) -> Duration {
        self.0.first().copied().unwrap_or(Duration::from_secs(60))
    }
}

/// `wait` ± 10 %.
fn jitter(wait: Duration, chance: u32) -> Duration {
    let millis = wait.as_millis();
    let spread = millis / 5;
    let shifted = millis - millis / 10 + spread * u128::from(chance) / u128::from(u32::MAX);
    Duration::from_millis(u64::try_from(shifted).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn callbacks_end_and_requeries_go_on() {
        let s = |secs: &[u64]| secs.iter().map(|s| Duration::from_secs(*s)).collect::<Vec<_>>();
        let callbacks = CallbackSchedule(s(&[0, 5, 15]));
        let middle = u32::MAX / 2;
        let waits: Vec<_> =
            (0..4).map(|n| callbacks.wait_after(n, middle).map(|d| d.as_secs_f32().round())).collect();
        assert_eq!(waits, [Some(0.0), Some(5.0), Some(15.0), None]);
        let requeries = RequerySchedule(s(&[60, 120, 300]));
        let waits: Vec<_> = (0..5).map(|n| requeries.wait_after(n, middle).as_secs_f32().round()).collect();
        assert_eq!(waits, [60.0, 120.0, 300.0, 300.0, 300.0]);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_ten_percent(ms in 0u64..100_000_000, chance: u32) {
            let wait = CallbackSchedule(vec![Duration::from_millis(ms)]).wait_after(0, chance).unwrap();
            let got = u64::try_from(wait.as_millis()).unwrap();
            prop_assert!(got >= ms - ms / 10 && got <= ms + ms / 10 + 1);
        }
    }
}
