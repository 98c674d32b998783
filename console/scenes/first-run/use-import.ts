import { useMutation } from "@tanstack/react-query";
import { client } from "../../api/client.ts";
import type { ImportReport } from "../../api/types.ts";
import { type ChosenHosts, csvOf, hostsOfImport, type NewHost } from "./chosen-hosts.ts";

/** What became of adding one host: the hosts to go on with, or why it was refused. */
type Added = { readonly hosts: ChosenHosts } | { readonly refused: ImportReport["refused"] };

/** Adds one host with its categories, all or nothing. */
export function useAddHost(onChosen: (hosts: ChosenHosts) => void) {
  const add = useMutation({
    mutationFn: async (host: NewHost): Promise<Added> => {
      const body = { format: "csv", text: csvOf(host), preview: false } as const;
      const report = await client.call("POST /hosts/import", { body });
      return report.applied ? { hosts: await hostsOfImport(report) } : { refused: report.refused };
    },
    onSuccess: (added) => {
      if ("hosts" in added) onChosen(added.hosts);
    },
  });
  const refused = add.data !== undefined && "refused" in add.data ? add.data.refused : [];
  return { add: add.mutate, isPending: add.isPending, error: add.error, refused };
}
