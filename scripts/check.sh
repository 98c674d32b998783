#!/bin/sh
# npm run check: format, types, lint, import rules, dead code, tests. CI runs precisely this, through npm test.
set -eu
exec sh "$(dirname "$0")/test.sh"
