//! What is being measured, for the person who waits.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Shows the step that runs: one line that is rewritten on a terminal, a line a step elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    began: Instant,
    steps: usize,
    done: AtomicUsize,
    rewrites: bool,
}

impl Progress {
    pub(crate) fn start(steps: usize) -> Self {
        Self {
            began: Instant::now(),
            steps,
            done: AtomicUsize::new(0),
            rewrites: std::io::stderr().is_terminal(),
        }
    }

    /// Says what runs now.
    pub(crate) fn step(&self, what: &str) {
        let step = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let line = format!("[{step:>2}/{} {:>3} s] {what} …", self.steps, self.began.elapsed().as_secs());
        let mut err = std::io::stderr().lock();
        // Progress that cannot be written is no reason to stop measuring.
        let _ = if self.rewrites { write!(err, "\r\x1b[K{line}") } else { writeln!(err, "{line}") };
        let _ = err.flush();
    }

    /// Clears the line.
    pub(crate) fn end(&self) {
        if self.rewrites {
            eprint!("\r\x1b[K");
        }
    }
}
