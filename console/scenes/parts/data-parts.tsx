import { Tabs } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { HostTree } from "../../components/host-tree/host-tree.tsx";
import { Panel } from "../../components/layout/panel.tsx";
import { QueryBox } from "../../components/query-box/query-box.tsx";
import { RunGrid } from "../../components/run-grid/run-grid.tsx";
import { ExecutionMark } from "../../components/state/state-mark.tsx";
import { DataTable } from "../../components/table/data-table.tsx";
import styles from "./parts.module.css";
import { faultyQuery, gridCells, matched, query, refusal, tableRows, treeRows } from "./samples.ts";

/** Tree, query, table and grid, over hosts that are made up. */
export function DataParts() {
  const { t } = useTranslation();
  const [selected, setSelected] = useState<number | undefined>(3);
  const [text, setText] = useState(query);
  const [faulty, setFaulty] = useState(faultyQuery);
  const placeholder = t("operate.queryPlaceholder");
  return (
    <>
      <Panel title={t("operate.tree")}>
        <div className={styles.tree}>
          <HostTree label={t("operate.tree")} rows={treeRows} onExpand={() => undefined} onChoose={() => undefined} />
        </div>
      </Panel>
      <Panel title={t("operate.query")}>
        <QueryBox
          label={t("operate.query")}
          value={text}
          onChange={setText}
          placeholder={placeholder}
          matched={matched}
        />
        <QueryBox
          label={t("parts.faultyQuery")}
          value={faulty}
          onChange={setFaulty}
          placeholder={placeholder}
          error={refusal}
        />
        <QueryBox
          label={t("parts.emptyQuery")}
          value=""
          onChange={() => undefined}
          placeholder={placeholder}
          emptyText={t("query.empty")}
        />
      </Panel>
      <Panel title={t("parts.table")}>
        <Tabs defaultValue="first">
          <Tabs.List aria-label={t("parts.table")}>
            <Tabs.Tab value="first">{t("parts.field")}</Tabs.Tab>
            <Tabs.Tab value="second">{t("parts.hint")}</Tabs.Tab>
            <Tabs.Tab value="third" disabled>
              {t("parts.button.quiet")}
            </Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="first">
            <div className={styles.table}>
              <DataTable
                label={t("parts.table")}
                rows={tableRows}
                rowKey={(cell) => cell.position}
                selectedKey={1}
                columns={[
                  { key: "name", header: t("inventory.name"), cell: (cell) => <code>{cell.hostName}</code> },
                  { key: "state", header: t("history.state"), cell: (cell) => <ExecutionMark state={cell.state} /> },
                ]}
              />
            </div>
          </Tabs.Panel>
          <Tabs.Panel value="second">{t("parts.sentence")}</Tabs.Panel>
        </Tabs>
      </Panel>
      <Panel title={t("parts.grid")}>
        <RunGrid
          label={t("run.grid", { count: gridCells.length })}
          cells={gridCells}
          selected={selected}
          onSelect={setSelected}
        />
      </Panel>
    </>
  );
}
