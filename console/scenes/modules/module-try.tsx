import { Autocomplete, Button } from "@mantine/core";
import { IconFlask } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ParameterValues } from "../../../src/contract/module.ts";
import { client } from "../../api/client.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { ConfirmRun } from "../operate/confirm-run.tsx";
import { quoteName } from "../operate/query-text.ts";
import type { RunRequest } from "../operate/run-request.ts";
import styles from "./module-try.module.css";
import { TryResult } from "./try-result.tsx";

/** What would run: the module as it is saved, or a text that is not. */
export type TriedModule = { readonly module: number } | { readonly draft: { readonly source: string } };

interface ModuleTryProps {
  readonly tried: TriedModule;
  /** Name of the module, for the button. */
  readonly title: string;
  readonly values: ParameterValues;
  readonly isFilled: boolean;
  /** Something must be filled in first: the form says what. */
  readonly onUnfilled: () => void;
}

const offeredHosts = 12;

/** Runs the module on one host, after showing exactly what; a run like any other, whose answer shows here as it comes. */
export function ModuleTry({ tried, title, values, isFilled, onUnfilled }: ModuleTryProps) {
  const { t } = useTranslation();
  const [host, setHost] = useState("");
  const [asked, setAsked] = useState<RunRequest | undefined>(undefined);
  const [runId, setRunId] = useState<number | undefined>(undefined);
  const typed = useDebounced(host.trim(), 200);
  const hosts = useQuery({
    queryKey: ["hosts-to-try", typed],
    queryFn: ({ signal }) =>
      client.call("GET /hosts", { query: { query: queryOf(typed), limit: offeredHosts }, signal }),
    placeholderData: (before) => before,
    retry: false,
  });
  const names = hosts.error ? [] : (hosts.data?.rows.filter(({ enabled }) => enabled) ?? []).map(({ name }) => name);
  return (
    <div className={styles.try}>
      <h3>{t("moduleTry.title")}</h3>
      <p className={styles.hint}>{t("draft" in tried ? "moduleTry.draftHint" : "moduleTry.hint")}</p>
      <form
        className={styles.line}
        onSubmit={(event) => {
          event.preventDefault();
          if (isFilled) setAsked({ ...tried, parameters: values, query: `name=${quoteName(host.trim())}` });
          else onUnfilled();
        }}
      >
        <Autocomplete
          className={styles.host}
          aria-label={t("moduleTry.host")}
          placeholder={t("moduleTry.host")}
          data={names}
          filter={({ options }) => options}
          value={host}
          onChange={setHost}
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit" variant="default" leftSection={<IconFlask size={14} />} disabled={host.trim() === ""}>
          {t("moduleTry.go")}
        </Button>
      </form>
      {asked === undefined ? null : (
        <ConfirmRun
          request={asked}
          title={title}
          onClose={() => setAsked(undefined)}
          onStarted={(run) => {
            setAsked(undefined);
            setRunId(run.id);
          }}
        />
      )}
      {runId === undefined ? null : <TryResult key={runId} runId={runId} />}
    </div>
  );
}

/** Hosts with the text in their name. */
function queryOf(text: string): string {
  return /^[\w.-]+$/.test(text) ? `name=*${text}*` : text === "" ? "" : `name=${quoteName(text)}`;
}
