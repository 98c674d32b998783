#!/bin/sh
# Installs a pinned ansible-core of today for the tests and benchmarks into .cache/ansible, only when it is missing, and
# prints the folder of its programs. (Debian's, an older one, is in system-packages.sh.) Progress goes to stderr.
set -eu
cd "$(dirname "$0")/.."
# The newest series for Python 3.11, which Debian 12 has.
packages="ansible-core==2.19.14 cffi==2.1.1 cryptography==50.0.2 Jinja2==3.1.6 MarkupSafe==3.0.4 packaging==26.3 pycparser==3.12 PyYAML==6.0.4 resolvelib==1.2.1"
folder=$PWD/.cache/ansible
if [ "$(cat "$folder/.installed" 2>/dev/null || true)" != "$packages" ]; then
  echo "Installing ansible-core for the tests …" >&2
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
