import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { en } from "./en.ts";
import { enScenes } from "./en-scenes.ts";
import { createFormat } from "./format.ts";
import { zh } from "./zh.ts";
import { zhScenes } from "./zh-scenes.ts";

const consoleFolder = join(import.meta.dirname, "..");
const plural = /_(?:one|other)$/;

describe("the dictionaries", () => {
  const english = new Map([...flatten(en), ...flatten(enScenes)]);
  const chinese = new Map([...flatten(zh), ...flatten(zhScenes)]);

  it("have the same texts; only the English singular is English alone", () => {
    const keys = (texts: ReadonlyMap<string, string>) =>
      [...texts.keys()].filter((key) => !key.endsWith("_one")).sort();
    expect(keys(chinese)).toEqual(keys(english));
    for (const key of english.keys()) {
      if (key.endsWith("_one")) expect(english.has(key.replace(/_one$/, "_other")), key).toBe(true);
    }
  });

  it("fill the same places in both languages", () => {
    for (const [key, text] of chinese) expect([key, placesOf(text)]).toEqual([key, placesOf(english.get(key) ?? "")]);
  });

  it("are each in their own language, and say something", () => {
    const sameInBoth =
      /^(?:output\.std|inventory\.(?:csv|ssh_config)$|run\.exportAs\.csv|.*\.sha256$|operate\.queryPlaceholder|run\.elapsed|credentials\.kinds\.agent)/;
    for (const [key, text] of chinese) {
      expect(text.trim(), key).not.toBe("");
      if (!sameInBoth.test(key)) expect(text, key).toMatch(/[\u4e00-\u9fff]|\{\{/);
      expect(english.get(key), key).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  it("hold no text that no page uses", () => {
    const used = readdirSync(consoleFolder, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("i18n") && !path.endsWith(".test.ts"))
      .map((path) => readFileSync(join(consoleFolder, path), "utf8"))
      .join("\n");
    const patterns = keysIn(used);
    const unused = [...english.keys()]
      .map((key) => key.replace(plural, ""))
      .filter((key) => !patterns.some((pattern) => pattern.test(key)));
    expect(unused).toEqual([]);
  });

  it("have no text twice in their two parts", () => {
    expect(Object.keys(enScenes).filter((key) => key in en)).toEqual([]);
    expect(Object.keys(zhScenes).filter((key) => key in zh)).toEqual([]);
  });
});

describe("the texts of the first look", () => {
  const scenes = [...flatten(enScenes).keys()].map((key) => key.replace(plural, ""));

  it("suffice for whatever is loaded without those of the scenes", () => {
    const first = loadedFirst("main.tsx");
    expect(first).toContain("scenes/operate/operate.tsx");
    expect(first).not.toContain("scenes/run/run-card.tsx");
    for (const path of first) {
      expect({ path, texts: textsOf(path, scenes) }).toEqual({ path, texts: [] });
    }
  });

  it("would be found out not to", () => {
    expect(textsOf("scenes/run/run-card.tsx", scenes)).not.toEqual([]);
  });
});

describe("the pages", () => {
  const files = readdirSync(consoleFolder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".tsx"),
  );

  it.each(files)("have no text of their own: %s", (path) => {
    expect(hardCodedTexts(readFileSync(join(consoleFolder, path), "utf8"), path)).toEqual([]);
  });

  it("would be found out with one", () => {
    expect(hardCodedTexts("const a = <p title='Hello'>World {'again'}</p>;", "a.tsx")).toEqual([
      "Hello",
      "World",
      "again",
    ]);
    expect(hardCodedTexts("const a = <p className='x'>{t('a.b')} · {count} × v{n}</p>;", "a.tsx")).toEqual([]);
  });
});

describe("dates and numbers", () => {
  const chinese = createFormat("zh", "Asia/Shanghai");
  const english = createFormat("en", "UTC");

  it("are written as each language does", () => {
    expect(english.dateTime(0)).toBe("01 Jan 1970, 00:00:00");
    expect(chinese.dateTime(0)).toBe("1970/01/01 08:00:00");
    expect(english.dayTime(0)).toBe("01 Jan, 00:00");
    expect(chinese.dayTime(0)).toBe("01/01 08:00");
    expect(english.number(1_234_567)).toBe("1,234,567");
    expect(english.ago(0, 180_000)).toBe("3 minutes ago");
    expect(chinese.ago(0, 7_200_000)).toBe("2小时前");
    expect(english.percent(0.5)).toBe("50%");
  });

  it("name durations by their two largest units, and sizes by powers of 1,024", () => {
    expect([0, 420, 1_000, 12_345, 185_000, 7_380_000].map(english.duration)).toEqual([
      "0 ms",
      "420 ms",
      "1.0 s",
      "12 s",
      "3 min 05 s",
      "2 h 03 min",
    ]);
    expect(chinese.duration(185_000)).toBe("3 分 05 秒");
    expect([0, 1, 1_000].map(english.took)).toEqual(["< 1 ms", "1 ms", "1.0 s"]);
    expect(chinese.took(0)).toBe("< 1 毫秒");
    expect([0, 1_023, 1_024, 1_536_000, 2 ** 41].map(english.bytes)).toEqual([
      "0 B",
      "1,023 B",
      "1 KiB",
      "1.5 MiB",
      "2 TiB",
    ]);
  });
});

/** Files that may run before the texts of the scenes are there: without those that are loaded by `withSceneTexts`. */
function loadedFirst(from: string): readonly string[] {
  const found = new Set([from]);
  for (const path of found) {
    const source = readFileSync(join(consoleFolder, path), "utf8").replaceAll(
      /withSceneTexts\(\s*\(\) => import\("[^"]+"\)/g,
      "",
    );
    for (const [, imported = ""] of source.matchAll(/(?:from |import\()"(\.[^"]+\.tsx?)"/g)) {
      const next = join(dirname(path), imported);
      if (!next.startsWith("..") && !next.startsWith("i18n")) found.add(next);
    }
  }
  return [...found];
}

/** Which of the keys the file names as a text to translate. */
function textsOf(path: string, keys: readonly string[]): readonly string[] {
  const patterns = keysIn(readFileSync(join(consoleFolder, path), "utf8").replaceAll(/\bcan\("[a-z.]+"\)/g, ""));
  return keys.filter((key) => patterns.some((pattern) => pattern.test(key)));
}

/** A pattern for each text between quotes that may be a key; what is put into it while the page runs may be any word. */
function keysIn(source: string): readonly RegExp[] {
  return [...source.matchAll(/["'`]((?:[a-zA-Z]+\.)[a-zA-Z0-9_.]*(?:\$\{[^`]*?\}[a-zA-Z0-9_.]*)*)["'`]/g)].map(
    ([, key = ""]) => new RegExp(`^${key.replaceAll(".", "\\.").replace(/\$\{[^`]*?\}/g, "[a-zA-Z0-9_.-]+")}$`),
  );
}

interface Texts {
  readonly [key: string]: string | Texts;
}

function flatten(texts: Texts, path = ""): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]): [string, string][] =>
      typeof value === "string" ? [[path + key, value]] : [...flatten(value, `${path}${key}.`)],
    ),
  );
}

function placesOf(text: string): readonly string[] {
  return [...text.matchAll(/\{\{(\w+)(?:, number)?\}\}/g)].map(([, name = ""]) => name).sort();
}

/** Attributes whose values people read. */
const readAttributes = new Set(["title", "label", "placeholder", "description", "alt", "aria-label", "text", "action"]);
/** What stands in code and in both languages alike: names of things, samples of syntax. */
const allowed = new Set(["OMServer", "df -h /", "ops@bastion.example.com:22", "v"]);

/** Words in JSX text, in attributes that people read, and in texts between braces. */
function hardCodedTexts(source: string, name: string): readonly string[] {
  const found: string[] = [];
  const look = (text: unknown): void => {
    if (typeof text !== "string" || !/\p{L}{2,}|\p{Script=Han}/u.test(text) || allowed.has(text.trim())) return;
    found.push(text.trim());
  };
  walk(parseSync(name, source, { lang: "tsx" }).program, (node) => {
    if (node.type === "JSXText") look(node.value);
    if (node.type === "JSXAttribute" && readAttributes.has(attributeName(node))) look(literal(node.value));
    if (node.type === "JSXExpressionContainer" && node.expression !== null) look(literal(node.expression));
  });
  return [...new Set(found)];
}

type Node = { readonly type: string; readonly [key: string]: unknown };

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit);
  } else if (typeof node === "object" && node !== null && "type" in node) {
    visit(node as Node);
    for (const [key, value] of Object.entries(node)) {
      // Attributes are looked at by name above; a class name between braces is no text.
      if (node.type === "JSXAttribute" && key === "value" && !readAttributes.has(attributeName(node as Node))) {
        if (isLiteral(value)) continue;
      }
      walk(value, visit);
    }
  }
}

function attributeName(node: Node): string {
  return String((node.name as Node | undefined)?.name ?? "");
}

function isLiteral(node: unknown): boolean {
  return literal(node) !== undefined || literal((node as Node | null)?.expression) !== undefined;
}

function literal(node: unknown): unknown {
  const typed = node as Node | null | undefined;
  return typed?.type === "Literal" ? typed.value : undefined;
}
