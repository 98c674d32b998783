import { foldHosts } from "../../../src/contract/host-range.ts";
import { client } from "../../api/client.ts";
import type { Host, ImportReport } from "../../api/types.ts";

/** The hosts that the set-up goes on with. */
export interface ChosenHosts {
  /** Of many, the first ones: as many as are worth trying one by one. */
  readonly tried: readonly Host[];
  readonly total: number;
  /** The controller's own machine: there is no host key to check. */
  readonly onThisMachine: boolean;
  /** Each of them is the controller's own machine, or names a credential. */
  readonly haveWayIn: boolean;
  /** Names, folded. */
  readonly summary: string;
}

/** So many hosts are tried for a connection; a query finds the rest later. */
export const mostTried = 10;

/** The first hosts of the inventory, whoever put them there. */
export async function hostsOfInventory(query = ""): Promise<ChosenHosts> {
  const { rows, total } = await client.call("GET /hosts", { query: { query, limit: mostTried } });
  const names = foldHosts(rows.map(({ name }) => name));
  const isLocal = ({ engines }: Host) => engines.every((engine) => engine === "local");
  return {
    tried: rows,
    total,
    onThisMachine: rows.length > 0 && rows.every(isLocal),
    haveWayIn: rows.length > 0 && rows.every((host) => isLocal(host) || host.credential !== ""),
    summary: total > rows.length ? `${names} …` : names,
  };
}

/** The hosts that an import has just added or changed; those of the inventory where it found all as they were. */
export async function hostsOfImport(report: ImportReport): Promise<ChosenHosts> {
  const names = [...report.added, ...report.changed].map(({ name }) => name);
  return await hostsOfInventory(names.length > 0 && names.length <= 500 ? foldHosts(names) : "");
}

export interface NewHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly engine: "ssh" | "local";
  readonly category: CategoryNames;
}

export interface CategoryNames {
  readonly functionCategory: string;
  readonly appCategory: string;
}

/** One row of CSV, since an import makes host and categories at once or nothing at all. */
export function csvOf({ name, address, port, engine, category }: NewHost): string {
  const row = [name, category.functionCategory, category.appCategory, address, port, engine];
  return `name,function_category,app_category,inner_address,port,engine\n${row.map(cell).join(",")}\n`;
}

function cell(value: string | number): string {
  return `"${String(value).replaceAll('"', '""')}"`;
}
