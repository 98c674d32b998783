import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/use-session.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { Page } from "../../components/layout/page.tsx";
import type { ChosenHosts } from "./chosen-hosts.ts";
import { ConnectionStep } from "./connection-step.tsx";
import styles from "./first-run.module.css";
import { HostsStep } from "./hosts-step.tsx";
import { RunStep } from "./run-step.tsx";
import { Step } from "./step.tsx";
import { WayInStep } from "./way-in-step.tsx";

const steps = ["hosts", "wayIn", "connection", "run"] as const;
type StepName = (typeof steps)[number];

/** From nothing to a first successful run: hosts, the way into them, a connection test, a module that only looks. */
export function FirstRun() {
  const { t } = useTranslation();
  const { can } = useSession();
  const queries = useQueryClient();
  const [at, setAt] = useState<StepName>("hosts");
  const [hosts, setHosts] = useState<ChosenHosts | undefined>(undefined);
  const [wayIn, setWayIn] = useState("");
  const [answering, setAnswering] = useState<readonly string[]>([]);

  if (!can("hosts.connect") || !can("runs.start")) {
    return (
      <Page title={t("firstRun.title")}>
        <Empty title={t("firstRun.notYours")}>
          <ButtonLink to="/">{t("nav.toOperate")}</ButtonLink>
        </Empty>
      </Page>
    );
  }

  function begin(chosen: ChosenHosts): void {
    setHosts(chosen);
    setAnswering([]);
    setAt(chosen.haveWayIn ? "connection" : "wayIn");
    void queries.invalidateQueries();
  }

  const summaries: Readonly<Record<StepName, string>> = {
    hosts: hosts === undefined ? "" : hosts.summary,
    wayIn: hosts?.haveWayIn === true ? t("firstRun.noWayInNeeded") : wayIn,
    connection: answering.length === 0 ? "" : t("firstRun.answering", { count: answering.length }),
    run: "",
  };
  return (
    <Page title={t("firstRun.title")} actions={<ButtonLink to="/">{t("firstRun.leave")}</ButtonLink>}>
      <p className={styles.about}>{t("firstRun.about")}</p>
      <ol className={styles.steps}>
        {steps.map((name, place) => (
          <Step
            key={name}
            number={place + 1}
            title={t(`firstRun.step.${name}`)}
            state={place < steps.indexOf(at) ? "done" : name === at ? "current" : "ahead"}
            summary={summaries[name]}
            onReopen={name === "wayIn" && hosts?.haveWayIn === true ? undefined : () => setAt(name)}
          >
            {name === "hosts" ? <HostsStep onChosen={begin} /> : null}
            {name === "wayIn" ? (
              <WayInStep
                onDone={(summary) => {
                  setWayIn(summary);
                  setAt("connection");
                }}
              />
            ) : null}
            {name === "connection" && hosts !== undefined ? (
              <ConnectionStep
                hosts={hosts}
                onDone={(names) => {
                  setAnswering(names);
                  setAt("run");
                }}
              />
            ) : null}
            {name === "run" ? <RunStep hosts={answering} /> : null}
          </Step>
        ))}
      </ol>
    </Page>
  );
}
