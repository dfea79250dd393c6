//! `docs/ops.md` and the `.proto` files go together: a change of one is a look at the other.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sluice_core::signing::sha256_hex;

const PROTOS: [&str; 2] = ["ops.proto", "risk.proto"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Each call with the role that the comment above it names.
fn calls(proto: &str) -> BTreeMap<String, String> {
    let mut role = "";
    let mut calls = BTreeMap::new();
    for line in proto.lines().map(str::trim) {
        if let Some((_, named)) = line.split_once("Role: ") {
            role = named.split('.').next().unwrap();
        }
        if let Some(rest) = line.strip_prefix("rpc ") {
            calls.insert(rest.split('(').next().unwrap().to_owned(), role.to_owned());
        }
    }
    calls
}

#[test]
fn the_document_was_looked_at_when_the_proto_last_changed() {
    let document = read("../docs/ops.md");
    for file in PROTOS {
        let hash = sha256_hex(read(&format!("sluice/ops/v1/{file}")).as_bytes());
        let mark = format!("<!-- {file} sha256 ");
        let written = document.split_once(&mark).and_then(|(_, rest)| rest.split(' ').next());
        assert_eq!(
            written.unwrap_or("none"),
            hash,
            "{file} has changed: see whether docs/ops.md still tells the truth, then put the right hash into it"
        );
    }
}

#[test]
fn the_document_lists_every_call_with_its_role() {
    let document = read("../docs/ops.md");
    let known: BTreeMap<_, _> =
        PROTOS.iter().flat_map(|file| calls(&read(&format!("sluice/ops/v1/{file}")))).collect();
    let listed: BTreeMap<String, String> = document
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            match cells[..] {
                ["", call, role, _, ""] if call.starts_with(char::is_uppercase) => {
                    Some((call.to_owned(), role.to_owned()))
                }
                _ => None,
            }
        })
        .collect();
    assert_eq!(listed, known);
}
