import { createStore } from "../../app/store.ts";
import type { Draft } from "../../components/parameter-form/form-model.ts";

export type TaskTab = "module" | "command" | "script";

export type OperatePane = "hosts" | "task" | "output";

export interface OperateState {
  readonly query: string;
  readonly tab: TaskTab;
  /** What a phone shows of the page. */
  readonly pane: OperatePane;
  readonly moduleId: number | undefined;
  /** What was typed into each module's form, secrets too: it stays in this page's memory only. */
  readonly drafts: Readonly<Record<number, Draft>>;
  readonly command: string;
  readonly script: string;
  readonly interpreter: string;
  readonly options: RunOptions;
  /** Runs started from this page, newest first. */
  readonly runIds: readonly number[];
}

/** Texts as typed; empty means: as the settings say. */
export interface RunOptions {
  readonly width: string;
  readonly waveSize: string;
  readonly maxFailures: string;
  readonly timeoutSeconds: string;
  readonly becomeUser: string;
}

export const emptyOptions: RunOptions = {
  width: "",
  waveSize: "",
  maxFailures: "",
  timeoutSeconds: "",
  becomeUser: "",
};

const runsKey = "omserver.operate.runs";

/** What stands on the operate page; it survives a look at another page. */
export const operateState = createStore<OperateState>({
  query: "",
  tab: "module",
  pane: "hosts",
  moduleId: undefined,
  drafts: {},
  command: "",
  script: "",
  interpreter: "/bin/sh",
  options: emptyOptions,
  runIds: readRunIds(),
});

export function changeOperate(change: Partial<OperateState>): void {
  operateState.set({ ...operateState.get(), ...change });
  if (change.runIds === undefined) return;
  try {
    sessionStorage.setItem(runsKey, JSON.stringify(change.runIds.slice(0, 20)));
  } catch {
    // Without storage the list is lost with a reload; the history has every run.
  }
}

function readRunIds(): readonly number[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(runsKey) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => Number.isSafeInteger(id)) : [];
  } catch {
    return [];
  }
}
