import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { makeVisible, withoutColours } from "../../components/output/visible-text.ts";
import { ReasonText } from "../../components/state/reason-text.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./run.module.css";

interface HostNoticesProps {
  readonly runId: number;
  readonly position: number;
  /** Of the execution: read again as the host goes on. */
  readonly liveSeq: number;
}

/** What the engine had to tell of a host besides its output; nothing where that is nothing. */
export function HostNotices({ runId, position, liveSeq }: HostNoticesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const execution = useQuery({
    queryKey: ["execution", runId, position, liveSeq],
    queryFn: ({ signal }) =>
      client.call("GET /runs/:id/executions/:position", { params: { id: runId, position }, signal }),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const notices = execution.data?.position === position ? execution.data.notices : [];
  if (notices.length === 0) return null;
  return (
    <section className={styles.notices} aria-label={t("run.notices")}>
      <h3>{t("run.notices")}</h3>
      <ul>
        {notices.map(({ at, message }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: notices are only ever added at the end
          <li key={place}>
            <time>{format.dateTime(at)}</time> <ReasonText text={withoutColours(makeVisible(message))} />
          </li>
        ))}
      </ul>
    </section>
  );
}
