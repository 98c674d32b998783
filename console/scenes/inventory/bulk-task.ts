import type { CallInput } from "../../../src/contract/http/client.ts";

/** What several hosts are given together. */
export type HostsChange = CallInput<"POST /hosts/change">["body"]["change"];

/** What is done with several hosts together, named by their query and number. */
export interface BulkTask {
  readonly kind: "change" | "move" | "delete";
  readonly query: string;
  readonly count: number;
  /** Where hosts were dropped. */
  readonly appCategoryId?: number;
}

/** Hosts under the pointer, by query and number. */
export interface DraggedHosts {
  readonly query: string;
  readonly count: number;
}
