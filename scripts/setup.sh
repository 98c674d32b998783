#!/bin/sh
# Makes a clean clone ready: installs exactly what package-lock.json names and builds the console,
# each only when something changed since the last time. Progress goes to stderr.
set -eu
cd "$(dirname "$0")/.."

if ! cmp -s package-lock.json node_modules/.installed-lock 2>/dev/null; then
  echo "OMServer: installing packages (about a minute the first time) …" >&2
  # Install scripts stay off: nothing in the lock file needs them, and none may run as root.
  if ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
    echo "OMServer: npm could not install the packages. Check that this machine reaches an npm registry (npm config get registry)." >&2
    exit 1
  fi
  cp package-lock.json node_modules/.installed-lock
fi

PATH="$PWD/node_modules/.bin:$PATH"
sh scripts/node-version.sh

sources=$(find console src/contract package-lock.json -type f | LC_ALL=C sort | xargs cat | cksum)
if [ "$sources" != "$(cat dist/console/.built-from 2>/dev/null || true)" ]; then
  echo "OMServer: building the console …" >&2
  vite build --config console/vite.config.ts --logLevel warn >&2
  echo "$sources" > dist/console/.built-from
fi
