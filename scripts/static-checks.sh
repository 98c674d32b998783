#!/bin/sh
# Format, types, lint, import rules, dead code, generated files: what needs no server.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
step() { echo "— $*" >&2; }
step "format and lint (biome)"; biome check --error-on-warnings .
step "types"; tsc -p .; tsc -p console/tsconfig.json
step "type-aware lint (oxlint)"; oxlint --type-aware --deny-warnings --quiet
step "import rules (dependency-cruiser)"; depcruise --config .dependency-cruiser.cjs --output-type err src console bench
step "dead code (knip)"; knip
step "wire definition (buf)"; buf lint
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
buf generate --output "$made"
for file in controller_pb.ts link_pb.ts; do
  cmp "$made/src/contract/link/$file" "src/contract/link/$file" || {
    echo "src/contract/link/$file is not what its definition gives: run npm run generate" >&2
    exit 1
  }
done
