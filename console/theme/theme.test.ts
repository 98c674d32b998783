import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ansiClasses } from "../components/output/ansi.ts";
import { stateShapes } from "../components/state/state-shapes.ts";
import { themeVariablesCss } from "./theme-variables.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");

/** `--name: light-dark(#…, #…)` of the style sheet, for both themes. */
const tokens = new Map(
  [...read("tokens.css").matchAll(/--om-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }] as const,
  ),
);
const states = [...tokens.keys()].filter((name) => name.startsWith("state-"));
const surfaces = ["surface-0", "surface-1", "surface-2", "surface-code"];

describe("colours", () => {
  it.each(["light", "dark"] as const)("have contrast AA on every surface in the %s theme", (theme) => {
    for (const text of ["text", "text-2", "text-3", "accent-text", ...states]) {
      for (const surface of surfaces) {
        const ratio = contrast(tokens.get(text)?.[theme] ?? "", tokens.get(surface)?.[theme] ?? "");
        expect(ratio, `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    const marks = [
      ["state-ok", "ok-soft"],
      ["state-timed_out", "warn-soft"],
      ["state-failed", "danger-soft"],
      ["accent-text", "accent-soft"],
    ];
    for (const [text = "", soft = ""] of marks) {
      const ratio = contrast(tokens.get(text)?.[theme] ?? "", tokens.get(soft)?.[theme] ?? "");
      expect(ratio, `${text} on ${soft}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("of output have contrast AA on the output's surface in both themes", () => {
    const colours = [...read("ansi.css").matchAll(/\.(ansi-[\w-]+) \{\s*color: light-dark\((#\w{6}), (#\w{6})\)/g)];
    expect(colours.length).toBeGreaterThanOrEqual(16);
    for (const [, name, light = "", dark = ""] of colours) {
      expect(contrast(light, tokens.get("surface-code")?.light ?? ""), name).toBeGreaterThanOrEqual(4.5);
      expect(contrast(dark, tokens.get("surface-code")?.dark ?? ""), name).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("of output have a style for every class that a line can have", () => {
    const css = read("ansi.css");
    for (const name of ansiClasses) expect(css, name).toMatch(new RegExp(`\\.${name}\\b`));
  });
});

describe("states", () => {
  it("have a colour and a shape of their own", () => {
    const css = read("states.css");
    for (const name of states.map((token) => token.slice("state-".length))) {
      expect(css).toContain(`[data-state="${name}"]`);
      expect(Object.keys(stateShapes)).toContain(name);
    }
    expect(new Set(Object.values(stateShapes)).size).toBe(Object.keys(stateShapes).length);
  });
});

describe("the content policy", () => {
  it("finds nothing inline in the page", () => {
    const page = readFileSync(join(import.meta.dirname, "../index.html"), "utf8");
    expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)|https?:/);
  });

  it("needs no style element: the theme's variables are a style sheet", () => {
    const css = themeVariablesCss();
    expect(css).toContain("--mantine-color-accent-7");
    expect(css).toContain('[data-mantine-color-scheme="dark"]');
    expect(css).not.toMatch(/url\(|@import/);
  });
});

/** WCAG 2 contrast of two `#rrggbb`. */
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
