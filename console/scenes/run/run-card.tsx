import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { isFinalRunState } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";
import { usePreferences } from "../../app/preferences.ts";
import { RunMark } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./run.module.css";
import type { RunLook } from "./run-look.ts";
import { runTask } from "./run-task.ts";
import { RunView } from "./run-view.tsx";

interface RunCardProps {
  readonly runId: number;
  /** Unfolded until somebody folds it. */
  readonly open: boolean;
  readonly onStarted: (run: Run) => void;
}

/** A run among others: one line folded, the whole live view unfolded. */
export function RunCard({ runId, open, onStarted }: RunCardProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const format = useFormat();
  const [toggled, setToggled] = useState<boolean | undefined>(undefined);
  const [look, setLook] = useState<RunLook>({});
  const shown = toggled ?? open;
  const bodyId = useId();
  const run = useQuery({
    queryKey: ["run", runId],
    queryFn: ({ signal }) => client.call("GET /runs/:id", { params: { id: runId }, signal }),
    refetchInterval: (query) =>
      !shown && query.state.data !== undefined && !isFinalRunState(query.state.data.state) ? 2_000 : false,
  });
  return (
    <article className={styles.card}>
      <header className={styles.cardHead}>
        <UnstyledButton
          className={styles.cardToggle}
          aria-expanded={shown}
          aria-controls={bodyId}
          onClick={() => setToggled(!shown)}
        >
          <IconChevronRight size={14} data-open={shown} className={styles.chevron} />
          <strong>{run.data?.moduleName[language] ?? "…"}</strong>
          {run.data === undefined || shown ? null : <code className={styles.cardTask}>{runTask(run.data).line}</code>}
          {run.data === undefined ? null : (
            <span className={styles.quiet}>
              {t("run.onHosts", { count: run.data.hostCount })} · {format.time(run.data.createdAt)}
            </span>
          )}
          {shown || run.data === undefined ? null : (
            <RunMark state={run.data.state} needsAttention={run.data.needsAttention} />
          )}
        </UnstyledButton>
        <Link to="/runs/$id" params={{ id: String(runId) }} className={styles.cardLink}>
          {t("run.number", { id: runId })}
        </Link>
      </header>
      {shown ? (
        <div id={bodyId} className={styles.cardBody}>
          <RunView runId={runId} look={look} onLook={setLook} onStarted={onStarted} />
        </div>
      ) : null}
    </article>
  );
}
