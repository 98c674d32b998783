import { SegmentedControl, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { modulesQuery } from "../../api/modules-query.ts";
import { useMatch } from "../../api/use-match.ts";
import { useStore } from "../../app/store.ts";
import { usePhone } from "../../components/layout/use-phone.ts";
import { useTitle } from "../../components/layout/use-title.ts";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./operate.module.css";
import { changeOperate, type OperatePane, operateState } from "./operate-state.ts";
import { OutputPane } from "./output-pane.tsx";
import { TargetPane } from "./target-pane.tsx";
import { TaskPane } from "./task-pane.tsx";
import { useAddress } from "./use-address.ts";

/** The home: hosts on the left, what to do on top, what they answer below. */
export function Operate() {
  const { t } = useTranslation();
  const { query } = useStore(operateState);
  const match = useMatch(query);
  const phone = usePhone();
  const modules = useQuery(modulesQuery);
  useAddress(modules.data?.modules);
  useTitle(t("operate.title"));
  return (
    <>
      <VisuallyHidden component="h1">{t("operate.title")}</VisuallyHidden>
      {phone ? (
        <OperateOnPhone match={match} />
      ) : (
        <div className={styles.operate}>
          <TargetPane match={match} />
          <div className={styles.work}>
            <TaskPane match={match} />
            <OutputPane />
          </div>
        </div>
      )}
    </>
  );
}

interface OperateOnPhoneProps {
  readonly match: ReturnType<typeof useMatch>;
}

/** One pane at a time, in the order in which they are used. */
function OperateOnPhone({ match }: OperateOnPhoneProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { runIds, pane } = useStore(operateState);
  const [seen, setSeen] = useState(runIds[0]);
  if (runIds[0] !== seen) {
    setSeen(runIds[0]);
    if (runIds[0] !== undefined) changeOperate({ pane: "output" });
  }
  const count = match.latest === undefined ? "" : ` ${format.number(match.latest.count)}`;
  return (
    <div className={styles.phone}>
      <SegmentedControl
        fullWidth
        size="sm"
        aria-label={t("operate.pane")}
        value={pane}
        onChange={(next) => changeOperate({ pane: next as OperatePane })}
        data={[
          { value: "hosts", label: `${t("operate.paneHosts")}${count}` },
          { value: "task", label: t("operate.paneTask") },
          { value: "output", label: t("operate.output") },
        ]}
      />
      {pane === "hosts" ? <TargetPane match={match} /> : null}
      {pane === "task" ? <TaskPane match={match} /> : null}
      {pane === "output" ? <OutputPane /> : null}
    </div>
  );
}
