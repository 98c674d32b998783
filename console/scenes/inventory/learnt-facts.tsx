import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { flatFacts } from "./flat-facts.ts";
import styles from "./inventory.module.css";

interface LearntFactsProps {
  readonly hostId: number;
}

const shownFacts = 60;

/** What an engine last told of a host, flat and searchable. Text only: a host can say anything of itself. */
export function LearntFacts({ hostId }: LearntFactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useState("");
  const learnt = useQuery({
    queryKey: ["host-facts", hostId],
    queryFn: ({ signal }) => client.call("GET /hosts/:id/facts", { params: { id: hostId }, signal }),
  });
  const rows = useMemo(() => flatFacts(learnt.data?.facts ?? {}), [learnt.data]);
  const wanted = search.trim().toLowerCase();
  const found = rows.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted));
  const at = learnt.data?.at;
  return (
    <Panel
      title={t("engine.facts")}
      actions={at === undefined ? undefined : <span>{t("engine.factsAt", { time: format.dateTime(at) })}</span>}
    >
      {learnt.error ? <ProblemAlert error={learnt.error} onRetry={() => void learnt.refetch()} /> : null}
      {learnt.isLoading ? <Loading rows={3} /> : null}
      {learnt.data !== undefined && rows.length === 0 ? <p className={styles.about}>{t("engine.noFacts")}</p> : null}
      {rows.length === 0 ? null : (
        <>
          <TextInput
            aria-label={t("engine.searchFacts")}
            placeholder={t("engine.searchFacts")}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          {found.length === 0 ? <p className={styles.about}>{t("engine.noFactFound")}</p> : null}
          <dl className={styles.learnt}>
            {found.slice(0, shownFacts).map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {found.length > shownFacts ? (
            <p className={styles.about}>{t("engine.moreFacts", { count: found.length - shownFacts })}</p>
          ) : null}
        </>
      )}
    </Panel>
  );
}
