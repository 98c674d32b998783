#!/bin/sh
# npm run demo | start | dev | bench | campaign | pictures: sets up, then runs it on the Node.js that the lock file brings.
set -eu
cd "$(dirname "$0")/.."
what=$1
shift
sh scripts/setup.sh
PATH="$PWD/node_modules/.bin:$PATH"
case $what in
  dev) exec node scripts/dev.ts "$@" ;;
  pictures) exec node scripts/pictures.ts "$@" ;;
  bench) exec node bench/main.ts "$@" ;;
  campaign) exec node test/campaign/main.ts "$@" ;;
  *) exec node src/daemon/main.ts "$what" "$@" ;;
esac
