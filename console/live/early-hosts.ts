import { client } from "../api/client.ts";
import type { RunHosts } from "../api/types.ts";

interface Asked {
  readonly runId: number;
  readonly hosts: Promise<RunHosts>;
}

/** Nobody came for them: by then others may be right. */
const keptMilliseconds = 10_000;
let asked: Asked | undefined;

/** Asks for the hosts of a run while the scripts of its page are still on their way. An error is told to who takes them. */
export function askForHosts(runId: number): void {
  const mine = { runId, hosts: readHosts(runId) };
  asked = mine;
  mine.hosts.catch(() => undefined);
  setTimeout(() => {
    if (asked === mine) asked = undefined;
  }, keptMilliseconds);
}

/** The hosts that were asked for, once; after that, and for any other run, they are asked for now. */
export async function takeHosts(runId: number): Promise<RunHosts> {
  if (asked?.runId !== runId) return await readHosts(runId);
  const { hosts } = asked;
  asked = undefined;
  return await hosts;
}

async function readHosts(runId: number): Promise<RunHosts> {
  return await client.call("GET /runs/:id/hosts", { params: { id: runId } });
}
