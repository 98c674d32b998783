import { safeText } from "../terminal/safe-text.ts";

interface Fault {
  readonly place: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly message: string;
}

/** As compilers write it, so that editors find the place. */
export function problemText(path: string, problems: readonly Fault[]): string {
  if (problems.length === 0) return `${path} is valid.\n`;
  const lines = problems.map(({ place, line, column, message }) => {
    const at = line === undefined ? place : `${line}:${column ?? 1}`;
    return `${path}:${at}: ${message}`;
  });
  return `${safeText(lines.join("\n"), { colours: false })}\n`;
}
