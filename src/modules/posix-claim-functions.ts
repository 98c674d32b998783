// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import { readLoop } from "./posix-words.ts";

/**
 * What a shell of ours knows of claims (posix-claim.ts) from its own command line, so that it need not read it byte by
 * byte: without `'`, `!`, `\\` and line breaks, like all of that line.
 *
 * Between command and connection stands `tee`: it goes on when the connection is lost, and writes at most the limit.
 * Descriptors 7 and 8 are the channel's stdout and stderr, 9 and 3 the pipes of the command's stdout and stderr, 4 and 5
 * their other ends.
 *
 * A host pays for each process that this starts and for each byte that its shell reads of it, a run for all of its hosts.
 */

/** Claims that nobody fetched are removed when they are older than so many days. */
const keptDays = 7;

/**
 * Enters the folder of claims. The account's home first, then /var/tmp for accounts without a home that can be written:
 * both outlive a restart, and no variable of the session has a say, so that every session finds the same place. /var/tmp
 * belongs to everybody: only a real folder of our own at that very path will do, and once we stand in it nobody can
 * exchange it. `$om_m` is `mkdir`, or `false` to only look.
 */
const homeFolder = '"$HOME/.local/state/omserver"';
const places = [
  'om_at() { cd -P "$1" 2>/dev/null && [ -O . ] && [ -w . ]; }',
  `om_home() { om_at ${homeFolder} || { $om_m -p -m 700 ${homeFolder} 2>/dev/null && om_at ${homeFolder}; }; }`,
  'om_tmp() { cd -P /var/tmp 2>/dev/null && om_t=$PWD/omserver-${LOGNAME:-$(id -un)} && { $om_m -m 700 "$om_t" 2>/dev/null; om_at "$om_t" && [ "$PWD" = "$om_t" ]; }; }',
];

/** Whether the wrapper `$om_p` of the claim `$1` lives. */
const alive =
  'om_alive() { [ -n "$om_p" ] && if [ -d /proc/self ]; then [ "/proc/$om_p/fd/6" -ef "$1" ]; else kill -0 "$om_p" 2>/dev/null; fi; }';

const removeOld = `om_old() { find . -name . -o -type d -prune -o -name "*.b" -mtime +${keptDays} -print 2>/dev/null | while read -r om_d; do om_p=; read -r om_p om_q <"$om_d"; om_alive "$om_d" || rm -f "\${om_d%b}"*; done; }`;

/** So many settled claims a shell leaves until it removes them. */
const forgottenAtOnce = 8;

const signals = "HUP INT QUIT TERM PIPE XFSZ";

/**
 * The functions of a claim. They go by `$om_i` (the claim's name), `$om_N` (the nonce), `$om_h` (where the command is to
 * run), `$om_B` (the output limit in blocks), `$om_F` (set: the command is fed from `$om_s`), `$om_K` (set: the shell goes on)
 * and the function `om_task`, which is the command itself.
 *
 * `om_pipes` makes the two pipes without a process: a here-document of one empty line is one in dash, busybox and bash (from
 * 5.1 on; it was a file before), and Linux opens its other end by name. Elsewhere pipelines make them, with two forks more.
 *
 * `om_watch` runs it with tees, tells exit code or signal, and waits for the word that it is settled; then the shell may take
 * another program, forgetting what this one was given. It never does where the command had an input: what is left of one
 * that was not read to its end must not be taken for a program. A shell says on its own stderr when a signal ended the command, and
 * that is how 143 and TERM are told apart; of INT and PIPE shells say nothing, so these look like exit codes.
 */
function claimFunctions(): string[] {
  const run = "( om_sub ) 2>&3 >&9 3>&- 8>&- 9>&-";
  return [
    ...places,
    alive,
    removeOld,
    'om_say() { echo "$om_N $1"; exit 0; }',
    'om_claim() { om_m=mkdir; om_home || om_tmp || om_say bare; set -C; { command exec 6>"$om_i.b"; } 2>/dev/null || { [ -e "$om_i.b" ] && om_say taken; om_say bare; }; set +C; echo "$$ $PPID $om_N" >&6 || { rm -f "$om_i.b"; om_say bare; }; }',
    'om_tee() { ulimit -f $om_B 2>/dev/null; exec tee "$om_i.$1" /dev/null 2>/dev/null 3>&- 4<&- 5<&- 6>&- 7>&- 8>&- 9>&-; }',
    `om_sub() { ${[
      `trap - ${signals}`,
      'cd -P /proc/self 2>/dev/null; om_p=${PWD##*/}; case $om_p in [1-9]*) ;; *) om_p=$(exec /bin/sh -c "echo $"PPID);; esac',
      'echo "$om_p" >&6',
      'cd "$om_h" 2>/dev/null || cd /',
      "om_task",
    ].join("; ")}; }`,
    `om_end() { ${[
      "om_x=$1; om_y=c",
      // Beside what is known to stand in the claim there is only what the shell said of a signal.
      '[ $1 -le 128 ] || while read -r om_r; do case $om_r in [0-9]*) ;; *) om_y=s; esac; done <"$om_i.b"',
      "[ $om_y = c ] || om_x=$(kill -l $(($1 - 128)))",
      'echo "x $om_y$om_x" >&6',
      'echo "$om_N exit $om_y$om_x" >&7',
    ].join("; ")}; }`,
    `om_settled() { ${[
      'IFS= read -r om_l; [ "$om_l" = om:settled ] || exit 0',
      'case $om_K${om_D:=$PWD} in 1"$PWD") ;; *) om_remove "$om_i"; return;; esac',
      'echo s >&6; if [ -s "$om_i.o" ]; then : >"$om_i.o"; fi; if [ -s "$om_i.e" ]; then : >"$om_i.e"; fi',
      `om_R="$om_R $om_i"; om_C=$((om_C + 1)); trap om_forget EXIT; [ $om_C -lt ${forgottenAtOnce} ] || om_forget`,
    ].join("; ")}; }`,
    'om_forget() { cd "$om_D" 2>/dev/null || return 0; om_remove $om_R; om_R= om_C=0; }',
    `om_remove() { ${[
      'for om_d in "$@"; do shift; set -- "$@" "$om_d.b" "$om_d.o" "$om_d.e" "$om_d.a"; done; rm -f "$@"',
      // What others left behind: where there is something, about every eighth shell has a look.
      'set -- *.b; if [ -e "$1" ] && [ $(($$ % 8)) -eq 0 ]; then om_old; fi',
    ].join("; ")}; }`,
    `om_run() { if [ -n "$om_F" ]; then printf %b "$om_s" 2>/dev/null | ${run}; else ${run}; fi; om_end $?; }`,
    `om_pipes() { ${[
      "case $BASH_VERSION in [1-4].*|5.0*) return 1;; esac",
      "om_n=${IFS#??}; case $om_n in [[:space:]]) ;; *) return 1;; esac",
      'eval "exec 4<<x 5<<x${om_n}${om_n}x${om_n}${om_n}x$om_n" && [ -p /proc/self/fd/4 ] && [ -p /proc/self/fd/5 ] || return 1',
      "read -r om_r <&4 && read -r om_r <&5 && command exec 3>/proc/self/fd/5 9>/proc/self/fd/4",
    ].join("; ")}; }`,
    `om_watch() { ${[
      // bash says how a command ended only outside of its POSIX mode.
      '[ -z "$BASH_VERSION" ] || set +o posix',
      "exec 7>&1 8>&2 2>/dev/null",
      `trap "" ${signals}`,
      "if om_pipes; then om_tee o <&4 >&7 & om_tee e <&5 >&8 & exec 4<&- 5<&-; om_run 2>&6; exec 3>&- 9>&-; wait",
      "else exec 4<&- 5<&-; { om_run 2>&6 3>&1 | om_tee e >&8; } 9>&1 | om_tee o; fi",
      "echo d >&6",
      'if [ -s "$om_i.e" ]; then echo "$om_N done" >&8; echo "$om_N done both"; else echo "$om_N done"; fi',
      "om_settled",
      'cd "$om_h" 2>/dev/null || cd /',
      `trap - ${signals}; exec 2>&8 6>&- 7>&- 8>&-`,
      "om_task() { :; }; om_again=$om_K",
    ].join("; ")}; }`,
  ];
}

/** The arguments and the command of a reader that knows claims: all programs of posix-claim.ts are for it. */
export const claimReaderArguments = ["-c", `${claimFunctions().join("; ")}; ${readLoop}`] as const;
export const claimReaderCommand = `exec /bin/sh -c '${claimReaderArguments[1]}'`;
