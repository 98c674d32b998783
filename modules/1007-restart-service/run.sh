# Restarts $OM_SERVICE and shows its state afterwards.
# Exit: 0 restarted and active, 1 not there, not permitted, not restarted or not active afterwards.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin

# The form checks it too; this script stands for itself.
case $OM_SERVICE in
  '' | -* | *[!A-Za-z0-9_.@:-]*)
    echo 'That is not the name of a service.' >&2
    exit 1
    ;;
esac
name=${OM_SERVICE%.service}

# What the service is called in the other family.
case $name in
  apache | apache2 | httpd) names="$name apache2 httpd" ;;
  mysql | mysqld | mariadb) names="$name mariadb mysql mysqld" ;;
  ssh | sshd) names="$name ssh sshd" ;;
  cron | crond) names="$name cron crond" ;;
  redis | redis-server) names="$name redis-server redis" ;;
  syslog | rsyslog) names="$name rsyslog syslog" ;;
  chrony | chronyd) names="$name chrony chronyd" ;;
  *) names=$name ;;
esac

# systemctl works only where systemd is the first process; init scripts are what is left.
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then manager=systemd; else manager=init; fi

exists() {
  case $manager in
    systemd)
      case $(systemctl show --property=LoadState -- "$1.service" 2>/dev/null) in
        LoadState=loaded | LoadState=masked) return 0 ;;
      esac
      # Older systemd reports init scripts only when they are asked for by their file.
      [ -x "/etc/init.d/$1" ]
      ;;
    init) [ -x "/etc/init.d/$1" ] || [ -f "/etc/init/$1.conf" ] ;;
  esac
}

service=
for candidate in $names; do
  if exists "$candidate"; then
    service=$candidate
    break
  fi
done
if [ -z "$service" ]; then
  printf 'There is no service “%s” on this host.\n' "$name" >&2
  exit 1
fi
[ "$service" = "$name" ] || printf '“%s” is called “%s” on this host.\n' "$name" "$service"

check() {
  case $service in
    nginx) set -- nginx -t ;;
    haproxy) set -- haproxy -c -q -f /etc/haproxy/haproxy.cfg ;;
    apache2) set -- apache2ctl configtest ;;
    httpd) set -- httpd -t ;;
    lighttpd) set -- lighttpd -t -f /etc/lighttpd/lighttpd.conf ;;
    ssh | sshd) set -- sshd -t ;;
    rsyslog) set -- rsyslogd -N1 ;;
    named | bind9) set -- named-checkconf ;;
    *) return 0 ;;
  esac
  # No check program: nothing to check with.
  command -v "$1" >/dev/null 2>&1 || return 0
  report=$("$@" 2>&1) && return 0
  printf '%s\n' "$report" >&2
  printf '“%s” was not restarted: its configuration does not pass “%s”.\n' "$service" "$*" >&2
  return 1
}

if [ "$OM_CHECK" != false ]; then
  check || exit 1
fi

case $manager in
  systemd) systemctl restart -- "$service.service" ;;
  init)
    if command -v service >/dev/null 2>&1; then
      service "$service" restart
    else
      "/etc/init.d/$service" restart
    fi
    ;;
esac
result=$?

# A service that starts and dies at once shows only after a moment.
sleep 1
case $manager in
  systemd)
    waited=0
    while [ "$(systemctl is-active -- "$service.service")" = activating ] && [ "$waited" -lt 15 ]; do
      sleep 1
      waited=$((waited + 1))
    done
    state=$(systemctl is-active -- "$service.service")
    systemctl --no-pager --full --lines=5 status -- "$service.service"
    if [ "$result" -eq 0 ] && [ "$state" != active ]; then
      printf '“%s” was restarted, but it is %s now.\n' "$service" "${state:-not active}" >&2
      result=1
    fi
    ;;
  init)
    if command -v service >/dev/null 2>&1; then
      service "$service" status
    else
      "/etc/init.d/$service" status
    fi
    state=$?
    # Status 3 and its neighbours mean “not running” in the LSB; 4 and above say nothing about it.
    if [ "$result" -eq 0 ] && [ "$state" -ge 1 ] && [ "$state" -le 3 ]; then
      printf '“%s” was restarted, but it is not running now.\n' "$service" >&2
      result=1
    fi
    ;;
esac
if [ "$result" -ne 0 ]; then
  printf '“%s” could not be restarted.\n' "$service" >&2
  [ "$(id -u)" -eq 0 ] || printf 'Restarting a service usually takes root; this ran as %s.\n' "$(id -un)" >&2
  exit 1
fi
printf '“%s” was restarted.\n' "$service"
