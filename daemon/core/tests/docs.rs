//! The pages that are made from the core's tables: compared, or rewritten with `UPDATE=1`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests may panic, read files and their environment"
)]

use sluice_core::code;
use sluice_core::ledger;
use sluice_core::order;

#[test]
fn pages_are_what_the_code_says() {
    for (page, fresh) in [
        ("errors.md", code::markdown()),
        ("ledger.md", ledger::page::markdown()),
        ("states.md", order::page::markdown()),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &fresh).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == fresh, "docs/{page} is stale; UPDATE=1 cargo test -p sluice-core --test docs");
    }
}

/// A pipe or a line break inside a cell would break the table without anybody noticing.
#[test]
fn every_row_of_every_table_has_the_cells_of_its_head() {
    for page in [code::markdown(), ledger::page::markdown(), order::page::markdown()] {
        let mut cells = None;
        let mut rows = 0;
        for line in page.lines() {
            if !line.starts_with('|') {
                cells = None;
                continue;
            }
            let found = line.matches('|').count();
            assert_eq!(*cells.get_or_insert(found), found, "{line}");
            rows += 1;
        }
        assert!(rows > 20, "{page}");
    }
}
