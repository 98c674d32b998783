import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconPlayerPause } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Controller } from "../../api/types.ts";
import styles from "./controllers.module.css";
import { type Health, healthOf } from "./health.ts";

const icons = {
  ok: IconCircleCheck,
  behind: IconAlertTriangle,
  clock: IconAlertTriangle,
  draining: IconPlayerPause,
  away: IconCircleX,
  never: IconCircleX,
  revoked: IconCircleX,
} as const satisfies Record<Health, unknown>;

/** Word, colour and form say the same. */
export function HealthMark({ controller }: { readonly controller: Controller }) {
  const { t } = useTranslation();
  const health = healthOf(controller);
  const Icon = icons[health];
  return (
    <span className={styles.health} data-health={health}>
      <Icon size={15} aria-hidden />
      {t(`controllers.health.${health}`)}
    </span>
  );
}
