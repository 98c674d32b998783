import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

export type Operation = "run" | "look" | "fetch" | "end" | "drop" | "compare" | "put";

const always = ["base", "folder"] as const;
const task = ["account", "program"] as const;

/** The parts of on-minion/ that an order needs: every minion compiles them in every job, so it gets no others. */
const parts: Readonly<Record<Operation | "run file", readonly string[]>> = {
  run: [...always, ...task, "ending", "run"],
  "run file": [...always, ...task, "file", "ending", "run"],
  look: [...always, "look"],
  fetch: [...always, "look"],
  end: [...always, "ending", "end"],
  drop: [...always, "drop"],
  compare: [...always, ...task, "file", "content"],
  put: [...always, ...task, "file", "content"],
};

const made = new Map<string, string>();

/** The program for an order, compressed and in base64. */
export function programFor(operation: Operation, kind: unknown): string {
  const name = operation === "run" && kind === "file" ? "run file" : operation;
  const known = made.get(name);
  if (known !== undefined) return known;
  const texts = [...parts[name], "main"].map((part) =>
    readFileSync(new URL(`./on-minion/${part}.py`, import.meta.url), "utf8"),
  );
  const program = deflateSync(texts.join("\n\n"), { level: 9 }).toString("base64");
  made.set(name, program);
  return program;
}
