//! What was asked of the daemon: never twice at once, again when it is due.

use std::collections::HashMap;

use sluice_core::time::Timestamp;

use crate::tui::effect::{Ask, Effect};

/// The questions that repeat, and those in flight.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    asked: HashMap<Ask, Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    at: Timestamp,
    in_flight: bool,
    /// Something changed since it was sent: ask again when the answer is there.
    again: bool,
}

impl Questions {
    /// Asks now; if the same question is in flight, once more after its answer.
    pub fn ask(&mut self, ask: Ask, now: Timestamp) -> Option<Effect> {
        match self.asked.get_mut(&ask) {
            Some(asked) if asked.in_flight => {
                asked.again = true;
                None
            }
            _ => {
                self.asked.insert(ask.clone(), Asked { at: now, in_flight: true, again: false });
                Some(Effect::Ask(ask))
            }
        }
    }

    /// Asks if that was not done for `every_ms` milliseconds.
    pub fn ask_if_due(&mut self, ask: Ask, every_ms: i64, now: Timestamp) -> Option<Effect> {
        match self.asked.get(&ask) {
            Some(asked) if asked.in_flight || now.millis() - asked.at.millis() < every_ms => None,
            _ => self.ask(ask, now),
        }
    }

    /// The answer is there.
    pub fn answered(&mut self, ask: &Ask, now: Timestamp) -> Option<Effect> {
        let asked = self.asked.get_mut(ask)?;
        asked.in_flight = false;
        if asked.again {
            return self.ask(ask.clone(), now);
        }
        // One-off questions are not remembered, or the map would grow with every order that was opened.
        if matches!(ask, Ask::Find(_) | Ask::Search(_) | Ask::Evidence(_)) {
            self.asked.remove(ask);
        }
        None
    }

    /// Whether an answer is awaited.
    pub fn is_in_flight(&self, ask: &Ask) -> bool {
        self.asked.get(ask).is_some_and(|a| a.in_flight)
    }

    /// The link is new: everything is due.
    pub fn all_due(&mut self) {
        self.asked.retain(|_, asked| asked.in_flight);
        for asked in self.asked.values_mut() {
            asked.again = true;
        }
    }
}
