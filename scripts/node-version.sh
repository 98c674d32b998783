#!/bin/sh
# Says clearly when the Node.js first in PATH is too old: older ones cannot read the sources at all.
version=$(node -p 'process.versions.node' 2>/dev/null || echo 0.0.0)
major=${version%%.*}
rest=${version#*.}
minor=${rest%%.*}
if [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 18 ]; }; then exit 0; fi
echo "OMServer needs Node.js 22.18 or newer; this one is $version. Install a newer Node.js, or run 'npm ci' on Linux x64, which brings one along." >&2
exit 1
