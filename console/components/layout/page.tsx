import type { ReactNode } from "react";
import styles from "./page.module.css";
import { useTitle } from "./use-title.ts";

interface PageProps {
  readonly title: string;
  /** Where this stands, e.g. a link to the list that it is part of. */
  readonly above?: ReactNode;
  /** Marks beside the title. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  /** The content brings its own scrolled areas and takes the whole height. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}

/** Title line and content of a scene; the browser's title follows. */
export function Page({ title, above, beside, actions, fill = false, children }: PageProps) {
  useTitle(title);
  return (
    <div className={styles.page} data-fill={fill || undefined}>
      <header className={styles.head}>
        {above === undefined ? null : <span className={styles.above}>{above}</span>}
        <h1>{title}</h1>
        {beside === undefined ? null : <span className={styles.beside}>{beside}</span>}
        {actions === undefined ? null : <span className={styles.actions}>{actions}</span>}
      </header>
      <div className={styles.body}>{children}</div>
    </div>
  );
}
