import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "../../components/layout/page.tsx";
import type { BulkTask, DraggedHosts } from "./bulk-task.ts";
import { CategoryTree } from "./category-tree.tsx";
import { Credentials } from "./credentials.tsx";
import { HostList } from "./host-list.tsx";
import styles from "./inventory.module.css";

/** Hosts by category and query, and the ways into them. The query stands in the address. */
export function Inventory() {
  const { t } = useTranslation();
  const { query = "" } = useSearch({ from: "/frame/inventory" });
  const navigate = useNavigate();
  const [tab, setTab] = useState("hosts");
  const [dragged, setDragged] = useState<DraggedHosts | undefined>(undefined);
  const [dropped, setDropped] = useState<BulkTask | undefined>(undefined);
  const ask = (next: string) =>
    void navigate({ to: "/inventory", search: next === "" ? {} : { query: next }, replace: true });
  return (
    <Page title={t("nav.inventory")} fill>
      <Tabs
        value={tab}
        onChange={(next) => setTab(next ?? "hosts")}
        keepMounted={false}
        classNames={{ root: styles.tabs, panel: styles.panel }}
      >
        <Tabs.List>
          <Tabs.Tab value="hosts">{t("inventory.hosts")}</Tabs.Tab>
          <Tabs.Tab value="credentials">{t("inventory.credentials")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="hosts">
          <div className={styles.hosts}>
            <CategoryTree
              query={query}
              onQuery={ask}
              isDragging={dragged !== undefined}
              onDrop={(appCategoryId) => {
                if (dragged !== undefined) setDropped({ kind: "move", ...dragged, appCategoryId });
              }}
            />
            <HostList
              query={query}
              onQuery={ask}
              onDrag={setDragged}
              dropped={dropped}
              onDropDone={() => setDropped(undefined)}
            />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="credentials">
          <Credentials />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
