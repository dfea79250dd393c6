#!/usr/bin/env bash
# All tests: Rust's (which start the real programs), then the signing scheme from Python. Ends with each suite's time.
# SLUICE_LONG=1 runs the long forms.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

scripts/needs.sh tests
began=$SECONDS
echo "building (some minutes the first time)"
# Builds the programs that the tests start, too.
cargo test --workspace --no-run
echo "built in $((SECONDS - began)) s"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0
cargo test --workspace --no-fail-fast 2>&1 | tee "$log" || failed=1

echo "     Running clients/python/test_signing.py" | tee -a "$log"
python=$(scripts/needs.sh python)
"$python" clients/python/test_signing.py --sluice-sim "$target/debug/sluice-sim" 2>&1 | tee -a "$log" || failed=1

echo
echo "suites, by time:"
awk '
  # The unit tests of a package come first and name it; its other suites follow.
  /^ +Running unittests / { crate = $4; sub(/^.*\//, "", crate); sub(/-[0-9a-f]+\)$/, "", crate); suite = crate " " $3; next }
  /^ +Running clients/ { suite = $2; next }
  /^ +Running / { suite = crate " " $2; next }
  /^ +Doc-tests / { suite = $2 " doc-tests"; next }
  /^test result: / {
    for (i = 1; i <= NF; i++) {
      if ($i ~ /^passed/) passed = $(i - 1); if ($i ~ /^failed/) bad = $(i - 1); if ($i == "in") took = $(i + 1)
    }
    sub(/s$/, "", took)
    if (passed + bad > 0) printf "%9.2f s  %5d passed  %3d failed  %s\n", took, passed, bad, suite
  }
  /^Ran [0-9]+ tests? in / { took = $5; sub(/s$/, "", took) }
  /^python: / { printf "%9.2f s  %5d passed  %3d failed  %s\n", took, $2, $4, suite }
' "$log" | sort -rn
awk '
  /^test result: / { for (i = 1; i <= NF; i++) { if ($i ~ /^passed/) p += $(i - 1); if ($i ~ /^failed/) f += $(i - 1) } }
  /^python: / { p += $2; f += $4 }
  END { printf "%d passed, %d failed\n", p, f }
' "$log"
echo "all of it took $((SECONDS - began)) s"
exit $failed
