//! How long to wait before trying to connect again: doubling, capped, for ever.

use std::time::Duration;

/// The first wait.
pub const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
pub const LONGEST: Duration = Duration::from_secs(15);

/// The wait after the `attempt`th failure in a row (from 1). `chance` in `0.0..1.0` shortens it by up to a fifth, so
/// that many consoles do not come back at the same moment.
pub fn wait(attempt: u32, chance: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    FIRST.saturating_mul(1 << doublings).min(LONGEST).mul_f64(1.0 - 0.2 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_cap_and_never_stops() {
        for (attempt, want_ms) in
            [(1, 500), (2, 1_000), (3, 2_000), (5, 8_000), (6, 15_000), (u32::MAX, 15_000)]
        {
            assert_eq!(wait(attempt, 0.0).as_millis(), want_ms, "attempt {attempt}");
        }
        assert_eq!(wait(2, 1.0).as_millis(), 800);
    }
}
