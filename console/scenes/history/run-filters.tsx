import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { runStates } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { useWaitingRuns } from "../../api/waiting-runs.ts";
import { usePreferences } from "../../app/preferences.ts";
import { Filters } from "../../components/layout/filters.tsx";
import { SearchSelect } from "../../components/search-select/search-select.tsx";
import { periodNames, type RunsSearch } from "./runs-search.ts";

interface RunFiltersProps {
  readonly search: RunsSearch;
  readonly onSearch: (search: RunsSearch) => void;
}

/** Which runs: by state, module, person, host and time. */
export function RunFilters({ search, onSearch }: RunFiltersProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const waiting = useWaitingRuns();
  const modules = useQuery({ queryKey: ["modules"], queryFn: ({ signal }) => client.call("GET /modules", { signal }) });
  return (
    <Filters set={Object.keys(search).length} onClear={() => onSearch({})}>
      <Select
        aria-label={t("history.state")}
        placeholder={t("history.anyState")}
        clearable
        data={runStates.map((state) => ({ value: state, label: t(`runState.${state}`) }))}
        value={search.state ?? null}
        onChange={(state) => onSearch({ ...search, state: runStates.find((known) => known === state) })}
      />
      <SearchSelect
        aria-label={t("history.module")}
        placeholder={t("history.anyModule")}
        clearable
        data={modules.data?.modules.map((module) => ({
          value: String(module.id),
          label: module.name[language],
        }))}
        failure={modules.error}
        onRetry={() => void modules.refetch()}
        value={search.moduleId === undefined ? null : String(search.moduleId)}
        onChange={(id) => onSearch({ ...search, moduleId: id === null ? undefined : Number(id) })}
      />
      <Typed
        label={t("history.by")}
        placeholder={t("history.anyone")}
        value={search.requestedBy ?? ""}
        onValue={(requestedBy) => onSearch({ ...search, requestedBy: requestedBy || undefined })}
      />
      <Typed
        label={t("history.host")}
        placeholder={t("history.anyHost")}
        value={search.host ?? ""}
        onValue={(host) => onSearch({ ...search, host: host || undefined })}
      />
      <Select
        aria-label={t("history.at")}
        placeholder={t("history.anyTime")}
        clearable
        data={periodNames.map((period) => ({ value: period, label: t(`history.period.${period}`) }))}
        value={search.period ?? null}
        onChange={(period) => onSearch({ ...search, period: periodNames.find((known) => known === period) })}
      />
      {waiting === 0 && search.waitingFor === undefined ? null : (
        <Button
          variant={search.waitingFor === "me" ? "light" : "default"}
          aria-pressed={search.waitingFor === "me"}
          onClick={() => onSearch({ ...search, waitingFor: search.waitingFor === "me" ? undefined : "me" })}
        >
          {t("approval.forMe", { count: waiting })}
        </Button>
      )}
    </Filters>
  );
}

interface TypedProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** Text that counts once the typing pauses. */
function Typed({ label, placeholder, value, onValue }: TypedProps) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text.trim(), 300);
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is passed on
  useEffect(() => {
    if (settled === text.trim() && settled !== value) onValue(settled);
  }, [settled]);
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
