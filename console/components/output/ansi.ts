import Anser from "anser";

export interface Segment {
  readonly text: string;
  /** Space-separated class names out of a closed list; empty for plain text. */
  readonly classes: string;
}

/** The 16 colours that the console knows, as anser gives them. */
const palette: readonly (readonly [number, number, number, string])[] = [
  [0, 0, 0, "black"],
  [187, 0, 0, "red"],
  [0, 187, 0, "green"],
  [187, 187, 0, "yellow"],
  [0, 0, 187, "blue"],
  [187, 0, 187, "magenta"],
  [0, 187, 187, "cyan"],
  [255, 255, 255, "white"],
  [85, 85, 85, "bright-black"],
  [255, 85, 85, "bright-red"],
  [0, 255, 0, "bright-green"],
  [255, 255, 85, "bright-yellow"],
  [85, 85, 255, "bright-blue"],
  [255, 85, 255, "bright-magenta"],
  [85, 255, 255, "bright-cyan"],
];
/** Blinking and hiding are left out on purpose: what a host printed can be read. */
const shownDecorations = new Set(["bold", "dim", "italic", "underline", "strikethrough"]);
const controlClass = "ansi-control";
const nearest = new Map<string, string>();

/**
 * A line of visible text (see visible-text.ts) as pieces with classes. Only colours and a few decorations come out of
 * it, each by a class of the console's own style sheet; a colour outside the 16 becomes the nearest of them, so that
 * no host chooses text that cannot be read.
 */
export function ansiSegments(line: string): readonly Segment[] {
  if (!line.includes("\x1b[")) return withControls([{ text: line, classes: "" }]);
  const segments: Segment[] = [];
  for (const entry of Anser.ansiToJson(line, { json: true, use_classes: false })) {
    if (entry.content === "") continue;
    const classes: string[] = [];
    const foreground = colourName(entry.fg);
    const background = colourName(entry.bg);
    if (foreground !== undefined && foreground !== background) classes.push(`ansi-${foreground}`);
    if (background !== undefined) classes.push(`ansi-on-${background}`);
    for (const decoration of new Set(entry.decorations)) {
      if (shownDecorations.has(decoration)) classes.push(`ansi-${decoration}`);
    }
    segments.push({ text: entry.content, classes: classes.join(" ") });
  }
  return withControls(segments);
}

const picture = /([\u2400-\u241f\u2421])/;

/** Pictures of control characters (see visible-text.ts) in caret notation, set apart: every font has `^[`. */
function withControls(segments: readonly Segment[]): readonly Segment[] {
  if (!segments.some(({ text }) => picture.test(text))) return segments;
  return segments.flatMap(({ text, classes }) =>
    text
      .split(picture)
      .filter((part) => part !== "")
      .map((part) =>
        picture.test(part)
          ? { text: caretOf(part), classes: classes === "" ? controlClass : `${classes} ${controlClass}` }
          : { text: part, classes },
      ),
  );
}

function caretOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0) - 0x2400;
  return code === 0x21 ? "^?" : `^${String.fromCharCode(code + 0x40)}`;
}

/** Every class that {@link ansiSegments} can give. */
export const ansiClasses: readonly string[] = [
  ...palette.flatMap(([, , , name]) => [`ansi-${name}`, `ansi-on-${name}`]),
  ...[...shownDecorations].map((name) => `ansi-${name}`),
  controlClass,
];

function colourName(rgb: string | null): string | undefined {
  if (rgb === null) return undefined;
  const known = nearest.get(rgb);
  if (known !== undefined) return known;
  const [red = 0, green = 0, blue = 0] = rgb.split(",").map(Number);
  let best = "white";
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [r, g, b, name] of palette) {
    const distance = (r - red) ** 2 * 0.3 + (g - green) ** 2 * 0.59 + (b - blue) ** 2 * 0.11;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = name;
    }
  }
  if (nearest.size > 4_096) nearest.clear();
  nearest.set(rgb, best);
  return best;
}
