# Every configuration file of $OM_APPLICATION that is on this host, each under a line with its path.
# Exit: 0 something was shown, 1 nothing was found or nothing was readable.
LC_ALL=C
export LC_ALL
newline='
'
seen=$newline
shown=0
denied=
base=/

# Stars for the values of settings whose name ends in password, secret …, for “stats auth user:password” of HAProxy
# and for passwords in addresses. Not where “passwd” names something else (nsswitch.conf).
mask() {
  case $OM_APPLICATION in
    dns) cat ;;
    *)
      sed -E \
        -e 's/([Pp][Aa][Ss][Ss][Ww][Oo][Rr][Dd]|[Pp][Aa][Ss][Ss][Ww][Dd]|requirepass|masterauth|auth_pass|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn])(["'\'']?[[:space:]]*[=:[:space:]][[:space:]]*)[^[:space:]].*$/\1\2******/' \
        -e 's/^([[:space:]#]*stats[[:space:]]+auth[[:space:]]+[^:]*:).*/\1******/' \
        -e 's#(://[^/@:[:space:]]*:)[^@/[:space:]]+@#\1******@#g'
      ;;
  esac
}

without_comments() {
  case $OM_COMMENTS in
    false) sed -e '/^[[:space:]]*$/d' -e '/^[[:space:]]*[#;]/d' ;;
    *) cat ;;
  esac
}

# includes FILE: what the file includes, as path patterns, one a line; relative ones begin at $base.
includes() {
  case $OM_APPLICATION in
    nginx) sed -n 's/^[[:space:]]*include[[:space:]][[:space:]]*["'\'']\{0,1\}\([^;"'\'']*\)["'\'']\{0,1\};.*/\1/p' "$1" ;;
    apache) sed -n 's/^[[:space:]]*[Ii]nclude\(Optional\)\{0,1\}[[:space:]][[:space:]]*["'\'']\{0,1\}\([^"'\'']*\).*/\2/p' "$1" ;;
    sshd) sed -n 's/^[[:space:]]*[Ii]nclude[[:space:]][[:space:]]*//p' "$1" | tr ' \t' '\n\n' ;;
    mysql)
      sed -n -e 's/^[[:space:]]*!include[[:space:]][[:space:]]*//p' \
        -e 's/^[[:space:]]*!includedir[[:space:]][[:space:]]*\(.*[^/]\)\/*$/\1\/*.cnf/p' "$1"
      ;;
    postgresql)
      sed -n -e 's/^[[:space:]]*include\(_if_exists\)\{0,1\}[[:space:]=][[:space:]=]*'\''\([^'\'']*\)'\''.*/\2/p' \
        -e 's/^[[:space:]]*include_dir[[:space:]=][[:space:]=]*'\''\([^'\'']*[^/]\)\/*'\''.*/\1\/*.conf/p' "$1"
      ;;
    rsyslog)
      sed -n -e 's/^[[:space:]]*$IncludeConfig[[:space:]][[:space:]]*//p' \
        -e 's/^[[:space:]]*include([[:space:]]*file="\([^"]*\)".*/\1/p' "$1"
      ;;
    redis | keepalived | lighttpd | php-fpm | logrotate)
      sed -n 's/^[[:space:]]*include[[:space:]=][[:space:]=]*["'\'']\{0,1\}\([^"'\'']*\)["'\'']\{0,1\}[[:space:]]*$/\1/p' "$1"
      ;;
  esac | while read -r pattern; do
    case $pattern in
      /*) ;;
      *) pattern=${base%/}/$pattern ;;
    esac
    # A folder stands for the files in it.
    if [ -d "$pattern" ]; then pattern=${pattern%/}/*; fi
    printf '%s\n' "$pattern"
  done
}

# show FILE: once, and then what it includes.
show() {
  case $seen in
    *"$newline$1$newline"*) return 0 ;;
  esac
  seen=$seen$1$newline
  [ -f "$1" ] || return 0
  if [ ! -r "$1" ]; then
    denied="$denied $1"
    return 0
  fi
  shown=$((shown + 1))
  printf '==> %s <==\n' "$1"
  without_comments < "$1" | mask
  # Text after a last line without its newline would hide the next path.
  [ -z "$(tail -c 1 "$1")" ] || echo
  for included in $(includes "$1"); do
    show "$included"
  done
}

# show_all BASE FILE…: the files, and relative includes looked up from BASE.
show_all() {
  base=$1
  shift
  for listed in "$@"; do
    show "$listed"
  done
}

# Patterns from a file are split at line ends only, and expand to the paths that are there.
IFS=$newline
case $OM_APPLICATION in
  nginx)
    for folder in /etc/nginx /usr/local/nginx/conf /usr/local/etc/nginx /usr/local/openresty/nginx/conf; do
      show_all "$folder" "$folder/nginx.conf"
    done
    ;;
  haproxy) show_all /etc/haproxy /etc/haproxy/haproxy.cfg /etc/haproxy/conf.d/*.cfg /usr/local/etc/haproxy/haproxy.cfg ;;
  apache)
    show_all /etc/apache2 /etc/apache2/apache2.conf /etc/apache2/httpd.conf
    show_all /etc/httpd /etc/httpd/conf/httpd.conf /etc/httpd/conf.d/*.conf
    show_all /usr/local/apache2 /usr/local/apache2/conf/httpd.conf
    ;;
  lighttpd) show_all /etc/lighttpd /etc/lighttpd/lighttpd.conf /etc/lighttpd/conf-enabled/*.conf /etc/lighttpd/conf.d/*.conf ;;
  mysql) show_all /etc /etc/my.cnf /etc/mysql/my.cnf /etc/my.cnf.d/*.cnf /usr/local/mysql/my.cnf ;;
  postgresql)
    for folder in /etc/postgresql/*/* /var/lib/pgsql/data /var/lib/pgsql/*/data /var/lib/postgresql/*/data; do
      show_all "$folder" "$folder/postgresql.conf" "$folder/pg_hba.conf"
    done
    ;;
  redis) show_all /etc/redis /etc/redis/redis.conf /etc/redis.conf /etc/redis/*.conf /usr/local/etc/redis.conf ;;
  memcached) show_all /etc /etc/memcached.conf /etc/sysconfig/memcached /etc/default/memcached ;;
  keepalived) show_all /etc/keepalived /etc/keepalived/keepalived.conf /etc/keepalived/conf.d/*.conf ;;
  php-fpm)
    for folder in /etc/php/*/fpm; do
      show_all "$folder" "$folder/php-fpm.conf" "$folder"/pool.d/*.conf
    done
    show_all /etc /etc/php-fpm.conf /etc/php-fpm.d/*.conf
    ;;
  sshd) show_all /etc/ssh /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf ;;
  sysctl)
    show_all / /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \
      /usr/lib/sysctl.d/*.conf
    # Where /lib is a link to /usr/lib, these are the same files.
    [ /lib -ef /usr/lib ] 2>/dev/null || show_all / /lib/sysctl.d/*.conf
    ;;
  rsyslog) show_all /etc /etc/rsyslog.conf /etc/rsyslog.d/*.conf /etc/syslog.conf ;;
  logrotate) show_all /etc /etc/logrotate.conf /etc/logrotate.d/* ;;
  cron) show_all /etc /etc/crontab /etc/anacrontab /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/* ;;
  chrony) show_all /etc /etc/chrony/chrony.conf /etc/chrony.conf /etc/chrony/conf.d/*.conf /etc/chrony.d/*.conf ;;
  limits) show_all /etc/security /etc/security/limits.conf /etc/security/limits.d/*.conf ;;
  hosts) show_all /etc /etc/hosts /etc/hostname ;;
  dns) show_all /etc /etc/resolv.conf /etc/nsswitch.conf /etc/systemd/resolved.conf /etc/systemd/resolved.conf.d/*.conf ;;
esac

if [ -n "$denied" ]; then
  printf 'Not readable for %s:%s. Run this as root to see it.\n' "$(id -un)" "$denied" >&2
fi
[ "$shown" -eq 0 ] || exit 0
if [ -z "$denied" ]; then
  printf 'There is no configuration of %s at any of its usual places on this host.\n' "$OM_APPLICATION" >&2
fi
exit 1
