import { useRef } from "react";
import { ReasonText } from "../state/reason-text.tsx";
import styles from "./code-editor.module.css";
import type { CodeLanguage } from "./code-language.ts";
import type { CodePiece } from "./highlight.ts";
import { useHighlight } from "./use-highlight.ts";

export interface CodeProblem {
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly place: string;
  readonly message: string;
}

interface CodeEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly problems: readonly CodeProblem[];
  readonly readOnly?: boolean;
  /** Colours its words; plain text where left out. */
  readonly language?: CodeLanguage | undefined;
  /** `page` takes the room of a page, `field` grows with its lines. */
  readonly size?: "page" | "field";
}

const fewestRows = 6;
const mostRows = 18;

/** Code with line numbers; faulty lines are marked, and a problem leads to its place. Tab leaves the field. */
export function CodeEditor(props: CodeEditorProps) {
  const { label, value, onChange, problems, readOnly = false, language, size = "page" } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const colours = useRef<HTMLPreElement>(null);
  const highlighted = useHighlight(value, language);
  const lines = value.split("\n").length;
  const faulty = new Set(problems.map((problem) => problem.line));

  function goTo(problem: CodeProblem): void {
    const element = area.current;
    if (element === null || problem.line === undefined) return;
    const before = value.split("\n").slice(0, problem.line - 1);
    const at = before.reduce((sum, line) => sum + line.length + 1, 0) + (problem.column ?? 1) - 1;
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (problem.line - 6) * Number.parseFloat(getComputedStyle(element).lineHeight));
  }

  return (
    <div className={styles.editor}>
      <div className={styles.field} data-size={size} data-faulty={problems.length > 0 || undefined}>
        <div ref={gutter} className={styles.gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={line} data-faulty={faulty.has(line + 1) || undefined}>
              {line + 1}
            </span>
          ))}
        </div>
        <div className={styles.code}>
          {highlighted === undefined ? null : (
            <pre ref={colours} className={styles.colours} aria-hidden="true">
              {highlighted.map((pieces, line) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
                <CodeLine key={line} pieces={pieces} />
              ))}
            </pre>
          )}
          <textarea
            ref={area}
            className={styles.text}
            data-coloured={highlighted !== undefined || undefined}
            rows={size === "field" ? Math.min(mostRows, Math.max(fewestRows, lines)) : undefined}
            aria-label={label}
            aria-invalid={problems.length > 0}
            value={value}
            readOnly={readOnly}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            wrap="off"
            onChange={(event) => onChange(event.currentTarget.value)}
            onScroll={(event) => {
              const { scrollTop, scrollLeft } = event.currentTarget;
              if (gutter.current !== null) gutter.current.scrollTop = scrollTop;
              colours.current?.scrollTo(scrollLeft, scrollTop);
            }}
          />
        </div>
      </div>
      {problems.length === 0 ? null : (
        <ul className={styles.problems}>
          {problems.map((problem) => (
            <li key={`${problem.place} ${problem.message}`}>
              <button type="button" onClick={() => goTo(problem)} disabled={problem.line === undefined}>
                <code>{problem.line === undefined ? problem.place : `${problem.line}:${problem.column ?? 1}`}</code>
                <span>
                  <ReasonText text={problem.message} />
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface CodeLineProps {
  readonly pieces: readonly CodePiece[];
}

function CodeLine({ pieces }: CodeLineProps) {
  return (
    <>
      {pieces.map(({ text, kind }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place in the line
        <span key={place} data-kind={kind}>
          {text}
        </span>
      ))}
      {"\n"}
    </>
  );
}
