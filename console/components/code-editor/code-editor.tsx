import { useRef } from "react";
import styles from "./code-editor.module.css";

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
}

/** Plain text with line numbers; faulty lines are marked, and a problem leads to its place. Tab leaves the field. */
export function CodeEditor({ label, value, onChange, problems, readOnly = false }: CodeEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = value.split("\n").length;
  const faulty = new Set(problems.map((problem) => problem.line));

  function goTo(problem: CodeProblem): void {
    const element = area.current;
    if (element === null || problem.line === undefined) return;
    const before = value.split("\n").slice(0, problem.line - 1);
    const at = before.reduce((sum, line) => sum + line.length + 1, 0) + (problem.column ?? 1) - 1;
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (problem.line - 6) * 18);
  }

  return (
    <div className={styles.editor}>
      <div className={styles.field} data-faulty={problems.length > 0 || undefined}>
        <div ref={gutter} className={styles.gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={line} data-faulty={faulty.has(line + 1) || undefined}>
              {line + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          className={styles.text}
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
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {problems.length === 0 ? null : (
        <ul className={styles.problems}>
          {problems.map((problem) => (
            <li key={`${problem.place} ${problem.message}`}>
              <button type="button" onClick={() => goTo(problem)} disabled={problem.line === undefined}>
                <code>{problem.line === undefined ? problem.place : `${problem.line}:${problem.column ?? 1}`}</code>
                <span>{problem.message}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
