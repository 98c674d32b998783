import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Settings } from "../../api/types.ts";
import { BoundedNumber } from "../../components/layout/bounded-number.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import styles from "./settings.module.css";

/** What is proposed to whoever leaves “for ever”. */
const firstDays = 365;

interface RetentionPanelProps {
  readonly draft: Settings;
  readonly disabled: boolean;
  readonly onChange: (change: Pick<Settings, "keepRunsDays">) => void;
}

/** After how many days ended runs are deleted, if ever. */
export function RetentionPanel({ draft, disabled, onChange }: RetentionPanelProps) {
  const { t } = useTranslation();
  const { keepRunsDays } = draft;
  const kept = keepRunsDays === null ? "ever" : "time";
  return (
    <Panel title={t("retention.title")} narrow>
      <p>{t("retention.hint")}</p>
      <SegmentedControl
        aria-label={t("retention.for")}
        disabled={disabled}
        value={kept}
        onChange={(value) => onChange({ keepRunsDays: value === "ever" ? null : (keepRunsDays ?? firstDays) })}
        data={(["ever", "time"] as const).map((value) => ({ value, label: t(`retention.${value}`) }))}
      />
      <p className={styles.about}>{t(`retention.${kept}Hint`)}</p>
      {keepRunsDays === null ? null : (
        <BoundedNumber
          label={t("retention.days")}
          description={t("retention.daysHint")}
          disabled={disabled}
          min={1}
          max={36_500}
          whole
          value={keepRunsDays}
          onChange={(days) => onChange({ keepRunsDays: days })}
        />
      )}
    </Panel>
  );
}
