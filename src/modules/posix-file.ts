// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import type { Task } from "../contract/engine.ts";
import { begin, type ProgramOptions, quoteInLine, replaceShell } from "./posix-words.ts";

type FileTask = Extract<Task, { kind: "file" }>;

/**
 * Puts a file in its place: content into a private file beside it, checked by SHA-256 on the host, owner and mode set,
 * the old one kept if asked, then an atomic rename. What is there already with the same content is not written again.
 */
export function fileStatements(task: FileTask, options: ProgramOptions): string[] {
  const { nonce } = options;
  const owner = task.owner === undefined && task.group === undefined ? "" : ownerText(task);
  const after = task.after ?? [];
  const runAfter =
    after.length === 0
      ? "exit 0"
      : `exec </dev/null; set -- ${after.map(quoteInLine).join(" ")}; ${replaceShell(options)}`;
  // Behind the content the input is the claim's.
  const content = options.claimed === true ? `head -c ${task.bytes}` : "cat";
  return [
    ...begin("work", options),
    `om_d=${quoteInLine(task.destination)}`,
    `om_t="\${om_d%/*}/.omserver-${nonce}"`,
    "om_made=",
    `om_pass() { printf '%s pass\\n' ${nonce} >&2; }`,
    `om_fail() { printf '%s\\n' "$1" >&2; [ -z "$om_made" ] || rm -f "$om_t"; exit 1; }`,
    `trap '[ -z "$om_made" ] || rm -f "$om_t"; exit 143' HUP INT TERM`,
    `om_set() { ${[
      ...(owner === "" ? [] : [`chown ${quoteInLine(owner)} "$1" || om_fail "The owner of $om_d could not be set."`]),
      ...(task.mode === undefined ? [] : [`chmod ${task.mode} "$1" || om_fail "The mode of $om_d could not be set."`]),
      ":",
    ].join("; ")}; }`,
    "if command -v sha256sum >/dev/null 2>&1; then om_h=sha256sum; elif command -v shasum >/dev/null 2>&1; then om_h='shasum -a 256'; elif command -v openssl >/dev/null 2>&1; then om_h='openssl dgst -sha256 -r'; else om_pass; om_fail 'This host has none of sha256sum, shasum and openssl, so the file cannot be checked. Install one.'; fi",
    'om_sum() { om_s=$($om_h <"$1") && om_s=${om_s%% *}; }',
    '[ -d "${om_d%/*}/" ] || { om_pass; om_fail "There is no folder ${om_d%/*}/ on this host, or the account may not enter it."; }',
    '[ ! -d "$om_d" ] || { om_pass; om_fail "$om_d is a folder."; }',
    // Same content: owner and mode are still brought to what was asked.
    `if [ -f "$om_d" ] && [ ! -L "$om_d" ] && om_sum "$om_d" && [ "$om_s" = ${task.sha256} ]; then om_pass; om_a=$(ls -ldn "$om_d"); om_set "$om_d"; if [ "$om_a" = "$(ls -ldn "$om_d")" ]; then printf '%s\\n' "unchanged: $om_d"; ${task.afterAlways ? runAfter : "exit 0"}; fi; printf '%s\\n' "owner and mode set: $om_d"; ${runAfter}; fi`,
    `printf '%s content\\n' ${nonce} >&2`,
    // Before it is made: a signal that comes while that is done is answered right behind it. Nobody else knows the name.
    "om_made=1",
    `(umask 077; set -C; : >"$om_t") || om_fail "No file can be made in \${om_d%/*}/."`,
    `if [ -f "$om_d" ]; then cp -p "$om_d" "$om_t" || om_fail "$om_d cannot be read."; fi`,
    `${content} >"$om_t" || om_fail "The content could not be written beside $om_d."`,
    'om_sum "$om_t" || om_fail "The content beside $om_d cannot be read back."',
    `[ "$om_s" = ${task.sha256} ] || om_fail "The content arrived cut or damaged (SHA-256 $om_s); $om_d was left as it was."`,
    ...(task.mode === undefined ? ['[ -f "$om_d" ] || chmod 0644 "$om_t"'] : []),
    'om_set "$om_t"',
    "om_k=",
    ...(task.keepOld
      ? [
          `if [ -e "$om_d" ] || [ -L "$om_d" ]; then om_b="$om_d.$(date -u +%Y%m%dT%H%M%SZ)~"; while [ -e "$om_b" ]; do sleep 1; om_b="$om_d.$(date -u +%Y%m%dT%H%M%SZ)~"; done; ln "$om_d" "$om_b" 2>/dev/null || cp -p "$om_d" "$om_b" || om_fail "The old $om_d could not be kept as $om_b."; om_k=", old one kept as $om_b"; fi`,
        ]
      : []),
    'mv -f "$om_t" "$om_d" || om_fail "$om_d could not be replaced."',
    "trap - HUP INT TERM",
    `printf '%s\\n' "written: $om_d (${task.bytes} bytes, SHA-256 ${task.sha256.slice(0, 12)}…$om_k)"`,
    runAfter,
  ];
}

function ownerText(task: FileTask): string {
  return task.group === undefined ? (task.owner ?? "") : `${task.owner ?? ""}:${task.group}`;
}
