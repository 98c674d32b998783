import { ansiSegments } from "./ansi.ts";

interface OutputLineProps {
  readonly text: string;
}

/** One line as text nodes and spans with classes out of a closed list; nothing in it is ever markup. */
export function OutputLine({ text }: OutputLineProps) {
  const segments = ansiSegments(text);
  if (segments.length === 0) return "\n";
  return segments.map((segment, index) =>
    segment.classes === "" ? (
      segment.text || "\n"
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the line
      <span key={index} className={segment.classes}>
        {segment.text}
      </span>
    ),
  );
}
