import { UnstyledButton } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ImportReport } from "../../api/types.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { fieldName, valueText } from "./hosts-change.tsx";
import styles from "./import-report.module.css";

interface ImportReportViewProps {
  readonly report: ImportReport;
  /** Shows the place of a line in the text; undefined where there is no text. */
  readonly onPlace: ((line: number, column: number) => void) | undefined;
}

type Kind = "added" | "changed" | "refused";

const shownRows = 200;

/** What an import adds, changes (each value before and after) and refuses (why), line by line, and what it makes besides. */
export function ImportReportView({ report, onPlace }: ImportReportViewProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { added, changed, refused, unchanged, newCategories } = report;
  const first: Kind = refused.length > 0 ? "refused" : changed.length > 0 ? "changed" : "added";
  const [chosen, setChosen] = useState<Kind>(first);
  const kinds = [
    { kind: "added", count: added.length, text: t("inventory.addedRows", { count: added.length }) },
    { kind: "changed", count: changed.length, text: t("inventory.changedRows", { count: changed.length }) },
    { kind: "refused", count: refused.length, text: t("inventory.refusedRows", { count: refused.length }) },
  ] as const;
  const line = (number: number, column = 1) =>
    onPlace === undefined ? (
      <code className={styles.line}>{number}</code>
    ) : (
      <UnstyledButton
        className={styles.line}
        aria-label={t("importing.goTo", { line: number })}
        onClick={() => onPlace(number, column)}
      >
        {number}
      </UnstyledButton>
    );
  const rows: Record<Kind, () => readonly ReactNode[]> = {
    added: () =>
      added.slice(0, shownRows).map((row) => (
        <li key={row.line}>
          {line(row.line)}
          <strong>{row.name}</strong>
          <span className={styles.quiet}>{row.category}</span>
        </li>
      )),
    changed: () =>
      changed.slice(0, shownRows).map((row) => (
        <li key={row.line}>
          {line(row.line)}
          <strong>{row.name}</strong>
          <span className={styles.changes}>
            {(row.changes ?? []).map(({ field, from, to }) => (
              <span key={field}>
                <span className={styles.quiet}>{fieldName(t, field)}</span> <del>{valueText(t, field, from)}</del> →{" "}
                <ins>{valueText(t, field, to)}</ins>
              </span>
            ))}
          </span>
        </li>
      )),
    refused: () =>
      refused.slice(0, shownRows).map((row) => (
        <li key={`${row.line} ${row.reason}`} data-wide>
          {line(row.line, row.column)}
          <span>
            <ReasonText text={row.reason} /> <code className={styles.quiet}>{row.text}</code>
          </span>
        </li>
      )),
  };
  const count = kinds.find(({ kind }) => kind === chosen)?.count ?? 0;
  return (
    <div className={styles.report} role="status">
      {/* biome-ignore lint/a11y/useSemanticElements: buttons that belong together, not a set of fields */}
      <div className={styles.kinds} role="group" aria-label={t("importing.result")}>
        {kinds.map(({ kind, count: number, text }) => (
          <UnstyledButton
            key={kind}
            className={styles.kind}
            data-kind={kind}
            aria-pressed={chosen === kind}
            disabled={number === 0}
            onClick={() => setChosen(kind)}
          >
            {text}
          </UnstyledButton>
        ))}
        {unchanged > 0 ? (
          <span className={styles.quiet}>{t("inventory.unchangedRows", { count: unchanged })}</span>
        ) : null}
      </div>
      {newCategories.length === 0 ? null : (
        <p>
          {t("importing.newCategories", { count: newCategories.length })}{" "}
          <code>{newCategories.slice(0, 20).join(", ")}</code>
          {newCategories.length > 20 ? ` … ${format.number(newCategories.length)}` : ""}
        </p>
      )}
      {count === 0 ? null : <ul className={styles.rows}>{rows[chosen]()}</ul>}
      {count > shownRows ? (
        <p className={styles.quiet}>{t("inventory.moreRows", { count: count - shownRows })}</p>
      ) : null}
    </div>
  );
}
