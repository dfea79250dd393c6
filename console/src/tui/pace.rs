//! When to draw: at most ten times a second, but a key's answer at once.

use std::time::Duration;

use tokio::time::Instant;

/// A draw every tenth of a second.
const REFILL: Duration = Duration::from_millis(100);
/// So many draws may be saved up for keys.
const SAVED: u32 = 4;

/// Draws are paid with tokens: one comes every tenth of a second, a few are kept. What the feed changes is drawn once
/// per tenth; a key is drawn at once as long as there are tokens, so a burst of keys is prompt and a held key is not a
/// flood.
#[derive(Debug)]
pub struct Pace {
    last: Option<Instant>,
    tokens: u32,
    refilled: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { last: None, tokens: SAVED, refilled: None }
    }
}

impl Pace {
    /// When the next draw may be. `urgent`: somebody pressed a key.
    pub fn next(&self, urgent: bool, now: Instant) -> Instant {
        let spaced = self.last.map_or(now, |last| last + REFILL);
        if urgent && self.tokens_at(now) > 0 { now } else { spaced.max(now) }
    }

    /// A draw was made.
    pub fn drawn(&mut self, now: Instant) {
        self.tokens = self.tokens_at(now).saturating_sub(1);
        self.refilled = Some(now);
        self.last = Some(now);
    }

    fn tokens_at(&self, now: Instant) -> u32 {
        let since = self.refilled.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let new = u32::try_from(since.as_millis() / REFILL.as_millis()).unwrap_or(SAVED);
        self.tokens.saturating_add(new).min(SAVED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws as often as allowed for a second after a quiet time; gives how many draws that were.
    fn draws_in_a_second(urgent: bool) -> u32 {
        let start = Instant::now();
        let (mut pace, mut now, mut draws) = (Pace::default(), start, 0);
        while now < start + Duration::from_secs(1) {
            if pace.next(urgent, now) <= now {
                pace.drawn(now);
                draws += 1;
            }
            now += Duration::from_millis(10);
        }
        draws
    }

    #[test]
    fn ten_draws_a_second_and_a_key_at_once() {
        assert_eq!(draws_in_a_second(false), 10);
        assert!(draws_in_a_second(true) <= 10 + SAVED);
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.drawn(now);
        let soon = now + Duration::from_millis(5);
        assert_eq!(pace.next(true, soon), soon);
        assert_eq!(pace.next(false, soon), now + REFILL);
    }
}
