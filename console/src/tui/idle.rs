//! A testing aid: with `SLUICE_IDLE_FILE` set, the console says there when it is quiet, so that a test which drives it
//! in a real terminal can wait for that instead of sleeping.

use std::path::PathBuf;

/// Writes `DRAWS KEYS` whenever everything so far is drawn and no message or effect is under way: how often that was
/// so, and how many keys and pastes were handled by then.
#[derive(Debug, Default)]
pub struct IdleFile {
    path: Option<PathBuf>,
    times: u64,
    keys: u64,
}

impl IdleFile {
    /// A marker at `path`, or none.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, times: 0, keys: 0 }
    }

    /// A key or a paste came.
    pub fn key(&mut self) {
        self.keys += 1;
    }

    /// Everything is quiet.
    pub fn mark(&mut self) {
        let Some(path) = &self.path else { return };
        self.times += 1;
        // Renamed into place, so that a reader never sees half a line. A test that cannot read it fails by itself.
        let new = path.with_extension("new");
        let _ = std::fs::write(&new, format!("{} {}\n", self.times, self.keys))
            .and_then(|()| std::fs::rename(&new, path));
    }
}
