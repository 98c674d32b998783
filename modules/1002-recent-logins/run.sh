# The last $OM_LINES lines of the login and authentication log, from the first place that has any.
# Exit: 0 shown, 1 nothing readable (the reason goes to stderr).
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
denied=
recorded=

# show SOURCE TEXT: prints and ends when there is text.
show() {
  [ -n "$2" ] || return 0
  printf '==> %s <==\n%s\n' "$1" "$2"
  if [ -n "$denied" ]; then
    printf 'Not readable for %s:%s. Run this as root to see it.\n' "$(id -un)" "$denied" >&2
  fi
  exit 0
}

# RedHat family, Debian family. A file that was rotated a moment ago is empty: then the one before it.
for file in /var/log/secure /var/log/auth.log; do
  for dated in "$file"-[0-9]*[0-9]; do :; done
  for candidate in "$file" "$file.1" "$dated"; do
    [ -s "$candidate" ] || continue
    if [ ! -r "$candidate" ]; then
      denied="$denied $candidate"
      continue
    fi
    show "$candidate" "$(tail -n "$OM_LINES" "$candidate")"
  done
done

if command -v journalctl >/dev/null 2>&1; then
  # Facilities auth (4) and authpriv (10), as the two files hold them.
  text=$(journalctl --system --quiet --no-pager --lines="$OM_LINES" SYSLOG_FACILITY=4 SYSLOG_FACILITY=10 2>/dev/null)
  show 'journalctl (auth, authpriv)' "$text"
  case $(journalctl --system --no-pager --lines=1 2>&1) in
    *permission* | *denied*) denied="$denied journal" ;;
  esac
fi

if command -v last >/dev/null 2>&1; then
  recorded=yes
  # “last” ends with an empty line and the day its record begins; that alone is no login.
  text=$(last -n "$OM_LINES" 2>/dev/null | grep -v -e '^$' -e '^wtmp begins' -e '^wtmpdb begins')
  show last "$text"
fi
show 'who (signed in now)' "$(who 2>/dev/null | tail -n "$OM_LINES")"

if [ -n "$denied" ]; then
  printf 'The login log is not readable for %s:%s. Run this as root.\n' "$(id -un)" "$denied" >&2
  exit 1
fi
if [ -n "$recorded" ]; then
  echo 'No login is recorded: there is no authentication log, and “last” knows of no session.'
  exit 0
fi
echo 'This host keeps no login records in any of the usual places (/var/log/secure, /var/log/auth.log, the systemd journal, last).' >&2
exit 1
