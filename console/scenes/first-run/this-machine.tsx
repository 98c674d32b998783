import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { controllersQuery } from "../../api/controllers-query.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import type { ChosenHosts } from "./chosen-hosts.ts";
import styles from "./first-run.module.css";
import { RefusedRows } from "./refused-rows.tsx";
import { useAddHost } from "./use-import.ts";

interface ThisMachineProps {
  readonly onChosen: (hosts: ChosenHosts) => void;
}

const hostName = "this-machine";

/** The controller's own machine, by child processes of its account: a host that is there without any set-up. */
export function ThisMachine({ onChosen }: ThisMachineProps) {
  const { t } = useTranslation();
  const controllers = useQuery(controllersQuery);
  const { add, isPending, error, refused } = useAddHost(onChosen);
  const local = controllers.data?.controllers.find(({ engines }) =>
    engines.some(({ id, usable }) => id === "local" && usable),
  );
  return (
    <div className={styles.form}>
      <p>{t("firstRun.thisMachineHint")}</p>
      {controllers.isLoading ? <Loading rows={2} /> : null}
      {controllers.error ? <ProblemAlert error={controllers.error} /> : null}
      {controllers.data !== undefined && local === undefined ? <p>{t("firstRun.noLocal")}</p> : null}
      {error ? <ProblemAlert error={error} /> : null}
      <RefusedRows rows={refused} />
      {local === undefined ? null : (
        <Button
          size="sm"
          loading={isPending}
          onClick={() =>
            add({
              name: hostName,
              address: "127.0.0.1",
              port: 22,
              engine: "local",
              category: { functionCategory: t("firstRun.defaultFunction"), appCategory: t("firstRun.defaultApp") },
            })
          }
        >
          {t("firstRun.takeThisMachine", { controller: local.name })}
        </Button>
      )}
    </div>
  );
}
