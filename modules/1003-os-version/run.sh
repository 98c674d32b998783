# First line: the distribution and its version. Second line: kernel and architecture.

# first FILE: its first line that is not blank, without the \n, \l … of /etc/issue.
first() {
  [ -r "$1" ] || return 0
  sed -n -e 's/\\[A-Za-z]//g' -e 's/[[:space:]]*$//' -e '/[^[:space:]]/{p;q;}' "$1"
}

name=
for file in /etc/os-release /usr/lib/os-release; do
  [ -r "$file" ] || continue
  # Read as text: the file is shell syntax, and nothing of a host's files is run.
  name=$(sed -n -e 's/^PRETTY_NAME=//p' "$file" | sed -n -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/" -e '1p')
  [ -z "$name" ] || break
done

# The point release stands beside it: 7.9.2009 where os-release says 7, 12.5 where it says 12.
release=$(first /etc/redhat-release)
if [ -z "$name" ]; then
  name=$release
elif [ -n "$release" ] && [ "$release" != "$name" ]; then
  name="$name ($release)"
fi
point=$(first /etc/debian_version)
case $name in
  Debian*)
    case $point in
      [0-9]*.[0-9]*) name="$name, $point" ;;
    esac
    ;;
  '') [ -z "$point" ] || name="Debian $point" ;;
esac
for file in /etc/system-release /etc/alpine-release /etc/SuSE-release /etc/issue; do
  [ -n "$name" ] || name=$(first "$file")
done

printf '%s\n' "${name:-Unknown distribution: neither /etc/os-release nor /etc/redhat-release nor /etc/issue says}"
uname -srm
