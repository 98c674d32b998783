# The last $OM_LINES lines of the system log, from the first place that has any.
# Exit: 0 shown, 1 nothing readable (the reason goes to stderr).
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
denied=
looked=

# show SOURCE TEXT: prints and ends when there is text.
show() {
  [ -n "$2" ] || return 0
  printf '==> %s <==\n%s\n' "$1" "$2"
  if [ -n "$denied" ]; then
    printf 'Not readable for %s:%s. Run this as root to see it.\n' "$(id -un)" "$denied" >&2
  fi
  exit 0
}

if command -v journalctl >/dev/null 2>&1; then
  looked="$looked, the systemd journal"
  # --system: without it, somebody who is not root gets only the messages of his own session.
  text=$(journalctl --system --quiet --no-pager --lines="$OM_LINES" 2>/dev/null)
  show journalctl "$text"
  case $(journalctl --system --no-pager --lines=1 2>&1) in
    *permission* | *denied*) denied="$denied journal" ;;
  esac
fi

# A file that was rotated a moment ago is empty: then the one before it has the last lines.
for file in /var/log/syslog /var/log/messages /var/log/system.log /var/log/everything.log; do
  looked="$looked, $file"
  for dated in "$file"-[0-9]*[0-9]; do :; done
  for candidate in "$file" "$file.1" "$file.0" "$dated"; do
    [ -s "$candidate" ] || continue
    if [ ! -r "$candidate" ]; then
      denied="$denied $candidate"
      continue
    fi
    show "$candidate" "$(tail -n "$OM_LINES" "$candidate")"
  done
done

if command -v logread >/dev/null 2>&1; then
  looked="$looked, logread"
  show logread "$(logread 2>/dev/null | tail -n "$OM_LINES")"
fi
looked="$looked, dmesg"
show 'dmesg (kernel messages only)' "$(dmesg 2>/dev/null | tail -n "$OM_LINES")"

if [ -n "$denied" ]; then
  printf 'The system log is not readable for %s:%s. Run this as root.\n' "$(id -un)" "$denied" >&2
else
  printf 'This host keeps no system log in any of the usual places (looked at: %s).\n' "${looked#, }" >&2
fi
exit 1
