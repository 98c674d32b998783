import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "../../components/layout/panel.tsx";
import { outputLines } from "../../components/output/output-lines.ts";
import { OutputView } from "../../components/output/output-view.tsx";
import { DiffView } from "../../components/output-diff/diff-view.tsx";
import { output, outputAfter, outputBefore } from "./samples.ts";

/** What hosts print: colours, control characters, a search; and two answers held against each other. */
export function OutputParts() {
  const { t } = useTranslation();
  const lines = useMemo(() => outputLines(output), []);
  return (
    <>
      <Panel title={t("operate.output")}>
        <OutputView label={t("operate.output")} lines={lines} wrap={false} />
        <OutputView label={t("parts.found")} lines={lines} wrap find="ok" />
      </Panel>
      <Panel title={t("parts.difference")}>
        <DiffView label={t("parts.difference")} before={outputBefore} after={outputAfter} maxHeight={220} />
        <DiffView label={t("parts.same")} before={outputBefore} after={outputBefore} maxHeight={220} />
      </Panel>
    </>
  );
}
