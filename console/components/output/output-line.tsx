import { ansiSegments } from "./ansi.ts";

interface OutputLineProps {
  readonly text: string;
  /** Marks where this stands in it, whatever its case. */
  readonly find?: string | undefined;
}

/** One line as text nodes and elements with classes out of a closed list; nothing in it is ever markup. */
export function OutputLine({ text, find }: OutputLineProps) {
  const segments = ansiSegments(text);
  if (segments.length === 0) return "\n";
  return segments.map((segment, index) => {
    const content = find ? marked(segment.text, find.toLowerCase()) : segment.text || "\n";
    return segment.classes === "" ? (
      content
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the line
      <span key={index} className={segment.classes}>
        {content}
      </span>
    );
  });
}

function marked(text: string, wanted: string) {
  const folded = text.toLowerCase();
  // A character that is longer in lower case would shift every mark behind it.
  if (folded.length !== text.length || !folded.includes(wanted)) return text || "\n";
  const pieces = [];
  let from = 0;
  for (let at = folded.indexOf(wanted); at !== -1; at = folded.indexOf(wanted, from)) {
    if (at > from) pieces.push(text.slice(from, at));
    from = at + wanted.length;
    pieces.push(<mark key={at}>{text.slice(at, from)}</mark>);
  }
  pieces.push(text.slice(from));
  return pieces;
}
