import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../app/store.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import layout from "../../components/layout/fields.module.css";
import { RunOptionFields } from "./later.tsx";
import styles from "./operate.module.css";
import { operateState } from "./operate-state.ts";

/** Width, waves, limits: folded away, since the settings' values do for most runs. */
export function RunOptionsForm() {
  const { t } = useTranslation();
  const { options } = useStore(operateState);
  const set = Object.values(options).filter((text) => text !== "").length;
  const [open, setOpen] = useState(set > 0);
  const id = useId();
  return (
    <div className={styles.options}>
      <UnstyledButton
        className={styles.optionsToggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} data-open={open} />
        {set === 0 ? t("options.title") : t("options.titleSet", { count: set })}
      </UnstyledButton>
      {open ? (
        <div id={id} className={`${styles.optionsForm} ${layout.fields}`}>
          <Suspense fallback={<Loading rows={4} />}>
            <RunOptionFields />
          </Suspense>
        </div>
      ) : null}
    </div>
  );
}
