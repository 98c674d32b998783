import { Button, CloseButton } from "@mantine/core";
import { IconEdit, IconFolderSymlink, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { BulkTask } from "./bulk-task.ts";
import styles from "./selection-bar.module.css";

interface SelectionBarProps {
  readonly count: number;
  readonly mayChange: boolean;
  readonly onTask: (kind: BulkTask["kind"]) => void;
  /** Undefined where the user starts no runs. */
  readonly onOperate: (() => void) | undefined;
  readonly onClear: () => void;
}

/** How many hosts are ticked, and what can be done with them together. */
export function SelectionBar({ count, mayChange, onTask, onOperate, onClear }: SelectionBarProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons that belong together, not a set of fields
    <div className={styles.bar} role="group" aria-label={t("bulk.selection")}>
      <strong className={styles.count} role="status">
        {t("bulk.selected", { count })}
      </strong>
      {onOperate === undefined ? null : (
        <Button variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={onOperate}>
          {t("host.operate")}
        </Button>
      )}
      {mayChange ? (
        <>
          <Button variant="default" leftSection={<IconEdit size={14} />} onClick={() => onTask("change")}>
            {t("bulk.change")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconFolderSymlink size={14} />}
            aria-keyshortcuts="m"
            onClick={() => onTask("move")}
          >
            {t("bulk.moveTo")}
          </Button>
          <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => onTask("delete")}>
            {t("inventory.delete")}
          </Button>
        </>
      ) : null}
      <CloseButton className={styles.clear} aria-label={t("bulk.clear")} title={t("bulk.clear")} onClick={onClear} />
    </div>
  );
}
