import type { ReactNode } from "react";
import styles from "./feedback.module.css";

interface EmptyProps {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
}

/** Nothing is here, why, and what to do about it. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className={styles.empty}>
      {icon === undefined ? null : (
        <span className={styles.emptyIcon} aria-hidden="true">
          {icon}
        </span>
      )}
      <p className={styles.emptyTitle}>{title}</p>
      {children === undefined ? null : <div className={styles.emptyBody}>{children}</div>}
    </div>
  );
}
