import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./feedback.module.css";

interface LoadingProps {
  readonly rows?: number;
}

/** Rows to come, in the place where they will stand. */
export function Loading({ rows = 6 }: LoadingProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.loading} role="status" aria-label={t("feedback.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} height={14} width={`${88 - ((row * 23) % 40)}%`} />
      ))}
    </div>
  );
}
