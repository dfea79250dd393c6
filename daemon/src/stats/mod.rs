//! Figures of this process: what the API answered, and how fast; whom the gate refused. Nothing durable.

mod refusals;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use self::refusals::{Refusal, Refusals};

/// The last minute of API answers.
#[derive(Default)]
pub(crate) struct Stats {
    answers: Mutex<VecDeque<Answer>>,
}

#[derive(Clone, Copy)]
struct Answer {
    at: Instant,
    micros: u32,
    refused: bool,
}

/// The figures of the last minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ApiFigures {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) refused: u64,
}

/// How far back figures go.
const WINDOW: Duration = Duration::from_secs(60);

/// Answers that are kept: beyond it the oldest go early, and the figures are of a shorter time.
const KEPT: usize = 50_000;

impl Stats {
    /// Notes an answer; `refused` says that the gate turned the request away.
    pub(crate) fn answered(&self, took: Duration, refused: bool) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() == KEPT {
            answers.pop_front();
        }
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        answers.push_back(Answer { at: Instant::now(), micros, refused });
    }

    /// The figures now.
    pub(crate) fn figures(&self) -> ApiFigures {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        while answers.front().is_some_and(|a| a.at.elapsed() > WINDOW) {
            answers.pop_front();
        }
        let mut micros: Vec<u32> = answers.iter().map(|a| a.micros).collect();
        let refused = answers.iter().filter(|a| a.refused).count() as u64;
        drop(answers);
        micros.sort_unstable();
        let at = |percent: usize| {
            let index = (micros.len() * percent / 100).min(micros.len().saturating_sub(1));
            Duration::from_micros(micros.get(index).copied().unwrap_or_default().into())
        };
        ApiFigures { p50: at(50), p99: at(99), refused }
    }
}
