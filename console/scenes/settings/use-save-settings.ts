import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { EndedRuns, Settings } from "../../api/types.ts";
import { tellDone } from "../../components/feedback/toasts.tsx";

export interface SaveSettings {
  /** Saves; where that deletes runs it first asks how many, and then waits for `confirm`. */
  save(changes: Partial<Settings>): void;
  confirm(): void;
  leave(): void;
  /** Runs that would go; undefined while nobody is to be asked. */
  readonly warning: EndedRuns | undefined;
  readonly isPending: boolean;
  readonly error: unknown;
}

/** How settings are saved: a shorter time for runs deletes some, which is said before. */
export function useSaveSettings(settings: Settings): SaveSettings {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<{ readonly changes: Partial<Settings>; readonly runs: EndedRuns }>();
  const write = useMutation({
    mutationFn: (changes: Partial<Settings>) => client.call("PATCH /settings", { body: changes }),
    onSuccess: (next) => {
      setAsked(undefined);
      queries.setQueryData(["settings"], next);
      tellDone(t("settings.saved"));
    },
  });
  const look = useMutation({
    mutationFn: (changes: Partial<Settings>) =>
      client.call("GET /settings/ended-runs", { query: { days: changes.keepRunsDays ?? 1 } }),
    onSuccess: (runs, changes) => {
      if (runs.runs === 0) write.mutate(changes);
      else setAsked({ changes, runs });
    },
  });
  return {
    save(changes) {
      if (isShorter(settings.keepRunsDays, changes.keepRunsDays)) look.mutate(changes);
      else write.mutate(changes);
    },
    confirm: () => asked !== undefined && write.mutate(asked.changes),
    leave: () => setAsked(undefined),
    warning: asked?.runs,
    isPending: look.isPending || write.isPending,
    error: look.error ?? write.error,
  };
}

function isShorter(before: number | null, after: number | null | undefined): boolean {
  if (after === undefined || after === null) return false;
  return before === null || after < before;
}
