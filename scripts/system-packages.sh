#!/bin/sh
# Installs the Debian packages that the tests start servers from. Where it may not, it says which are missing.
set -eu
missing=""
need() { # need PACKAGE TEST…
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}
need openssh-server test -x /usr/sbin/sshd
need openssh-client command -v ssh-keygen
need mariadb-server sh -c 'command -v mariadbd || test -x /usr/sbin/mariadbd'
need postgresql sh -c 'ls /usr/lib/postgresql/*/bin/postgres'
need chromium command -v chromium
need fonts-noto-cjk sh -c 'ls /usr/share/fonts/opentype/noto/NotoSansCJK*'
need curl command -v curl
need zsh command -v zsh
need sudo command -v sudo
need openssl command -v openssl
need python3 command -v python3
need python3-openssl /usr/bin/python3 -c 'import OpenSSL'
need busybox command -v busybox
need procps command -v ps
need iproute2 command -v ip
need ansible-core test -x /usr/bin/ansible-playbook
need python3-venv sh -c 'python3 -c "import ensurepip"'
need git command -v git
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need these Debian packages, and this user may not install them:$missing" >&2
  echo "Ask an administrator for: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "Installing for the tests:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >&2
# A package's own service must not start: the tests start their servers themselves, on loopback, with throw-away data.
policy=/usr/sbin/policy-rc.d
made_policy=""
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  made_policy=yes
fi
status=0
# shellcheck disable=SC2086 # a list of package names
apt-get install -y -q --no-install-recommends $missing >&2 || status=$?
[ -z "$made_policy" ] || rm -f "$policy"
exit $status
