import { IconClockPause } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { WaitsFor } from "../../api/types.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./waits-notice.module.css";

/** For whom a run waits and since when; nothing when it waits for nobody. */
export function WaitsNotice({ waits }: { readonly waits: readonly WaitsFor[] | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (waits === undefined || waits.length === 0) return null;
  return (
    <div className={styles.notice} role="status">
      <IconClockPause size={16} aria-hidden />
      <strong>{t("waits.title")}</strong>
      <ul>
        {waits.map((each) => (
          <li key={`${each.zone} ${each.controller ?? ""}`}>
            {textOf(each)}
            {each.hosts === undefined
              ? null
              : ` (${t("waits.hosts", { count: each.hosts, shown: format.number(each.hosts) })})`}
          </li>
        ))}
      </ul>
    </div>
  );

  function textOf({ zone, controller = "", reason, since }: WaitsFor): string {
    if (reason === "none") return t("waits.none", { zone });
    if (reason !== "away") return t(`waits.${reason}`, { controller });
    if (since === undefined) return t("waits.never", { controller });
    return t("waits.away", { controller, at: format.dateTime(since) });
  }
}
