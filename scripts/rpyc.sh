#!/bin/sh
# Real rpyc for the tests of the engine omserver-v1, in pinned virtual environments below .cache/rpyc, each made once:
# 6 is today's; 3 is of the first OMServer's line, whose name `async` became a keyword of Python 3.7 and is renamed here.
set -eu
cd "$(dirname "$0")/.."
make() { # make FOLDER VERSION
  [ -f ".cache/rpyc/$1/.made-$2" ] && return 0
  echo "Installing rpyc $2 for the tests …" >&2
  rm -rf ".cache/rpyc/$1"
  mkdir -p .cache/rpyc
  python3 -m venv ".cache/rpyc/$1"
  ".cache/rpyc/$1/bin/pip" install -q --disable-pip-version-check "rpyc==$2" "plumbum==$3" >&2
}
make 6 6.0.2 1.9.0
touch .cache/rpyc/6/.made-6.0.2
make 3 3.4.4 1.9.0
if [ ! -f .cache/rpyc/3/.made-3.4.4 ]; then
  find .cache/rpyc/3/lib -path '*/rpyc/core/async.py' -execdir mv async.py async_.py \;
  find .cache/rpyc/3/lib -path '*/rpyc/*.py' -exec sed -i 's/\basync\b/async_/g' {} +
  touch .cache/rpyc/3/.made-3.4.4
fi
