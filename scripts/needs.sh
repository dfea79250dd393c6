#!/usr/bin/env bash
# Installs what is missing, saying so in a line; installs nothing that is there.
#
#   scripts/needs.sh tests             tmux for the console's tests, and a Python with `cryptography`
#   scripts/needs.sh python            prints the Python with `cryptography` that was found or made
#   scripts/needs.sh rust-components   only checks: rustup fetches toolchains, this script does not
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

apt_install() {
  local sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  if ! command -v apt-get >/dev/null || { [ -n "$sudo" ] && ! command -v sudo >/dev/null; }; then
    return 1
  fi
  echo "installing by apt-get: $*" >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || true
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The first Python that can import `cryptography`; fails if there is none.
python() {
  local candidate
  for candidate in "$target/python/bin/python" python3 /usr/bin/python3; do
    if "$candidate" -c 'import cryptography' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

need_python() {
  python >/dev/null && return
  if apt_install python3 python3-cryptography && python >/dev/null; then
    return
  fi
  echo "installing by pip into $target/python: cryptography" >&2
  python3 -m venv "$target/python" && "$target/python/bin/pip" install -q cryptography && python >/dev/null && return
  echo "missing: a Python 3 with the package \`cryptography\` (Debian: python3-cryptography)" >&2
  exit 1
}

need_tmux() {
  command -v tmux >/dev/null && return
  apt_install tmux && return
  echo "missing: tmux, in which the console is tested" >&2
  exit 1
}

case ${1:-} in
  tests) need_tmux; need_python ;;
  python) need_python; python ;;
  rust-components)
    for tool in fmt clippy; do
      if ! cargo "$tool" --version >/dev/null 2>&1; then
        echo "missing: cargo $tool; add it with: rustup component add rustfmt clippy" >&2
        exit 1
      fi
    done ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
