import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

export type Operation = "run" | "look" | "fetch" | "end" | "drop" | "compare" | "put";

const always = ["base", "folder"] as const;
const task = ["account", "program"] as const;

interface Parts {
  /** Compiled by every minion in every job of this kind, so it gets no others. */
  readonly now: readonly string[];
  /** Compiled when it is needed, see `rest()`. */
  readonly later: readonly string[];
}

/** The parts of on-minion/ that an order needs. */
const parts: Readonly<Record<Operation | "run file", Parts>> = {
  run: { now: [...always, ...task, "run"], later: ["search", "ending", "fork", "aside"] },
  "run file": { now: [...always, ...task, "fork", "file", "run"], later: ["search", "ending", "aside"] },
  look: { now: [...always, "search", "look"], later: [] },
  fetch: { now: [...always, "search", "look"], later: [] },
  end: { now: [...always, "search", "ending", "end"], later: [] },
  drop: { now: [...always, "drop"], later: ["search"] },
  compare: { now: [...always, ...task, "fork", "file", "content"], later: [] },
  put: { now: [...always, ...task, "fork", "file", "content"], later: [] },
};

export interface Program {
  /** Compressed and in base64. */
  readonly now: string;
  readonly later: string;
}

const made = new Map<string, Program>();

/** The program for an order. */
export function programFor(operation: Operation, kind: unknown): Program {
  const name = operation === "run" && kind === "file" ? "run file" : operation;
  const known = made.get(name);
  if (known !== undefined) return known;
  const { now, later } = parts[name];
  const program = { now: packed([...now, "main"]), later: packed(later) };
  made.set(name, program);
  return program;
}

function packed(names: readonly string[]): string {
  const texts = names.map((part) => readFileSync(new URL(`./on-minion/${part}.py`, import.meta.url), "utf8"));
  return deflateSync(bare(texts.join("\n\n")), { level: 9 }).toString("base64");
}

/** Without comments and docstrings: every job carries the text, and so does every minion's return of it. */
function bare(text: string): string {
  return text.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/^( *)""".*?"""\n/gms, "$1pass\n");
}
