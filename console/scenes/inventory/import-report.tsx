import { useTranslation } from "react-i18next";
import type { ImportReport } from "../../api/types.ts";
import styles from "./inventory.module.css";

interface ImportReportViewProps {
  readonly report: ImportReport;
}

const shownRows = 200;

/** What an import adds, changes and refuses, line by line. */
export function ImportReportView({ report }: ImportReportViewProps) {
  const { t } = useTranslation();
  const groups = [
    {
      kind: "refused",
      title: t("inventory.refusedRows", { count: report.refused.length }),
      rows: report.refused.map((row) => ({
        place: row.column === undefined ? `${row.line}` : `${row.line}:${row.column}`,
        text: `${row.reason} ${row.text}`,
      })),
    },
    {
      kind: "changed",
      title: t("inventory.changedRows", { count: report.changed.length }),
      rows: report.changed.map((row) => ({ place: `${row.line}`, text: `${row.name} · ${row.fields.join(", ")}` })),
    },
    {
      kind: "added",
      title: t("inventory.addedRows", { count: report.added.length }),
      rows: report.added.map((row) => ({ place: `${row.line}`, text: row.name })),
    },
  ] as const;
  return (
    <div className={styles.report} role="status">
      {groups
        .filter(({ rows }) => rows.length > 0)
        .map(({ kind, title, rows }) => (
          <section key={kind} data-kind={kind}>
            <h3>{title}</h3>
            <ul>
              {rows.slice(0, shownRows).map((row) => (
                <li key={`${row.place} ${row.text}`}>
                  <code>{row.place}</code>
                  <span>{row.text}</span>
                </li>
              ))}
            </ul>
            {rows.length > shownRows ? <p>{t("inventory.moreRows", { count: rows.length - shownRows })}</p> : null}
          </section>
        ))}
      <p>{t("inventory.unchangedRows", { count: report.unchanged })}</p>
    </div>
  );
}
