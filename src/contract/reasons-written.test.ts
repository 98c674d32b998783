import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { expect, it } from "vitest";

/**
 * What people read in the console is written by its code: a literal sentence there is one that nobody can tell in another
 * language. Which files speak to people, and which words of theirs do not reach the console, stands here.
 */
const folders = ["web/http", "web/plan", "web/dispatch", "web/live", "web/store", "modules", "controller", "engines"];
/** Read by who starts or installs OMServer, on a terminal; or never told to a person. */
const onTerminals =
  /store\/(?:backup|migrate|database|run-apply|run-create)|modules\/folder|controller\/(?:enrol|host-keys|spool)|sealing-key|engines\/mock|job\/thread-entry|attach-controller|\.test\.ts$|migrations/;

const source = join(import.meta.dirname, "..");
const files = folders.flatMap((folder) =>
  readdirSync(join(source, folder), { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith(".ts") && !onTerminals.test(path)),
);

it.each(files)("says what it refuses by a code of the catalogue: %s", (path) => {
  expect(literalSentences(readFileSync(join(source, path), "utf8"), path)).toEqual([]);
});

it("would find a sentence without a code", () => {
  const literal = 'throw new OmError("access.denied", "You may not do that.");';
  const template = 'const refusal = { place: "/a", message: `must be $' + "{x} or more` };";
  const coded = 'throw new OmError("access.denied", reasonText("not_signed_in"));';
  expect(literalSentences(literal, "a.ts")).toEqual(["You may not do that."]);
  expect(literalSentences(template, "a.ts")).toEqual(["must be … or more"]);
  expect(literalSentences(coded, "a.ts")).toEqual([]);
});

type Node = { readonly type: string; readonly [key: string]: unknown };

const readProperties = new Set(["message", "reason", "mend", "warning"]);

/** Sentences given to `OmError` as they are, or to a property that people read. */
function literalSentences(text: string, name: string): readonly string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    const sentence = textOf(value as Node | undefined);
    if (sentence !== undefined && /\p{L}{2,}.* .*\p{L}{2,}/u.test(sentence)) found.push(sentence);
  };
  walk(parseSync(name, text, { lang: "ts" }).program, (node) => {
    if (node.type === "NewExpression" && (node.callee as Node).name === "OmError") look((node.arguments as Node[])[1]);
    if (node.type === "Property" && readProperties.has(String((node.key as Node).name))) {
      look(node.value);
    }
  });
  return found;
}

function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral") return undefined;
  return (node.quasis as { readonly value: { readonly cooked: string } }[]).map(({ value }) => value.cooked).join("…");
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit);
  } else if (typeof node === "object" && node !== null && "type" in node) {
    visit(node as Node);
    for (const value of Object.values(node)) walk(value, visit);
  }
}
