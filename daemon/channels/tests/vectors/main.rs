//! Vectors made by independent implementations, through the real code.
//!
//! They are read from the folder named by `SLUICE_VECTORS`, else from `vectors/`. A channel whose file is there must
//! have cases; the committed folder must have every channel's file.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may panic, read files and their environment"
)]

#[path = "../common/mod.rs"]
mod common;

mod alipay;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Runs the cases of a file: their number, and what failed.
type Run = fn(&Value) -> (usize, Vec<String>);

const CHANNELS: [(&str, Run); 1] = [("alipay", alipay::run)];

#[test]
fn vectors() {
    let (folder, committed) = match std::env::var_os("SLUICE_VECTORS") {
        Some(named) => (existing(Path::new(&named)), false),
        None => (common::folder("vectors"), true),
    };
    let mut failures = Vec::new();
    for (channel, run) in CHANNELS {
        let path = folder.join(format!("{channel}.json"));
        if !path.exists() && !committed {
            println!("{channel}: no file");
            continue;
        }
        let (cases, failed) = run(&common::json(&path));
        println!("{channel}: {cases} cases");
        assert!(cases > 0, "{} yields no case", path.display());
        failures.extend(failed.into_iter().map(|f| format!("{channel}: {f}")));
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

/// Cargo runs tests in the package's folder, but a person names a folder from where the command is typed.
fn existing(named: &Path) -> PathBuf {
    let from_workspace = common::folder("../..").join(named);
    [named.to_path_buf(), from_workspace]
        .into_iter()
        .find(|path| path.is_dir())
        .unwrap_or_else(|| panic!("SLUICE_VECTORS: {} is no folder", named.display()))
}
