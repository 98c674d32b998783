import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { approvalPolicies } from "../../../src/contract/approval.ts";
import type { Settings } from "../../api/types.ts";
import { BoundedNumber } from "../../components/layout/bounded-number.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import styles from "./settings.module.css";

interface ApprovalPanelProps {
  readonly draft: Settings;
  readonly disabled: boolean;
  readonly onChange: (change: Partial<Settings>) => void;
}

/** Which runs wait for a second person, and for how long. */
export function ApprovalPanel({ draft, disabled, onChange }: ApprovalPanelProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t("approval.title")} narrow>
      <p>{t("approval.hint")}</p>
      <SegmentedControl
        aria-label={t("approval.for")}
        disabled={disabled}
        value={draft.approvalFor}
        onChange={(value) => onChange({ approvalFor: approvalPolicies.find((policy) => policy === value) ?? "nobody" })}
        data={approvalPolicies.map((value) => ({ value, label: t(`approval.${value}`) }))}
      />
      <p className={styles.about}>{t(`approval.${draft.approvalFor}Hint`)}</p>
      {draft.approvalFor === "nobody" ? null : (
        <BoundedNumber
          label={t("approval.minutes")}
          description={t("approval.minutesHint")}
          disabled={disabled}
          min={1}
          max={43_200}
          whole
          value={draft.approvalMinutes}
          onChange={(approvalMinutes) => onChange({ approvalMinutes })}
        />
      )}
    </Panel>
  );
}
