import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Run } from "../../api/types.ts";
import { WaitsNotice } from "../../components/waits/waits-notice.tsx";
import { useAskedRun } from "./asked-run.ts";

/** For whom an open run waits: asked for now and then, since a controller goes and comes without a word of the run. */
export function RunWaits({ run }: { readonly run: Run }) {
  const asked = useAskedRun(run);
  return isFinalRunState(run.state) ? null : <WaitsNotice waits={asked?.waitsFor} />;
}
