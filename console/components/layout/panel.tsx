import type { ReactNode } from "react";
import styles from "./panel.module.css";

interface PanelProps {
  readonly title: string;
  readonly actions?: ReactNode;
  /** As wide as a form reads well. */
  readonly narrow?: boolean;
  readonly children: ReactNode;
}

/** A titled part of a scene. A form in it stacks its fields. */
export function Panel({ title, actions, narrow = false, children }: PanelProps) {
  return (
    <section className={styles.panel} data-narrow={narrow || undefined} aria-label={title}>
      <header className={styles.head}>
        <h2>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
