import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../../src/contract/errors.ts";
import { client } from "../../api/client.ts";
import type { ModuleDetail } from "../../api/types.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { useSession } from "../../api/use-session.ts";
import { CodeEditor } from "../../components/code-editor/code-editor.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { tellDone } from "../../components/feedback/toasts.tsx";
import { ModuleFormPreview } from "./module-form-preview.tsx";
import styles from "./modules.module.css";

interface ModuleEditorProps {
  /** Undefined for a new one. */
  readonly module: ModuleDetail | undefined;
  /** What the editor shows at first. */
  readonly begin: string;
}

/** A manifest as text, checked as one types, beside the form that it makes. Built-in modules are shown only. */
export function ModuleEditor({ module, begin }: ModuleEditorProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [source, setSource] = useState(begin);
  const editable = can("modules.write") && module?.builtIn !== true;
  const asked = useDebounced(source, 300);
  const preview = useQuery({
    queryKey: ["module-preview", asked],
    queryFn: ({ signal }) => client.call("POST /modules/preview", { body: { source: asked }, signal }),
    enabled: can("modules.write"),
    placeholderData: (previous) => previous,
    gcTime: 30_000,
  });
  const save = useMutation({
    mutationFn: () =>
      module === undefined
        ? client.call("POST /modules", { body: { source } })
        : client.call("PUT /modules/:id", {
            params: { id: module.id },
            body: { source, expectedVersion: module.version },
          }),
    onSuccess: async (saved) => {
      tellDone(t("modules.saved", { version: saved.version }));
      await queries.invalidateQueries({ queryKey: ["modules"] });
      await queries.invalidateQueries({ queryKey: ["module", saved.id] });
      await queries.invalidateQueries({ queryKey: ["module-versions", saved.id] });
      if (module === undefined) await navigate({ to: "/modules/$id", params: { id: String(saved.id) } });
    },
  });
  const problems = preview.data?.problems ?? [];
  const shown = preview.data?.module ?? (module === undefined ? undefined : { ...module });
  const isSaved = module?.enabled === true && source === module.source;
  const mayTryDraft = can("modules.write") && can("runs.adhoc");
  const tried = !can("runs.start")
    ? undefined
    : isSaved
      ? { module: module.id }
      : mayTryDraft
        ? { draft: { source } }
        : undefined;
  const refused = save.error instanceof OmError && save.error.code === "module.invalid";
  return (
    <div className={styles.editor}>
      <div className={styles.column}>
        {module?.builtIn === true ? <p className={styles.note}>{t("modules.builtInNote")}</p> : null}
        <CodeEditor
          label={t("modules.source")}
          language="manifest"
          value={source}
          onChange={setSource}
          problems={problems}
          readOnly={!editable}
        />
        {save.error && !refused ? <ProblemAlert error={save.error} /> : null}
        {refused && problems.length === 0 ? <ProblemAlert error={save.error} /> : null}
        {editable ? (
          <div className={styles.foot}>
            <Button
              loading={save.isPending}
              disabled={problems.length > 0 || (module !== undefined && source === module.source)}
              onClick={() => save.mutate()}
            >
              {module === undefined ? t("modules.create") : t("modules.save", { version: module.version + 1 })}
            </Button>
          </div>
        ) : null}
      </div>
      <div className={styles.column}>
        <ModuleFormPreview module={shown} tried={problems.length > 0 ? undefined : tried} />
        {preview.error ? <ProblemAlert error={preview.error} /> : null}
      </div>
    </div>
  );
}
