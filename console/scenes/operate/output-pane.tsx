import { Button } from "@mantine/core";
import { IconClearAll, IconTerminal2 } from "@tabler/icons-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../app/store.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { RunCard } from "./later.tsx";
import styles from "./operate.module.css";
import { changeOperate, operateState } from "./operate-state.ts";

/** The runs that were started here, newest on top, as they answer. */
export function OutputPane() {
  const { t } = useTranslation();
  const { runIds } = useStore(operateState);
  return (
    <section className={styles.output} aria-label={t("operate.output")}>
      <header className={styles.outputHead}>
        <h2>{t("operate.output")}</h2>
        {runIds.length === 0 ? null : (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconClearAll size={14} />}
            onClick={() => changeOperate({ runIds: [] })}
          >
            {t("operate.clear")}
          </Button>
        )}
      </header>
      {runIds.length === 0 ? (
        <Empty icon={<IconTerminal2 size={28} />} title={t("operate.noRuns")}>
          <p>{t("operate.noRunsHint")}</p>
        </Empty>
      ) : (
        <Suspense fallback={<Loading rows={4} />}>
          {runIds.map((id, place) => (
            <RunCard
              key={id}
              runId={id}
              open={place === 0}
              onStarted={(run) => changeOperate({ runIds: [run.id, ...runIds] })}
            />
          ))}
        </Suspense>
      )}
    </section>
  );
}
