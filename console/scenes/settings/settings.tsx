import { Button, NumberInput, SegmentedControl } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { Settings } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { Page } from "../../components/layout/page.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { ApprovalPanel } from "./approval-panel.tsx";
import { DemoFleetPanel } from "./demo-fleet-panel.tsx";
import styles from "./settings.module.css";

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
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Settings>(settings);
  const may = can("settings.manage");
  const changes = Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => settings[name as keyof Settings] !== value),
  );
  const save = useMutation({
    mutationFn: () => client.call("PATCH /settings", { body: changes }),
    onSuccess: (next) => {
      queries.setQueryData(["settings"], next);
      tellDone(t("settings.saved"));
    },
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
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
          <NumberInput
            key={name}
            label={t(`settings.${name}`)}
            description={t(`settings.${name}Hint`)}
            disabled={!may}
            min={min}
            max={max}
            value={draft[name] / unit}
            onChange={(value) => value !== "" && setDraft({ ...draft, [name]: Math.round(Number(value) * unit) })}
          />
        ))}
      </Panel>
      <ApprovalPanel draft={draft} disabled={!may} onChange={(change) => setDraft({ ...draft, ...change })} />
      {save.error ? <ProblemAlert error={save.error} /> : null}
      {may ? (
        <Button type="submit" loading={save.isPending} disabled={Object.keys(changes).length === 0}>
          {t("settings.save")}
        </Button>
      ) : null}
    </form>
  );
}
