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

    /// Asks now, unless the same question is in flight.
    pub fn ask_once(&mut self, ask: Ask, now: Timestamp) -> Option<Effect> {
        if self.is_in_flight(&ask) { None } else { self.ask(ask, now) }
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
        let one_off = match ask {
            Ask::Find(_) | Ask::Search(_) | Ask::Evidence(_) | Ask::Trial { prove: true } => true,
            Ask::Statement { cursor, .. } => !cursor.is_empty(),
            _ => false,
        };
        if one_off {
            self.asked.remove(ask);
        }
        None
    }

    /// Forgets answered questions that will not be asked so again.
    pub fn forget(&mut self, which: impl Fn(&Ask) -> bool) {
        self.asked.retain(|ask, asked| asked.in_flight || !which(ask));
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
