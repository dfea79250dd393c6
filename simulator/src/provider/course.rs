//! What takes its time at a provider, a refund or a payout: from *dealing* to its end, and how it was said to end.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Kind;
use super::order::Refusal;
use crate::clock;

/// Where a refund or a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Accepted; the provider works on it.
    Dealing,
    /// The money has moved.
    Success,
    /// It has not, and will not.
    Failed,
    /// It has moved, and has come back (退票).
    Returned,
}

impl Standing {
    /// As in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Dealing => "dealing",
            Standing::Success => "success",
            Standing::Failed => "failed",
            Standing::Returned => "returned",
        }
    }
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The money moves.
    Success,
    /// It does not.
    Failed,
    /// It moves, and comes back. Payouts only.
    Returned,
}

/// How it ends, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// How.
    pub outcome: Outcome,
    /// So many milliseconds after it is said, or after the provider hears of it if that is later.
    pub after_ms: u64,
}

impl Fate {
    /// At once.
    pub fn now(outcome: Outcome) -> Self {
        Self { outcome, after_ms: 0 }
    }

    /// Later.
    pub fn late(outcome: Outcome, after: Duration) -> Self {
        Self { outcome, after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// What happens next by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What.
    pub outcome: Outcome,
    /// When.
    #[serde(with = "clock::text")]
    pub at: i64,
}

/// The way from dealing to an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Where it stands.
    pub state: Standing,
    /// When the money moved.
    #[serde(default, with = "clock::text::option")]
    pub succeeded_at: Option<i64>,
    /// When it turned out that it will not.
    #[serde(default, with = "clock::text::option")]
    pub failed_at: Option<i64>,
    /// When it came back.
    #[serde(default, with = "clock::text::option")]
    pub returned_at: Option<i64>,
    /// What happens next by itself.
    #[serde(default)]
    pub next: Option<Due>,
}

impl Course {
    /// Begins now and goes to `fate`; `None`: it stays dealing.
    pub fn begin(fate: Option<Fate>, now: i64) -> Self {
        let mut course = Self {
            state: Standing::Dealing,
            succeeded_at: None,
            failed_at: None,
            returned_at: None,
            next: None,
        };
        if let Some(fate) = fate {
            course.set_out(fate, now);
        }
        course
    }

    /// Lets happen what is due.
    pub fn advance(&mut self, now: i64) {
        if let Some(due) = self.next.take_if(|due| due.at <= now) {
            self.reach(due.outcome, due.at);
        }
    }

    /// Decides how it ends. What has come to that end already stays as it is, without anything next.
    ///
    /// # Errors
    /// [`Refusal::Over`] if it has come to another end: only a success can still change, to returned.
    pub fn decide(&mut self, fate: Fate, now: i64) -> Result<(), Refusal> {
        self.advance(now);
        match (self.state, fate.outcome) {
            (Standing::Dealing, _) | (Standing::Success, Outcome::Returned) => self.set_out(fate, now),
            (Standing::Success, Outcome::Success)
            | (Standing::Failed, Outcome::Failed)
            | (Standing::Returned, Outcome::Returned) => self.next = None,
            _ => return Err(Refusal::Over),
        }
        Ok(())
    }

    fn set_out(&mut self, fate: Fate, now: i64) {
        self.next = None;
        // A bank returns only what has been paid.
        if fate.outcome == Outcome::Returned && self.state == Standing::Dealing {
            self.reach(Outcome::Success, now);
        }
        match i64::try_from(fate.after_ms) {
            Ok(0) => self.reach(fate.outcome, now),
            Ok(ms) => self.next = Some(Due { outcome: fate.outcome, at: now.saturating_add(ms) }),
            Err(_) => {} // never
        }
    }

    fn reach(&mut self, outcome: Outcome, at: i64) {
        match outcome {
            Outcome::Success => (self.state, self.succeeded_at) = (Standing::Success, Some(at)),
            Outcome::Failed => (self.state, self.failed_at) = (Standing::Failed, Some(at)),
            Outcome::Returned => (self.state, self.returned_at) = (Standing::Returned, Some(at)),
        }
    }
}

/// Ends that were decided before the provider has heard of the number.
#[derive(Debug, Default)]
pub struct Presets(Mutex<HashMap<(Kind, String), Fate>>);

impl Presets {
    /// Remembers the end; a later word about the same number counts.
    pub fn set(&self, kind: Kind, number: &str, fate: Fate) {
        self.lock().insert((kind, number.to_owned()), fate);
    }

    /// Whether the end is decided.
    pub fn has(&self, kind: Kind, number: &str) -> bool {
        self.lock().contains_key(&(kind, number.to_owned()))
    }

    /// Takes the end that was decided, once.
    pub fn take(&self, kind: Kind, number: &str) -> Option<Fate> {
        self.lock().remove(&(kind, number.to_owned()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Kind, String), Fate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it begins with, what is then decided (at 10), and where it stands at 10 and at 1 000.
    #[test]
    fn beginnings_decisions_and_ends() {
        use Outcome::*;
        use Standing as S;
        let (now, late) = (Fate::now, |outcome| Fate::late(outcome, Duration::from_millis(100)));
        let table = [
            (Some(now(Success)), None, Ok(()), S::Success, S::Success),
            (Some(now(Failed)), None, Ok(()), S::Failed, S::Failed),
            (Some(now(Returned)), None, Ok(()), S::Returned, S::Returned),
            (Some(late(Success)), None, Ok(()), S::Dealing, S::Success),
            (Some(late(Failed)), None, Ok(()), S::Dealing, S::Failed),
            (Some(late(Returned)), None, Ok(()), S::Success, S::Returned),
            (None, None, Ok(()), S::Dealing, S::Dealing),
            (None, Some(now(Success)), Ok(()), S::Success, S::Success),
            (None, Some(late(Success)), Ok(()), S::Dealing, S::Success),
            (None, Some(now(Failed)), Ok(()), S::Failed, S::Failed),
            (None, Some(now(Returned)), Ok(()), S::Returned, S::Returned),
            (None, Some(late(Returned)), Ok(()), S::Success, S::Returned),
            (Some(late(Success)), Some(now(Failed)), Ok(()), S::Failed, S::Failed),
            (Some(now(Success)), Some(now(Returned)), Ok(()), S::Returned, S::Returned),
            (Some(now(Success)), Some(late(Returned)), Ok(()), S::Success, S::Returned),
            (Some(late(Returned)), Some(now(Success)), Ok(()), S::Success, S::Success),
            (Some(now(Success)), Some(now(Failed)), Err(Refusal::Over), S::Success, S::Success),
            (Some(now(Failed)), Some(now(Success)), Err(Refusal::Over), S::Failed, S::Failed),
            (Some(now(Failed)), Some(now(Returned)), Err(Refusal::Over), S::Failed, S::Failed),
            (Some(now(Returned)), Some(now(Success)), Err(Refusal::Over), S::Returned, S::Returned),
        ];
        for (fate, decided, answer, soon, late) in table {
            let mut course = Course::begin(fate, 0);
            let said = decided.map_or(Ok(()), |decided| course.decide(decided, 10));
            course.advance(10);
            let at_once = course.state;
            course.advance(1_000);
            assert_eq!((said, at_once, course.state), (answer, soon, late), "{fate:?} then {decided:?}");
            let moved = matches!(course.state, S::Success | S::Returned);
            assert_eq!(course.succeeded_at.is_some(), moved, "{fate:?} then {decided:?}");
        }
    }

    #[test]
    fn a_preset_is_taken_once() {
        let presets = Presets::default();
        presets.set(Kind::Payout, "A", Fate::now(Outcome::Success));
        presets.set(Kind::Payout, "A", Fate::now(Outcome::Failed));
        assert_eq!(presets.take(Kind::Refund, "A"), None);
        assert_eq!(presets.take(Kind::Payout, "A"), Some(Fate::now(Outcome::Failed)));
        assert_eq!(presets.take(Kind::Payout, "A"), None);
    }
}
