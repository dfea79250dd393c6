#!/usr/bin/env bash
# Runs cargo-deny on deny.toml, building it into the target folder where it is not installed (some minutes, once).
# With --if-installed it is not built: then nothing is checked, and a line says so.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

mkdir -p "$target/tools"
PATH=$PATH:$(cd "$target/tools" && pwd)/bin
if ! command -v cargo-deny >/dev/null; then
  if [ "${1:-}" = --if-installed ]; then
    echo "dependencies' licences: not checked, cargo-deny is not installed (make deny builds it)"
    exit
  fi
  echo "building cargo-deny into $target/tools" >&2
  cargo install cargo-deny --locked --quiet --root "$target/tools"
fi
cargo deny check licenses bans sources
[ "${1:-}" != --if-installed ] || exit 0
# The advisory database is a git repository: no network to it is no failure, an advisory is.
if cargo deny fetch db >/dev/null 2>&1; then
  cargo deny check advisories
else
  echo "advisories: not checked, the database can't be reached"
fi
