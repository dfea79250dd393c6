//! The disk: how often a page can be appended and forced down.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use super::rounds;
use crate::measure::{Plan, Rate, per_second};

const PAGE: [u8; 4096] = [0x5a; 4096];

/// Appends and `fdatasync`s, one after the other.
pub(super) fn measure(folder: &Path, plan: &Plan) -> anyhow::Result<Rate> {
    let path = folder.join("append");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let rate = rounds(|| {
        let began = Instant::now();
        let mut count = 0;
        while began.elapsed() < plan.raw {
            file.write_all(&PAGE)?;
            file.sync_data()?;
            count += 1;
        }
        Ok(per_second(count, began.elapsed()))
    })?;
    std::fs::remove_file(path)?;
    Ok(rate)
}
