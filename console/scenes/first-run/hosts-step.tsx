import { Button, SegmentedControl } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePhone } from "../../components/layout/use-phone.ts";
import { type ChosenHosts, hostsOfInventory } from "./chosen-hosts.ts";
import { DemoFleet } from "./demo-fleet.tsx";
import styles from "./first-run.module.css";
import { HostByHand } from "./host-by-hand.tsx";
import { PastedConfig } from "./pasted-config.tsx";
import { ThisMachine } from "./this-machine.tsx";

interface HostsStepProps {
  readonly onChosen: (hosts: ChosenHosts) => void;
}

const ways = ["byHand", "sshConfig", "thisMachine", "demoFleet"] as const;

/** Four ways to a first host; where there are hosts already, those do. */
export function HostsStep({ onChosen }: HostsStepProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [way, setWay] = useState<(typeof ways)[number]>("byHand");
  const there = useQuery({
    queryKey: ["hosts", "any"],
    queryFn: ({ signal }) => client.call("GET /hosts", { query: { limit: 1 }, signal }),
  });
  const take = useMutation({ mutationFn: () => hostsOfInventory(), onSuccess: onChosen });
  const count = there.data?.total ?? 0;
  return (
    <>
      {count === 0 ? null : (
        <p className={styles.there}>
          {t("firstRun.there", { count })}
          <Button variant="default" loading={take.isPending} onClick={() => take.mutate()}>
            {t("firstRun.goOnWith", { count })}
          </Button>
        </p>
      )}
      {take.error ? <ProblemAlert error={take.error} /> : null}
      <SegmentedControl
        className={styles.ways}
        fullWidth={phone}
        size={phone ? "md" : "sm"}
        orientation={phone ? "vertical" : "horizontal"}
        aria-label={t("firstRun.step.hosts")}
        value={way}
        onChange={(value) => setWay(ways.find((known) => known === value) ?? way)}
        data={ways.map((value) => ({ value, label: t(`firstRun.way.${value}`) }))}
      />
      {way === "byHand" ? <HostByHand onChosen={onChosen} /> : null}
      {way === "sshConfig" ? <PastedConfig onChosen={onChosen} /> : null}
      {way === "demoFleet" ? <DemoFleet onChosen={onChosen} /> : null}
      {way === "thisMachine" ? <ThisMachine onChosen={onChosen} /> : null}
    </>
  );
}
