#!/usr/bin/env bash
# Runs cargo-deny on deny.toml, building it into the target folder where it is not installed (some minutes, once).
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

if ! command -v cargo-deny >/dev/null; then
  PATH=$PATH:$(cd "$target" && pwd)/tools/bin
  if ! command -v cargo-deny >/dev/null; then
    echo "building cargo-deny into $target/tools" >&2
    cargo install cargo-deny --locked --quiet --root "$target/tools"
  fi
fi
cargo deny check licenses bans sources
# The advisory database is a git repository: no network to it is no failure, an advisory is.
if cargo deny fetch db >/dev/null 2>&1; then
  cargo deny check advisories
else
  echo "advisories: not checked, the database can't be reached"
fi
