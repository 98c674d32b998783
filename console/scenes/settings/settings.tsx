import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Settings } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { ConfirmDialog } from "../../components/feedback/confirm-dialog.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { BoundedNumber } from "../../components/layout/bounded-number.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { Page } from "../../components/layout/page.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { ApprovalPanel } from "./approval-panel.tsx";
import { DemoFleetPanel } from "./demo-fleet-panel.tsx";
import { RetentionPanel } from "./retention-panel.tsx";
import styles from "./settings.module.css";
import { useSaveSettings } from "./use-save-settings.ts";

/** Settings that shape every run. Who may not change them sees them. */
export function SettingsScene() {
  const { t } = useTranslation();
  const { can } = useSession();
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => client.call("GET /settings", { signal }),
  });
  return (
    <Page
      title={t("nav.settings")}
      actions={
        <ButtonLink to="/settings/parts" variant="subtle">
          {t("parts.title")}
        </ButtonLink>
      }
    >
      {settings.error ? <ProblemAlert error={settings.error} onRetry={() => void settings.refetch()} /> : null}
      {settings.isLoading ? <Loading rows={6} /> : null}
      {settings.data === undefined ? null : (
        <SettingsForm key={JSON.stringify(settings.data)} settings={settings.data} />
      )}
      {can("settings.manage") ? <DemoFleetPanel /> : null}
    </Page>
  );
}

/** Settings that are numbers, with the unit in which they are shown. */
const numbers = [
  { name: "confirmAboveHosts", unit: 1, min: 1, max: 100_000 },
  { name: "runWidth", unit: 1, min: 1, max: 10_000 },
  { name: "runTimeoutMilliseconds", unit: 1000, min: 1, max: 86_400 },
  { name: "connectTimeoutMilliseconds", unit: 1000, min: 0.5, max: 300 },
  { name: "outputLimitBytes", unit: 1024, min: 4, max: 262_144 },
] as const satisfies readonly { name: keyof Settings; unit: number; min: number; max: number }[];

interface SettingsFormProps {
  readonly settings: Settings;
}

function SettingsForm({ settings }: SettingsFormProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const format = useFormat();
  const [draft, setDraft] = useState<Settings>(settings);
  const may = can("settings.manage");
  const changes = Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => settings[name as keyof Settings] !== value),
  );
  const saving = useSaveSettings(settings);
  const { warning } = saving;
  return (
    <>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saving.save(changes);
        }}
      >
        <Panel title={t("settings.hostKeys")} narrow>
          <p>{t("settings.hostKeysHint")}</p>
          <SegmentedControl
            aria-label={t("settings.hostKeys")}
            disabled={!may}
            value={draft.hostKeyPolicy}
            onChange={(value) => setDraft({ ...draft, hostKeyPolicy: value === "strict" ? "strict" : "accept_new" })}
            data={[
              { value: "strict", label: t("settings.strict") },
              { value: "accept_new", label: t("settings.accept_new") },
            ]}
          />
          <p className={styles.about}>{t(`settings.${draft.hostKeyPolicy}Hint`)}</p>
        </Panel>
        <Panel title={t("settings.runs")} narrow>
          {numbers.map(({ name, unit, min, max }) => (
            <BoundedNumber
              key={name}
              label={t(`settings.${name}`)}
              description={t(`settings.${name}Hint`)}
              disabled={!may}
              min={min}
              max={max}
              value={draft[name] / unit}
              onChange={(value) => setDraft({ ...draft, [name]: Math.round(value * unit) })}
            />
          ))}
        </Panel>
        <ApprovalPanel draft={draft} disabled={!may} onChange={(change) => setDraft({ ...draft, ...change })} />
        <RetentionPanel draft={draft} disabled={!may} onChange={(change) => setDraft({ ...draft, ...change })} />
        {saving.error && warning === undefined ? <ProblemAlert error={saving.error} /> : null}
        {may ? (
          <Button
            type="submit"
            loading={saving.isPending}
            disabled={Object.keys(changes).length === 0 || Object.values(changes).some(Number.isNaN)}
          >
            {t("settings.save")}
          </Button>
        ) : null}
      </form>
      {warning === undefined ? null : (
        <ConfirmDialog
          title={t("retention.shorter", { count: warning.runs })}
          text={t("retention.shorterText", {
            count: warning.runs,
            id: warning.upTo,
            at: format.dateTime(warning.before),
          })}
          action={t("retention.save", { count: warning.runs })}
          back={t("retention.keep")}
          danger
          isPending={saving.isPending}
          error={saving.error}
          onConfirm={saving.confirm}
          onClose={saving.leave}
        />
      )}
    </>
  );
}
