// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import { randomBytes } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { reasonText } from "../../contract/reasons.ts";
import type { SaltReturn } from "./jobs.ts";
import { oneLine } from "./one-line.ts";
import { type Operation, programFor } from "./programs.ts";
import { asRecord } from "./record.ts";
import type { MadeCall } from "./sendings.ts";

/**
 * What the engine has the programs in on-minion/ do on a minion, and what that answers. It goes by `cmd.run_all` without a shell: the
 * command line is constant, and program and order travel on stdin as compressed JSON in base64. So nothing of them is
 * ever read by a shell, by YAML or by Jinja, stands in a process list, or meets a limit on arguments.
 */
export type Order = Readonly<Record<string, unknown>> & { readonly do: Operation };

const boot =
  'import sys,binascii,zlib;n=lambda:zlib.decompress(binascii.a2b_base64(sys.stdin.buffer.readline()));exec(compile(n(),"omserver","exec"),{"TEXT":n().decode(),"REST":[n]})';

/**
 * The minion's own Python: this shell's parent runs on it. Its path stands in the first line of the parent's `maps`, which
 * a shell reads without another process; else a link tells it. Where it is none (or was replaced and is not there any
 * more), one that packages of Salt or the system bring.
 */
const findPython = [
  'om() { case ${1##*/} in python3*) [ -x "$1" ] && exec "$1" -I -S -c "$2"; esac; }',
  '{ read -r p p p p p p <"/proc/$PPID/maps" && [ "$p" -ef "/proc/$PPID/exe" ]; } 2>/dev/null && om "$p" "$1"',
  'om "$(readlink "/proc/$PPID/exe" 2>/dev/null)" "$1"',
  'for p in /opt/saltstack/salt/bin/python3 python3 /usr/libexec/platform-python; do command -v "$p" >/dev/null 2>&1 && exec "$p" -I -S -c "$1"; done',
  'echo "omserver: no Python 3 was found on this host" >&2',
  "exit 125",
].join("; ");

export function newNonce(): string {
  return randomBytes(12).toString("hex");
}

export function minionCall(order: Order): MadeCall {
  const { now, later } = programFor(order.do, order.kind);
  const text = deflateSync(JSON.stringify(order)).toString("base64");
  return {
    fun: "cmd.run_all",
    kwarg: {
      cmd: ["/bin/sh", "-c", findPython, "omserver", boot],
      stdin: `${now}\n${text}\n${later}\n`,
      python_shell: false,
      // Neither the command nor what it prints goes to the minion's log.
      output_loglevel: "quiet",
      // Or Salt takes the host's language from the task.
      reset_system_locale: false,
      ignore_retcode: true,
    },
  };
}

export type Answer =
  | { readonly kind: "answer"; readonly value: Readonly<Record<string, unknown>> }
  /** Surely nothing was run; why. */
  | { readonly kind: "refused"; readonly reason: string }
  /** What came back tells nothing of what was run. */
  | { readonly kind: "lost"; readonly reason: string };

/** Reads what a minion returned for {@link minionCall}. */
export function readAnswer(answer: SaltReturn): Answer {
  const { value } = answer;
  if (answer.trimmed) return { kind: "lost", reason: reasonText("salt_answer_cut") };
  if (typeof value === "string")
    return { kind: "refused", reason: reasonText("salt_not_run", { detail: oneLine(value) }) };
  const { stdout, stderr, retcode } = asRecord(value);
  const line =
    typeof stdout === "string" ? stdout.split("\n").find((each) => each.startsWith("omserver {")) : undefined;
  const said = typeof stderr === "string" ? oneLine(stderr.slice(-1000)) : "";
  if (line === undefined) {
    if (retcode === 125 || retcode === 126 || retcode === 127) return { kind: "refused", reason: said };
    return { kind: "lost", reason: said === "" ? reasonText("salt_not_ours") : said };
  }
  const parsed = parse(line.slice("omserver ".length));
  if (parsed === undefined) return { kind: "lost", reason: reasonText("salt_damaged") };
  const found = asRecord(parsed);
  if (typeof found.refused === "string") return { kind: "refused", reason: oneLine(found.refused) };
  if (typeof found.broken === "string") return { kind: "lost", reason: oneLine(found.broken) };
  return { kind: "answer", value: found };
}

/** A piece of output as on-minion/ packs it; undefined when it is not one of at most so many bytes. */
export interface Piece {
  readonly at: number;
  readonly data: Uint8Array;
}

export function readPiece(value: unknown, mostBytes: number): Piece | undefined {
  const { at, bytes, data, raw } = asRecord(value);
  if (!isCount(at) || !isCount(bytes) || bytes > mostBytes) return undefined;
  if (bytes === 0) return { at, data: new Uint8Array() };
  if (typeof raw === "string") {
    const whole = Buffer.from(raw, "base64");
    return whole.length === bytes ? { at, data: whole } : undefined;
  }
  if (typeof data !== "string") return undefined;
  try {
    const inflated = inflateSync(Buffer.from(data, "base64"), { maxOutputLength: mostBytes });
    return inflated.length === bytes ? { at, data: inflated } : undefined;
  } catch {
    return undefined;
  }
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
