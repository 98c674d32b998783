import { useTranslation } from "react-i18next";
import type { ImportReport } from "../../api/types.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import styles from "./first-run.module.css";

interface RefusedRowsProps {
  readonly rows: ImportReport["refused"];
}

const mostShown = 20;

/** What was not taken, and why. */
export function RefusedRows({ rows }: RefusedRowsProps) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  return (
    <div className={styles.refused} role="alert">
      <p>{t("firstRun.refused", { count: rows.length })}</p>
      <ul>
        {rows.slice(0, mostShown).map((row) => (
          <li key={`${row.line} ${row.column} ${row.text}`}>
            <code>{row.text}</code> <ReasonText text={row.reason} />
          </li>
        ))}
      </ul>
    </div>
  );
}
