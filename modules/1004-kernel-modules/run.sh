# The loaded kernel modules, in the form of lsmod wherever they come from.
PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin

if [ ! -e /proc/modules ]; then
  if [ ! -e /proc/version ]; then
    echo '/proc is not mounted, so the kernel modules cannot be read.' >&2
    exit 1
  fi
  echo 'This kernel has no loadable modules: everything is built in.'
  # Built-in parts that have parameters show under /sys/module.
  for folder in /sys/module/*/; do
    [ -d "$folder" ] || continue
    folder=${folder%/}
    printf '%s (built in)\n' "${folder##*/}"
  done
  exit 0
fi

if text=$(lsmod 2>/dev/null) && [ -n "$text" ]; then
  printf '%s\n' "$text"
  exit 0
fi

printf '%-24s%8s  %s\n' Module Size 'Used by'
while read -r name size count users rest; do
  case $users in
    -) users= ;;
    *,) users=${users%,} ;;
  esac
  printf '%-24s%8s  %s\n' "$name" "$size" "$count${users:+ $users}"
done < /proc/modules
