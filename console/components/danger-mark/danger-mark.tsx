import { IconEye, IconFlame, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Danger } from "../../../src/contract/module.ts";
import styles from "./danger-mark.module.css";

interface DangerMarkProps {
  readonly danger: Danger;
}

const icons = { read: IconEye, change: IconPencil, destructive: IconFlame } as const;

/** What a module may do to a host: look, change, destroy. */
export function DangerMark({ danger }: DangerMarkProps) {
  const { t } = useTranslation();
  const Icon = icons[danger];
  return (
    <span className={styles.mark} data-danger={danger}>
      <Icon size={12} aria-hidden="true" />
      {t(`danger.${danger}`)}
    </span>
  );
}
