import { OmError } from "../../../src/contract/errors.ts";
import type { ParameterSchema } from "../../../src/contract/module.ts";
import { type ExecutionState, executionStates } from "../../../src/contract/states.ts";
import type { WaitsFor } from "../../api/types.ts";
import type { CodeProblem } from "../../components/code-editor/code-editor.tsx";
import type { TreeRow } from "../../components/host-tree/tree-row.ts";
import type { GridCell } from "../../components/run-grid/run-grid.tsx";

/** What the parts are shown with: data, such as hosts and modules bring it, in every shape that a part draws differently. */

const row = { place: 1, siblings: 2 } as const;
export const treeRows: readonly TreeRow[] = [
  { ...row, id: "f1", kind: "function", level: 1, name: "Linux.Web", count: 64, choice: "some", expanded: true },
  { ...row, id: "a1", kind: "app", level: 2, name: "bbs.domain.com", count: 4, choice: "all", expanded: true },
  { ...row, id: "h1", kind: "host", level: 3, name: "bbs01", note: "10.1.0.1", choice: "all" },
  { ...row, id: "h2", kind: "host", level: 3, name: "bbs02", note: "10.1.0.2", choice: "none", disabled: true },
  { ...row, id: "a2", kind: "app", level: 2, name: "www.domain.com", count: 60, choice: "none", expanded: false },
  {
    ...row,
    id: "f2",
    kind: "function",
    level: 1,
    name: "数据库",
    count: 1280,
    choice: "none",
    expanded: false,
    place: 2,
  },
];

const gridStates: readonly ExecutionState[] = executionStates;
export const gridCells: readonly GridCell[] = Array.from({ length: 220 }, (_, position) => ({
  position,
  hostName: `web${String(position + 1).padStart(3, "0")}`,
  state: position < gridStates.length ? (gridStates[position] ?? "ok") : position % 41 === 0 ? "failed" : "ok",
}));

export const tableRows = gridCells.slice(0, 5);

export const output =
  "\u001b[1mReading package lists...\u001b[0m\n\u001b[32mok\u001b[0m      nginx 1.22.1\n\u001b[33mwarning\u001b[0m held back: openssl\n\u001b[31merror\u001b[0m   exit 100\n\u001b[44;37m done \u001b[0m \u0007 中文 😀\n";
export const outputBefore = "listen 80\nserver_name www\nroot /srv/www\ngzip on\n";
export const outputAfter = "listen 443 ssl\nserver_name www\nroot /srv/www\ngzip on\nhttp2 on\n";

export const script = '# Free space, fullest first.\nfor mount in "$@"; do\n  df -h "$mount" | tail -n 1\ndone\n';
export const manifest = "key: free-space\ndanger: maybe\nrun: {}\n";
export const manifestProblems: readonly CodeProblem[] = [
  { line: 2, column: 9, place: "danger", message: "must be read, change or destructive" },
];

export const schema: ParameterSchema = {
  type: "object",
  required: ["service", "lines"],
  properties: {
    service: { type: "string", title: "Service", examples: ["nginx"], "x-zh": { title: "服务" } },
    lines: { type: "integer", title: "Lines", minimum: 1, maximum: 1000, "x-zh": { title: "行数" } },
    mode: { type: "string", title: "Mode", enum: ["safe", "fast"], default: "safe", "x-zh": { title: "方式" } },
    token: { type: "string", title: "Token", format: "password", "x-zh": { title: "令牌" } },
    check: { type: "boolean", title: "Check first", default: true, "x-zh": { title: "先检查" } },
    note: { type: "string", title: "Note", format: "multiline", "x-zh": { title: "备注" } },
  },
};
export const faultyDraft = { lines: "5000", mode: "safe", check: true };

export const refusal = new OmError(
  "query.syntax",
  "Column 7 of the query: no host is named wbe01; did you mean web01.",
  {
    problems: [{ place: "1:7", message: "no host is named wbe01; did you mean web01" }],
  },
);
export const silence = new OmError(
  "request.unanswered",
  "OMServer did not answer at /api/v1/hosts. Check that it runs and that the address is right.",
);
export const matched = { count: 64, hosts: "bbs[01-04],web[01-60]" };
export const query = "Linux.Web and not tag:canary";
export const faultyQuery = "web01 db01";

export const waits: readonly WaitsFor[] = [
  { zone: "bj", controller: "bj-1", reason: "away", since: 1_764_000_000_000, hosts: 12 },
  { zone: "sh", reason: "none", hosts: 4 },
];

export const sizes = ["xs", "sm", "md", "lg", "xl"] as const;
export const spaces = [1, 2, 3, 4, 6, 8] as const;
export const colours = [
  "surface-0",
  "surface-1",
  "surface-2",
  "surface-3",
  "surface-code",
  "line",
  "line-strong",
  "accent",
  "accent-soft",
  "ok-soft",
  "warn-soft",
  "danger-soft",
  "added",
  "removed",
  "mark",
] as const;
