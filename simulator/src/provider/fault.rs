//! Faults on demand: what `PUT /control/faults` sets and every exchange draws from.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Channel, Op};

/// One way in which an exchange goes wrong. "Done" below says whether the provider acted on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Done, and never answered.
    Timeout,
    /// Not done: the connection is reset.
    Reset,
    /// Not done: HTTP 500 with a page of HTML.
    #[serde(rename = "http_500")]
    Http500,
    /// Done, and answered with bytes that are no answer.
    Garbage,
    /// Done, and answered with a signature of something else.
    WrongSignature,
    /// Not done: the provider's "too frequent".
    TooFrequent,
    /// Not done: "no such order".
    NotFound,
    /// Done, and answered with an amount one minor unit higher.
    WrongAmount,
    /// Done and answered as usual, this many milliseconds later.
    SlowMs(u64),
}

impl Fault {
    /// The name under which the fault is counted.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Timeout => "timeout",
            Fault::Reset => "reset",
            Fault::Http500 => "http_500",
            Fault::Garbage => "garbage",
            Fault::WrongSignature => "wrong_signature",
            Fault::TooFrequent => "too_frequent",
            Fault::NotFound => "not_found",
            Fault::WrongAmount => "wrong_amount",
            Fault::SlowMs(_) => "slow",
        }
    }
}

/// A fault and when it strikes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// At which provider.
    pub channel: Channel,
    /// In which exchange.
    pub op: Op,
    /// What goes wrong.
    pub fault: Fault,
    /// How often, from 0 to 1.
    #[serde(default = "always")]
    pub rate: f64,
    /// How many times at most; absent: for ever. Counts down.
    #[serde(default)]
    pub count: Option<u64>,
}

fn always() -> f64 {
    1.0
}

/// What an exchange drew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Wait this long first.
    pub delay: Duration,
    /// Then go wrong like this.
    pub fault: Option<Fault>,
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults {
    /// Spares the lock while there are none.
    any: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<Rule>,
    chance: Chance,
}

/// A seeded source of chances.
#[derive(Debug)]
struct Chance(fastrand::Rng);

impl Default for Chance {
    fn default() -> Self {
        Self(fastrand::Rng::with_seed(1))
    }
}

impl Faults {
    /// No faults yet; rates are drawn from `seed`.
    pub fn seeded(seed: u64) -> Self {
        let inner = Inner { rules: vec![], chance: Chance(fastrand::Rng::with_seed(seed)) };
        Self { any: AtomicBool::new(false), inner: Mutex::new(inner) }
    }

    /// Replaces the whole list.
    pub fn replace(&self, rules: Vec<Rule>) {
        self.any.store(!rules.is_empty(), Ordering::Relaxed);
        self.lock().rules = rules;
    }

    /// The list, with what is left of the counts.
    pub fn list(&self) -> Vec<Rule> {
        self.lock().rules.clone()
    }

    /// Draws for one exchange. Rules are tried in their order; delays add up, the first other fault ends it.
    pub fn draw(&self, channel: Channel, op: Op) -> Drawn {
        let mut drawn = Drawn::default();
        if !self.any.load(Ordering::Relaxed) {
            return drawn;
        }
        let mut inner = self.lock();
        let Inner { rules, chance } = &mut *inner;
        for rule in rules.iter_mut().filter(|rule| rule.channel == channel && rule.op == op) {
            if rule.count == Some(0) || chance.0.f64() >= rule.rate {
                continue;
            }
            if let Some(left) = &mut rule.count {
                *left -= 1;
            }
            if let Fault::SlowMs(ms) = rule.fault {
                drawn.delay += Duration::from_millis(ms);
            } else {
                drawn.fault = Some(rule.fault);
                break;
            }
        }
        drawn
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rules(value: serde_json::Value) -> Vec<Rule> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn counts_run_out_and_delays_add_up() {
        let faults = Faults::default();
        faults.replace(rules(json!([
            {"channel": "alipay", "op": "query", "fault": {"slow_ms": 20}},
            {"channel": "alipay", "op": "query", "fault": "timeout", "count": 2},
            {"channel": "alipay", "op": "query", "fault": {"slow_ms": 5}},
        ])));
        let timeout = Drawn { delay: Duration::from_millis(20), fault: Some(Fault::Timeout) };
        let slow = Drawn { delay: Duration::from_millis(25), fault: None };
        let drawn: Vec<_> = (0..3).map(|_| faults.draw(Channel::Alipay, Op::Query)).collect();
        assert_eq!(drawn, [timeout, timeout, slow]);
        assert_eq!(faults.draw(Channel::Alipay, Op::Close), Drawn::default());
        assert_eq!(faults.list()[1].count, Some(0));
    }

    #[test]
    fn rates_are_kept_and_seeds_repeat() {
        let strikes = |seed| {
            let faults = Faults::seeded(seed);
            faults.replace(rules(json!([
                {"channel": "alipay", "op": "create", "fault": "http_500", "rate": 0.1}
            ])));
            (0..10_000).map(|_| faults.draw(Channel::Alipay, Op::Create).fault.is_some()).collect::<Vec<_>>()
        };
        let first = strikes(7);
        let hits = first.iter().filter(|hit| **hit).count();
        assert!((850..1150).contains(&hits), "{hits}");
        assert_eq!(first, strikes(7));
        assert_ne!(first, strikes(8));
    }

    #[test]
    fn json_forms() {
        let all = [
            "timeout",
            "reset",
            "http_500",
            "garbage",
            "wrong_signature",
            "too_frequent",
            "not_found",
            "wrong_amount",
        ];
        for name in all {
            let fault: Fault = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(fault.name(), name);
        }
        assert_eq!(serde_json::from_value::<Fault>(json!({"slow_ms": 9})).unwrap(), Fault::SlowMs(9));
        assert!(serde_json::from_value::<Vec<Rule>>(json!([{"channel": "alipay", "op": "query"}])).is_err());
    }
}
