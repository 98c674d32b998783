#!/bin/sh
# Installs a pinned SaltStack (master, salt-api, minions) for the tests and benchmarks into .cache/salt, only when it is
# missing, and prints the folder of its programs. Progress goes to stderr.
set -eu
cd "$(dirname "$0")/.."
# 3008.5 asks for a certifi that is newer than the registry's newest; 3008.4 is the same series.
packages="salt==3008.4 CherryPy==18.10.0"
folder=$PWD/.cache/salt
if [ "$(cat "$folder/.installed" 2>/dev/null || true)" != "$packages" ]; then
  echo "Installing SaltStack for the tests (about a minute the first time) …" >&2
  mkdir -p "$folder"
  # Two tests that start at once: one installs, the other waits for it.
  exec 9>"$folder/.lock"
  flock 9
  if [ "$(cat "$folder/.installed" 2>/dev/null || true)" != "$packages" ]; then
    rm -rf "$folder/venv"
    python3 -m venv "$folder/venv" >&2
    # shellcheck disable=SC2086 # a list of packages
    "$folder/venv/bin/pip" install -q --disable-pip-version-check $packages >&2
    printf '%s\n' "$packages" > "$folder/.installed"
  fi
fi
printf '%s\n' "$folder/venv/bin"
