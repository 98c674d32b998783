import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import { CodeEditor } from "../../components/code-editor/code-editor.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { DiffView } from "../../components/output-diff/diff-view.tsx";
import styles from "./modules.module.css";

interface VersionLookProps {
  readonly moduleId: number;
  readonly version: number;
  /** The version that it is compared with; undefined for the text itself. */
  readonly against: number | undefined;
}

/** The text of a version, manifest and scripts, or what it has other than another version, line by line. */
export function VersionLook({ moduleId, version, against }: VersionLookProps) {
  const { t } = useTranslation();
  const looked = useVersion(moduleId, version);
  const other = useVersion(moduleId, against);
  const error = looked.error ?? other.error;
  if (error) return <ProblemAlert error={error} />;
  if (looked.data === undefined) return <Loading rows={4} />;
  if (against === undefined) {
    return (
      <CodeEditor
        label={t("modules.sourceOf", { version })}
        language="manifest"
        value={looked.data.source}
        onChange={() => {}}
        problems={[]}
        readOnly
      />
    );
  }
  return (
    <div className={styles.diff}>
      <DiffView
        label={t("moduleVersions.difference", {
          before: Math.min(version, against),
          after: Math.max(version, against),
        })}
        before={(version > against ? other : looked).data?.source}
        after={(version > against ? looked : other).data?.source}
        maxHeight={480}
      />
    </div>
  );
}

function useVersion(moduleId: number, version: number | undefined) {
  return useQuery({
    queryKey: ["module", moduleId, version],
    queryFn: ({ signal }) => client.call("GET /modules/:id", { params: { id: moduleId }, query: { version }, signal }),
    enabled: version !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
