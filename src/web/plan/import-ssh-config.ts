import { reasonText } from "../../contract/reasons.ts";
import {
  checkField,
  type ImportedFields,
  type ImportRow,
  type ParsedImport,
  type RefusedRow,
  startOf,
} from "./import-row.ts";
import { blocksOf, type HostBlock, type HostOptions, optionsFinder } from "./ssh-config-options.ts";
import { type ConfigWord, configLines } from "./ssh-config-text.ts";

/**
 * Hosts from an OpenSSH client configuration. Every plain name after `Host` is a host; its HostName becomes the inner
 * address, and HostName, Port, User and ProxyJump are what ssh itself would use (ssh_config(5): the first value found
 * wins, also from patterns and `Host *`). A ProxyJump that names another host of the file becomes that host's address.
 * IdentityFile is noted, for keys live in credentials. Refused, each with its reason: patterns as hosts, Match, Include,
 * hosts that are reached by ProxyCommand, and values that the inventory does not take.
 */
export function parseSshConfigHosts(text: string): ParsedImport {
  const refused: RefusedRow[] = [];
  const blocks = blocksOf(configLines(text), refused);
  const names = plainNames(blocks, refused);
  const config: Config = { names, optionsOf: optionsFinder(blocks) };
  const rows: ImportRow[] = [];
  for (const [name, place] of names) {
    const row = rowOf(config, name, place);
    if ("reason" in row) refused.push(row);
    else rows.push(row);
  }
  return { rows, refused: refused.sort((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0)) };
}

type Place = ConfigWord & { readonly line: number };

interface Config {
  readonly names: ReadonlyMap<string, Place>;
  readonly optionsOf: (name: string) => HostOptions;
}

/** The names that stand without wildcards, each at its first place. Patterns are refused as hosts; `*` and `!x` are none. */
function plainNames(blocks: readonly HostBlock[], refused: RefusedRow[]): Map<string, Place> {
  const names = new Map<string, Place>();
  for (const block of blocks) {
    for (const word of block.patterns) {
      if (word.text === "*" || word.text.startsWith("!")) continue;
      if (/[*?]/.test(word.text)) {
        const reason = reasonText("ssh_pattern");
        refused.push({ line: block.line, column: word.column, text: startOf(word.text), reason });
      } else if (!names.has(word.text)) {
        names.set(word.text, { ...word, line: block.line });
      }
    }
  }
  return names;
}

function rowOf(config: Config, name: string, place: Place): ImportRow | RefusedRow {
  function refuse(reason: string, at: Place | undefined = place): RefusedRow {
    return { line: at.line, column: at.column, text: startOf(name), reason };
  }
  const checkedName = checkField("name", name);
  if ("problem" in checkedName) return refuse(reasonText("ssh_name", { fault: checkedName.problem }));
  const options = config.optionsOf(name);
  const { proxycommand: command, proxyjump: jump } = options.first;
  if (command !== undefined && command.text !== "none" && (jump === undefined || command.order < jump.order)) {
    return refuse(reasonText("ssh_proxy_command"), command);
  }
  const fields: { -readonly [Field in keyof ImportedFields]?: ImportedFields[Field] } = {};
  const address = addressOf(name, options);
  if (address === undefined) return refuse(reasonText("ssh_token"), options.first.hostname);
  const jumps = jumpsOf(config, name, []);
  if (typeof jumps === "object") return refuse(jumps.problem, jump);
  const port = options.first.port?.text;
  const given = [
    ["innerAddress", address, options.first.hostname],
    ["port", port !== undefined && /^\d{1,5}$/.test(port) ? Number(port) : port, options.first.port],
    ["user", options.first.user?.text, options.first.user],
    ["proxyJump", jumps, jump],
    ["note", identityNote(options), options.identityFiles[0]],
  ] as const;
  for (const [field, value, at] of given) {
    if (value === undefined) continue;
    const checked = checkField(field, value);
    if ("problem" in checked) return refuse(`${field}: ${checked.problem}.`, at);
    Object.assign(fields, { [field]: checked.value });
  }
  return { line: place.line, column: place.column, name, fields };
}

/** Where ssh connects: HostName with its tokens filled in, else the name itself. */
function addressOf(name: string, { first }: HostOptions): string | undefined {
  const text = (first.hostname?.text ?? "%h").replace(/%[h%]/g, (token) => (token === "%h" ? name : "\0"));
  return text.includes("%") ? undefined : text.replaceAll("\0", "%");
}

function identityNote({ identityFiles }: HostOptions): string | undefined {
  return identityFiles.length === 0 ? undefined : `IdentityFile ${identityFiles.map(({ text }) => text).join(", ")}`;
}

/** ProxyJump with hosts of this file replaced by how they are reached, their own jump hosts before them. */
function jumpsOf(config: Config, name: string, before: readonly string[]): string | undefined | { problem: string } {
  const option = config.optionsOf(name).first.proxyjump;
  if (option === undefined || option.text === "none") return undefined;
  const jumps: string[] = [];
  for (const part of option.text.split(",")) {
    const match = /^(?:ssh:\/\/)?(?:([^@]*)@)?([^:@[\]]+)(?::(\d+))?$/.exec(part.trim());
    const alias = match?.[2] ?? "";
    if (match === null || !config.names.has(alias)) {
      jumps.push(part.trim());
      continue;
    }
    if (alias === name || before.includes(alias))
      return { problem: reasonText("ssh_jump_circle", { host: startOf(alias) }) };
    if (before.length >= 8) return { problem: reasonText("ssh_jump_many") };
    const outer = jumps.length > 0 ? undefined : jumpsOf(config, alias, [...before, name]);
    if (typeof outer === "object") return outer;
    const options = config.optionsOf(alias);
    const address = addressOf(alias, options) ?? alias;
    const user = match[1] ?? options.first.user?.text;
    const port = match[3] ?? options.first.port?.text ?? "22";
    const host = address.includes(":") ? `[${address}]` : address;
    if (outer !== undefined) jumps.push(outer);
    jumps.push(`${user === undefined ? "" : `${user}@`}${host}${port === "22" ? "" : `:${port}`}`);
  }
  return jumps.join(",");
}
