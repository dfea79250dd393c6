//! A circuit breaker: after failures in a row nothing is sent for a while, then one probe decides.

use std::time::Duration;

use crate::time::Timestamp;

/// When to stop, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures in a row open it.
    pub failures: u32,
    /// How long it stays open before a probe.
    pub cooldown: Duration,
}

/// What may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Everything.
    Closed,
    /// Nothing, until then.
    Open(Timestamp),
    /// One probe is on its way.
    HalfOpen,
}

/// The breaker's memory. Time is an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    settings: BreakerSettings,
    failures: u32,
    gate: Gate,
}

impl Breaker {
    /// A closed breaker.
    pub const fn new(settings: BreakerSettings) -> Self {
        Self { settings, failures: 0, gate: Gate::Closed }
    }

    /// What may pass now.
    pub const fn gate(&self) -> Gate {
        self.gate
    }

    /// Whether a call may go out. When the pause is over, the first that asks is the probe.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        match self.gate {
            Gate::Closed => true,
            Gate::Open(until) if now >= until => {
                self.gate = Gate::HalfOpen;
                true
            }
            Gate::Open(_) | Gate::HalfOpen => false,
        }
    }

    /// A person's call: goes out whatever the gate, and is the probe if it is open.
    pub fn force(&mut self) {
        if let Gate::Open(_) = self.gate {
            self.gate = Gate::HalfOpen;
        }
    }

    /// The other side answered.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.gate = Gate::Closed;
    }

    /// No connection, no answer, or none of the protocol's form.
    pub fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.settings.failures || self.gate == Gate::HalfOpen {
            self.gate = Gate::Open(now + self.settings.cooldown);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_in_a_row_and_closes_by_one_probe() {
        let mut b = Breaker::new(BreakerSettings { failures: 2, cooldown: Duration::from_secs(10) });
        let at = Timestamp::from_secs;
        b.failed(at(0));
        b.succeeded();
        b.failed(at(1));
        assert!(b.admit(at(1)), "a success in between starts the count anew");
        b.failed(at(2));
        assert_eq!(b.gate(), Gate::Open(at(12)));
        assert!(!b.admit(at(11)));
        assert!(b.admit(at(12)) && !b.admit(at(12)), "exactly one probe");
        b.failed(at(13));
        assert_eq!(b.gate(), Gate::Open(at(23)), "a failed probe opens it again at once");
        b.force();
        b.succeeded();
        assert_eq!(b.gate(), Gate::Closed);
    }
}
