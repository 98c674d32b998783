import { IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Connection } from "../../live/run-stream.ts";
import styles from "./run.module.css";

interface ConnectionMarkProps {
  readonly connection: Connection;
}

/** Whether what is shown is what is now. Nothing stands here once the run has ended. */
export function ConnectionMark({ connection }: ConnectionMarkProps) {
  const { t } = useTranslation();
  if (connection === "ended") return null;
  const Icon = connection === "live" ? IconPlugConnected : IconPlugConnectedX;
  return (
    <span className={styles.connection} data-connection={connection} role="status">
      <Icon size={14} aria-hidden="true" />
      {t(`connection.${connection}`)}
    </span>
  );
}
