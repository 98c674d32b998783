import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { foldHosts } from "../../../src/contract/host-range.ts";
import { client } from "../../api/client.ts";
import type { ImportReport } from "../../api/types.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { type ChosenHosts, hostsOfInventory } from "./chosen-hosts.ts";
import styles from "./first-run.module.css";
import { RefusedRows } from "./refused-rows.tsx";

interface DemoFleetProps {
  readonly onChosen: (hosts: ChosenHosts) => void;
}

/** Where this installation can have no fleet. */
const ownInstallation = "npm run demo -- --listen 127.0.0.1:7071";

/** The hosts to go on with, or why nothing was imported. */
type Started =
  | { readonly hosts: ChosenHosts }
  | { readonly taken: readonly string[] }
  | { readonly refused: ImportReport["refused"] };

/** A whole fleet to try things on: it is started here, and imported as any other hosts are. */
export function DemoFleet({ onChosen }: DemoFleetProps) {
  const { t } = useTranslation();
  const fleet = useQuery({
    queryKey: ["demo-fleet"],
    queryFn: ({ signal }) => client.call("GET /demo-fleet", { signal }),
  });
  const start = useMutation({
    mutationFn: startAndImport,
    onSuccess: (started) => {
      if ("hosts" in started) onChosen(started.hosts);
    },
  });
  if (fleet.error) return <ProblemAlert error={fleet.error} onRetry={() => void fleet.refetch()} />;
  if (fleet.data === undefined) return <Loading rows={2} />;
  if (!fleet.data.available) {
    return (
      <div className={styles.form}>
        <p>{t("firstRun.noDemo")}</p>
        <pre className={styles.command}>{ownInstallation}</pre>
      </div>
    );
  }
  const { data } = start;
  return (
    <div className={styles.form}>
      <p>{t("firstRun.demoHint")}</p>
      {start.error ? <ProblemAlert error={start.error} /> : null}
      {data === undefined || !("taken" in data) ? null : (
        <p role="alert">
          {t("firstRun.demoTaken")} <code>{foldHosts(data.taken)}</code>
        </p>
      )}
      <RefusedRows rows={data !== undefined && "refused" in data ? data.refused : []} />
      <Button size="sm" loading={start.isPending} onClick={() => start.mutate()}>
        {t("firstRun.startDemo")}
      </Button>
    </div>
  );
}

/** Hosts of the same names that are something else keep their place: then nothing is imported. */
async function startAndImport(): Promise<Started> {
  const { hostsCsv: text } = await client.call("POST /demo-fleet", {});
  const body = { format: "csv", text } as const;
  const { changed } = await client.call("POST /hosts/import", { body: { ...body, preview: true } });
  if (changed.length > 0) return { taken: changed.map(({ name }) => name) };
  const { applied, refused } = await client.call("POST /hosts/import", { body: { ...body, preview: false } });
  return applied ? { hosts: await hostsOfInventory("credential=demo-fleet") } : { refused };
}
