import { useQuery } from "@tanstack/react-query";
import { isFinalRunState } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";
import { WaitsNotice } from "../../components/waits/waits-notice.tsx";

/** For whom an open run waits: asked for now and then, since a controller goes and comes without a word of the run. */
export function RunWaits({ run }: { readonly run: Run }) {
  const open = !isFinalRunState(run.state);
  const asked = useQuery({
    queryKey: ["run-waits", run.id],
    queryFn: ({ signal }) => client.call("GET /runs/:id", { params: { id: run.id }, signal }),
    refetchInterval: 5000,
    enabled: open,
  });
  return open ? <WaitsNotice waits={asked.data?.waitsFor} /> : null;
}
