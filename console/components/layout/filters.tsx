import { Button } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./filters.module.css";
import { usePhone } from "./use-phone.ts";

interface FiltersProps {
  /** How many of them are set. */
  readonly set: number;
  /** Undefined: they cannot be cleared together. */
  readonly onClear?: (() => void) | undefined;
  readonly children: ReactNode;
}

/** Filters of a list side by side; on a phone behind a button that tells how many are set, so that the list has the room. */
export function Filters({ set, onClear, children }: FiltersProps) {
  const { t } = useTranslation();
  const phone = usePhone();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const clear =
    set === 0 || onClear === undefined ? null : (
      <Button variant="subtle" onClick={onClear}>
        {t("history.clear")}
      </Button>
    );
  if (!phone) {
    return (
      <div className={styles.filters}>
        {children}
        {clear}
      </div>
    );
  }
  return (
    <div className={styles.folded}>
      <div className={styles.filters}>
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} />}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {set === 0 ? t("history.filters") : t("history.filtersSet", { count: set })}
        </Button>
        {clear}
      </div>
      <div id={id} className={styles.fields} hidden={!isOpen}>
        {isOpen ? children : null}
      </div>
    </div>
  );
}
