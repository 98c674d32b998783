import type { CallOutput } from "../../../src/contract/http/client.ts";

/** A file and what its import would do. */
export interface LookedFile {
  readonly name: string;
  readonly source: string;
  readonly report: CallOutput<"POST /modules/import">;
}
