import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Loading } from "../feedback/loading.tsx";
import { OutputLine } from "../output/output-line.tsx";
import styles from "./diff.module.css";
import { useDiff } from "./use-diff.ts";

interface DiffViewProps {
  readonly label: string;
  /** What it is held against; undefined while it is on its way. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly maxHeight: number;
}

const signs = { same: " ", removed: "−", added: "+" } as const;

/** Two outputs held against each other, line by line: what only one of them has is marked by sign and colour. */
export function DiffView({ label, before, after, maxHeight }: DiffViewProps) {
  const { t } = useTranslation();
  const state = useDiff(before, after);
  if (state.kind === "working") return <Loading rows={2} />;
  const { diff } = state;
  if (diff === undefined) return <p className={styles.note}>{t("diff.tooDifferent")}</p>;
  if (diff.added + diff.removed === 0) return <p className={styles.note}>{t("diff.same")}</p>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a scrolled area, not a set of fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className={styles.scroller} style={{ maxHeight }} role="group" aria-label={label} tabIndex={0}>
      <div className={styles.rows}>
        {diff.rows.map((row, place) =>
          row.kind === "gap" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the comparison
            <div key={place} className={styles.gap}>
              {t("diff.gap", { count: row.count })}
            </div>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the comparison
            <div key={place} className={styles.row} data-kind={row.kind}>
              <span aria-hidden="true" className={styles.sign}>
                {signs[row.kind]}
              </span>
              {row.kind === "same" ? null : <VisuallyHidden>{t(`diff.${row.kind}`)}</VisuallyHidden>}
              <OutputLine text={row.text} />
            </div>
          ),
        )}
        {diff.cut ? <div className={styles.gap}>{t("diff.cut")}</div> : null}
      </div>
    </div>
  );
}
