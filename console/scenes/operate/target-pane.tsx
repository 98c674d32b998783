import { IconServer2 } from "@tabler/icons-react";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { expandHosts } from "../../../src/contract/host-range.ts";
import { suggestQuery } from "../../api/suggest-query.ts";
import type { Match } from "../../api/use-match.ts";
import { useSession } from "../../api/use-session.ts";
import { useStore } from "../../app/store.ts";
import { Empty } from "../../components/feedback/empty.tsx";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { HostTree } from "../../components/host-tree/host-tree.tsx";
import type { TreeRow } from "../../components/host-tree/tree-row.ts";
import { ButtonLink } from "../../components/layout/button-link.tsx";
import { QueryBox } from "../../components/query-box/query-box.tsx";
import styles from "./operate.module.css";
import { changeOperate, operateState } from "./operate-state.ts";
import { deselect, readSelection, select, type TreeIndex, writeSelection } from "./selection.ts";
import type { Matched } from "./tree-choice.ts";
import { useHostTree } from "./use-host-tree.ts";

interface TargetPaneProps {
  readonly match: Match;
}

/** Which hosts: the tree and the query say the same, and either can be changed. */
export function TargetPane({ match }: TargetPaneProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const { query } = useStore(operateState);
  const { report } = match;
  const matched = useMemo(() => matchedOf(report), [report]);
  const read = useCallback((index: TreeIndex) => readSelection(query, index), [query]);
  const tree = useHostTree(read, matched);

  function choose(row: TreeRow): void {
    if (row.kind === "more") tree.showMore(row);
    const node = tree.nodeOf(row);
    if (node === undefined) return;
    const selection = readSelection(query, tree.index);
    const change = row.choice === "all" ? deselect : select;
    changeOperate({ query: writeSelection(change(selection, node, tree.index)) });
  }

  return (
    <section className={styles.target} aria-label={t("operate.targets")}>
      <div className={styles.targetQuery}>
        <QueryBox
          label={t("operate.query")}
          value={query}
          onChange={(next) => changeOperate({ query: next })}
          placeholder={t("operate.queryPlaceholder")}
          suggest={suggestQuery}
          matched={match.report ?? (match.error ? undefined : match.latest)}
          error={match.error}
          isLoading={match.isLoading}
        />
      </div>
      {tree.isLoading ? <Loading rows={10} /> : null}
      {tree.error ? <ProblemAlert error={tree.error} /> : null}
      {!tree.isLoading && !tree.error && tree.rows.length === 0 ? (
        <Empty icon={<IconServer2 size={28} />} title={t("operate.noHosts")}>
          <p>{t("operate.noHostsHint")}</p>
          {can("hosts.connect") && can("runs.start") ? (
            <ButtonLink to="/set-up" variant="filled">
              {t("operate.toSetUp")}
            </ButtonLink>
          ) : null}
          {can("inventory.write") ? <ButtonLink to="/inventory">{t("operate.toInventory")}</ButtonLink> : null}
        </Empty>
      ) : (
        <HostTree label={t("operate.tree")} rows={tree.rows} onExpand={tree.expand} onChoose={choose} />
      )}
    </section>
  );
}

function matchedOf(report: Match["report"]): Matched | undefined {
  if (report === undefined) return undefined;
  // 100,000 names take a moment, and only an opened category asks for any.
  let names: ReadonlySet<string> | undefined;
  return {
    has(name) {
      names ??= new Set(expandHosts(report.hosts));
      return names.has(name);
    },
    byApp: new Map((report.appCategories ?? []).map(({ id, count }) => [id, count])),
  };
}
