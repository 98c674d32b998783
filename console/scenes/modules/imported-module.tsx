import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../app/preferences.ts";
import { CodeEditor } from "../../components/code-editor/code-editor.tsx";
import { DangerMark } from "../../components/danger-mark/danger-mark.tsx";
import { DiffView } from "../../components/output-diff/diff-view.tsx";
import { ReasonText } from "../../components/state/reason-text.tsx";
import styles from "./imported-module.module.css";
import type { LookedFile } from "./looked-file.ts";

interface ImportedModuleProps {
  readonly file: LookedFile;
  readonly isOpen: boolean;
  readonly onOpen: (open: boolean) => void;
}

/** What the import of one file does: added, a new version with its differences, the same, or refused and why. */
export function ImportedModule({ file, isOpen, onOpen }: ImportedModuleProps) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const bodyId = useId();
  const { report, name, source } = file;
  const { action, module, current, problems, reason } = report;
  return (
    <section className={styles.file} data-action={action}>
      <UnstyledButton
        className={styles.head}
        aria-expanded={isOpen}
        aria-controls={bodyId}
        onClick={() => onOpen(!isOpen)}
      >
        <IconChevronRight size={14} data-open={isOpen} className={styles.chevron} />
        <strong>{module?.name[language] ?? name}</strong>
        {module === undefined ? null : (
          <>
            <code>{module.key}</code>
            <DangerMark danger={module.danger} />
          </>
        )}
        <span className={styles.action}>{t(`moduleImport.${action}`, { version: (current?.version ?? 0) + 1 })}</span>
      </UnstyledButton>
      {isOpen ? (
        <div id={bodyId} className={styles.body}>
          {reason === "" ? null : (
            <p className={styles.reason}>
              <ReasonText text={reason} />
            </p>
          )}
          {problems.length > 0 || current === undefined ? (
            <CodeEditor
              label={t("moduleImport.textOf", { name })}
              language="manifest"
              value={source}
              onChange={() => {}}
              problems={problems}
              size="field"
              readOnly
            />
          ) : (
            <DiffView
              label={t("moduleVersions.difference", { before: current.version, after: current.version + 1 })}
              before={current.source}
              after={source.replace(/^# OMServer module [^\n]*\n/, "")}
              maxHeight={320}
            />
          )}
        </div>
      ) : null}
    </section>
  );
}
