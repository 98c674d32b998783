#!/bin/sh
# npm test: everything it needs, then all checks, fast ones first; closes with the test runner's counts.
# With arguments: only those test files (npm test -- src/web/plan).
set -eu
cd "$(dirname "$0")/.."
sh scripts/system-packages.sh
sh scripts/setup.sh
PATH="$PWD/node_modules/.bin:$PATH"
[ $# -gt 0 ] || sh scripts/static-checks.sh
# Before the tests, as several of them run at once and each would install it.
[ $# -gt 0 ] || for peer in salt ansible rpyc; do sh "scripts/$peer.sh" >/dev/null; done
exec vitest run "$@"
