import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { ModuleSummary } from "../../api/types.ts";
import { useDebounced } from "../../api/use-debounced.ts";
import { useStore } from "../../app/store.ts";
import { type OperateSearch, operateSearchIn } from "./operate-search.ts";
import { changeOperate, operateState } from "./operate-state.ts";

/**
 * Keeps page and address together: a link from elsewhere sets query and module, and what is chosen here can be
 * reloaded and passed on. `modules` is undefined until the catalogue is there; a module that it does not have is left
 * alone.
 */
export function useAddress(modules: readonly ModuleSummary[] | undefined): void {
  const search = useSearch({ from: "/frame/" });
  const navigate = useNavigate();
  const written = useRef<OperateSearch>({});
  const { query, moduleId } = useStore(operateState);

  useEffect(() => {
    if (search.query !== undefined && search.query !== written.current.query) changeOperate({ query: search.query });
  }, [search.query]);

  useEffect(() => {
    if (search.module === undefined || search.module === written.current.module) return;
    const wanted = String(search.module);
    const found = modules?.find(({ id, key, enabled }) => enabled && (String(id) === wanted || key === wanted));
    if (found !== undefined) changeOperate({ moduleId: found.id, tab: "module", pane: "task" });
  }, [search.module, modules]);

  const still = useDebounced(query, 400);
  const waits = search.module !== undefined && search.module !== written.current.module && modules === undefined;
  useEffect(() => {
    // The first look belongs to the address; and an address that names a module is not overwritten before it was read.
    const now = operateState.get();
    if (waits || still !== now.query || moduleId !== now.moduleId) return;
    const next = operateSearchIn({
      query: still === "" ? undefined : still,
      module: moduleId === undefined ? undefined : moduleId,
    });
    written.current = next;
    if (next.query !== search.query || next.module !== search.module) {
      void navigate({ to: "/", search: next, replace: true });
    }
  }, [still, moduleId, waits, search, navigate]);
}
