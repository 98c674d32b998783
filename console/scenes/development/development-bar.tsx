import { UnstyledButton } from "@mantine/core";
import { IconChevronUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./development-bar.module.css";

interface DevelopmentRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly at: number;
  readonly milliseconds: number;
  readonly statements: readonly { readonly sql: string; readonly milliseconds: number }[];
}

/** Latest API calls with their times and SQL. Loaded only where the server runs in development. */
export function DevelopmentBar() {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const { data } = useQuery({
    queryKey: ["development"],
    queryFn: readRequests,
    refetchInterval: open ? 2_000 : 10_000,
    retry: false,
  });
  const requests = data ?? [];
  const [latest] = requests;
  const request = requests.find(({ id }) => id === chosen) ?? latest;
  return (
    <section className={styles.bar} aria-label={t("development.title")}>
      <UnstyledButton className={styles.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronUp size={14} data-open={open} />
        <strong>{t("development.title")}</strong>
        {latest === undefined ? null : (
          <code>
            {latest.method} {latest.url} · {latest.status} · {milliseconds(latest.milliseconds)} ·{" "}
            {t("development.statements", { count: latest.statements.length })}
          </code>
        )}
      </UnstyledButton>
      {open ? (
        <div className={styles.body}>
          <ol className={styles.requests}>
            {requests.slice(0, 100).map((each) => (
              <li key={each.id}>
                <UnstyledButton
                  className={styles.request}
                  aria-pressed={each.id === request?.id}
                  onClick={() => setChosen(each.id)}
                >
                  <span>{format.time(each.at)}</span>
                  <code>
                    {each.method} {each.url}
                  </code>
                  <span data-faulty={each.status >= 400 || undefined}>{each.status}</span>
                  <span>{milliseconds(each.milliseconds)}</span>
                  <span>{t("development.statements", { count: each.statements.length })}</span>
                </UnstyledButton>
              </li>
            ))}
          </ol>
          <ol className={styles.statements}>
            {(request?.statements ?? []).map((statement, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a statement is its place in the request
              <li key={place}>
                <span>{milliseconds(statement.milliseconds)}</span>
                <code>{statement.sql}</code>
              </li>
            ))}
          </ol>
        </div>
      ) : null}
    </section>
  );
}

/** Not part of the public API, so not of its client. */
async function readRequests(): Promise<readonly DevelopmentRequest[]> {
  const response = await fetch("/api/v1/__development/requests");
  if (!response.ok) return [];
  const body = (await response.json()) as { readonly requests?: readonly DevelopmentRequest[] };
  return body.requests ?? [];
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
