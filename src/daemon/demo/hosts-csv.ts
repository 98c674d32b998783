import type { FleetHost } from "./fleet.ts";

/** The fleet's hosts as the import takes them. */
export function hostsCsv(
  hosts: readonly FleetHost[],
  { user, credential }: { user: string; credential: string },
): string {
  const rows = hosts.map(({ name, functionCategory, appCategory, address, port, os, tags }) =>
    [name, functionCategory, appCategory, address, port, os, user, credential, tags.join(" ")].map(cell).join(","),
  );
  return ["name,function_category,app_category,inner_address,port,os,user,credential,tags", ...rows].join("\n");
}

function cell(value: string | number): string {
  return `"${String(value).replaceAll('"', '""')}"`;
}
