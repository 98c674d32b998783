/**
 * What a host sources in its interactive shells (bash 4.2 and later, zsh) to report what is typed there. A prompt waits
 * for nothing: a command is appended to a file of the user's own, and a process in the background sends it with curl.
 * While the server is away the file waits, up to 1 MiB; what is more is left out. Sent again, a record is not taken twice.
 * The token is written to standard input of curl, never to its command line. It can only report for this host; as every
 * user of the host must be able to read the script, one of them could report what nobody typed.
 */
export function shellScript(options: { readonly url: string; readonly token: string }): string {
  return script.replace("@URL@", options.url).replace("@TOKEN@", options.token);
}

/** Where it is installed: read by login shells of bash; docs/operators.md says how for the others. */
export const shellScriptPath = "/etc/profile.d/omserver-report.sh";

const script = `# OMServer: reports the commands that are typed in interactive shells of this host.
case $- in *i*) ;; *) return 0 2>/dev/null || exit 0 ;; esac
if [ -n "\${BASH_VERSION-}\${ZSH_VERSION-}" ] && [ -z "\${_omserver_url-}" ] && [ -n "\${HOME-}" ]; then
_omserver_url='@URL@'
_omserver_token='@TOKEN@'
_omserver_folder="\${XDG_STATE_HOME:-$HOME/.local/state}/omserver-report"
_omserver_count=0

# One command, with what makes it the same when it is sent again.
_omserver_note() {
  [ -n "$1" ] || return 0
  _omserver_count=$((_omserver_count + 1))
  local at file="$_omserver_folder/queue"
  if [ -n "\${EPOCHSECONDS-}" ]; then at=\${EPOCHSECONDS}000; else at=$(date +%s)000; fi
  [ -d "$_omserver_folder" ] || (umask 077 && mkdir -p "$_omserver_folder") 2>/dev/null || return 0
  [ -z "$(find "$file" -size +1024k 2>/dev/null)" ] || return 0
  (umask 077 && printf '%s %s %s %s\\0' "$at-$$-$_omserver_count-$RANDOM" "$at" "\${LOGNAME:-\${USER:-?}}" "$1" >> "$file") 2>/dev/null
  (_omserver_send </dev/null >/dev/null 2>&1 &)
}

_omserver_send() {
  cd "$_omserver_folder" || return
  # After a failure half a minute passes before the next attempt.
  local now again
  now=$(date +%s)
  again=$(cat again 2>/dev/null)
  [ "$now" -ge "\${again:-0}" ] || return
  # One sender at a time; a lock that is left over goes after two minutes.
  mkdir lock 2>/dev/null || { find lock -maxdepth 0 -mmin +2 -exec rmdir {} + ; return; }
  while [ -s sending ] || { [ -s queue ] && mv queue sending && sleep 0.2; }; do
    if _omserver_post; then rm -f sending again; else echo $((now + 30)) > again; break; fi
  done
  rmdir lock
}

_omserver_post() {
  local answer
  answer=$(printf 'header = "authorization: Bearer %s"\\n' "$_omserver_token" | curl -K - -sS --max-time 20 \\
    -H 'content-type: application/octet-stream' -o /dev/null -w '%{http_code}' \\
    --data-binary @sending "$_omserver_url/api/v1/shell-commands")
  # What the server calls unreadable would be so for ever.
  [ "$answer" = 200 ] || [ "$answer" = 400 ] || [ "$answer" = 413 ]
}

if [ -n "\${ZSH_VERSION-}" ]; then
  _omserver_preexec() { _omserver_note "$1"; }
  autoload -Uz add-zsh-hook && add-zsh-hook preexec _omserver_preexec
else
  _omserver_prompt() {
    local status=$? line
    line=$(HISTTIMEFORMAT= builtin history 1)
    if [[ $line =~ ^[[:space:]]*([0-9]+)[*[:space:]]+(.*)$ ]]; then
      if [ -n "\${_omserver_last-}" ] && [ "\${BASH_REMATCH[1]}" != "$_omserver_last" ]; then
        _omserver_note "\${BASH_REMATCH[2]}"
      fi
      _omserver_last=\${BASH_REMATCH[1]}
    else
      _omserver_last=0
    fi
    return $status
  }
  PROMPT_COMMAND="_omserver_prompt\${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
fi
fi
`;
